#include "cel/encoding.hpp"
#include "cel/library.hpp"

namespace ms::cel {
namespace {

using Arguments = std::span<const Value>;

Value encode(Arguments args, EvalContext& context) {
  if (!context.charge(args[0].as_bytes().size())) return context.limit_reached();
  return context.string(encode_base64(args[0].as_bytes()));
}

Value decode(Arguments args, EvalContext& context) {
  if (!context.charge(args[0].as_string().size())) return context.limit_reached();
  const std::optional<std::string> content = decode_base64(args[0].as_string());
  if (!content) return context.invalid_argument("the text is not base64");
  return Value::bytes(context.arena.copy(*content));
}

constexpr FunctionEntry kEntries[] = {
    {"base64.encode(bytes) -> string", "Bytes as base64.", "base64.encode(b'hello') == 'aGVsbG8='", encode},
    {"base64.decode(string) -> bytes", "Bytes from base64, with or without padding.",
     "base64.decode('aGVsbG8') == b'hello'", decode},
};

}  // namespace

std::span<const FunctionEntry> encoding_functions() {
  return kEntries;
}

}  // namespace ms::cel
