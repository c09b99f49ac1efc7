#include "cel/function.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "cel/inline_vector.hpp"

namespace ms::cel {
namespace {

constexpr std::uint32_t bit(Kind kind) {
  return 1u << static_cast<unsigned>(kind);
}
constexpr std::uint32_t kAnyKind = bit(Kind::unknown) - 1;

std::uint32_t kinds_of(const TypeNode& type) {
  switch (type.kind) {
    case TypeKind::null:
      return bit(Kind::null);
    case TypeKind::boolean:
      return bit(Kind::boolean);
    case TypeKind::integer:
      return bit(Kind::integer);
    case TypeKind::unsigned_integer:
      return bit(Kind::unsigned_integer);
    case TypeKind::real:
      return bit(Kind::real);
    case TypeKind::string:
      return bit(Kind::string);
    case TypeKind::bytes:
      return bit(Kind::bytes);
    case TypeKind::timestamp:
      return bit(Kind::timestamp);
    case TypeKind::duration:
      return bit(Kind::duration);
    case TypeKind::type:
      return bit(Kind::type);
    case TypeKind::list:
      return bit(Kind::list);
    case TypeKind::map:
      return bit(Kind::map);
    case TypeKind::optional:
      return bit(Kind::optional);
    case TypeKind::opaque:
      return bit(Kind::opaque);
    case TypeKind::object:
      return bit(Kind::map);
    case TypeKind::dyn:
    case TypeKind::parameter:
      return kAnyKind;
  }
  return kAnyKind;
}

// Reads one signature. They are part of the program, so a wrong one throws std::invalid_argument.
class SignatureReader {
 public:
  SignatureReader(std::string_view text, Arena& arena) : text_(text), arena_(arena) {}

  Overload read() {
    Overload overload;
    overload.signature = text_;
    InlineVector<const TypeNode*, 8> parameters;
    if (const TypeNode* const receiver = read_receiver()) {
      overload.member = true;
      parameters.push_back(receiver);
    }
    overload.name = word();
    need('(');
    while (!accept(')')) {
      parameters.push_back(type());
      if (text_.substr(position_, 3) == "...") {
        overload.variadic = true;
        position_ += 3;
      }
      accept(',');
    }
    blanks();
    if (text_.substr(position_, 2) != "->") fail();
    position_ += 2;
    overload.result = type();
    blanks();
    if (position_ != text_.size()) fail();

    overload.parameters = arena_.copy(parameters.all());
    const std::span<std::uint32_t> kinds = arena_.array<std::uint32_t>(parameters.size());
    for (std::size_t i = 0; i < kinds.size(); ++i) kinds[i] = kinds_of(*parameters[i]);
    overload.kinds = kinds;
    overload.type_parameters = static_cast<std::uint32_t>(letters_.size());
    return overload;
  }

 private:
  [[noreturn]] void fail() const { throw std::invalid_argument(fmt::format("not a signature: {}", text_)); }

  void blanks() {
    while (position_ < text_.size() && text_[position_] == ' ') ++position_;
  }
  bool accept(char c) {
    blanks();
    if (position_ == text_.size() || text_[position_] != c) return false;
    ++position_;
    return true;
  }
  void need(char c) {
    if (!accept(c)) fail();
  }

  std::string_view word() {
    blanks();
    const std::size_t start = position_;
    const auto is_word = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
             c == '.' || std::string_view("+-*/%!<").find(c) != std::string_view::npos;
    };
    while (position_ < text_.size() && is_word(text_[position_]) && text_.substr(position_, 3) != "..." &&
           text_.substr(position_, 2) != "->") {
      ++position_;
    }
    if (start == position_) fail();
    return text_.substr(start, position_ - start);
  }

  // "string." or "list(A)." before the name; anything else before a dot belongs to the name, as in math.abs.
  const TypeNode* read_receiver() {
    const std::size_t start = position_;
    const std::string_view name = word();
    if (accept('(')) {
      // Either the parameters of the receiver or those of the function: a dot behind them tells.
      int open = 1;
      while (open > 0 && position_ < text_.size()) {
        const char c = text_[position_++];
        open += c == '(' ? 1 : c == ')' ? -1 : 0;
      }
      const bool is_receiver = position_ < text_.size() && text_[position_] == '.';
      if (is_receiver) {
        position_ = start;
        const TypeNode* const receiver = type();
        need('.');
        return receiver;
      }
    }
    position_ = start;
    constexpr std::string_view kReceivers[] = {"string.",   "bytes.",  "timestamp.", "duration.",
                                               "int.",      "uint.",   "double.",    "net.IP.",
                                               "net.CIDR.", "cpuset.", "dyn."};
    for (const std::string_view receiver : kReceivers) {
      if (!name.starts_with(receiver)) continue;
      position_ = start + receiver.size();
      return named_type(receiver.substr(0, receiver.size() - 1), {});
    }
    return nullptr;
  }

  const TypeNode* type() {
    const std::string_view name = word();
    InlineVector<const TypeNode*, 4> parts;
    if (position_ < text_.size() && text_[position_] == '(') {
      ++position_;
      while (!accept(')')) {
        parts.push_back(type());
        accept(',');
      }
    }
    return named_type(name, parts.all());
  }

  const TypeNode* named_type(std::string_view name, std::span<const TypeNode* const> parts) {
    if (name.size() == 1 && name[0] >= 'A' && name[0] <= 'Z') {
      auto letter = std::find(letters_.begin(), letters_.end(), name[0]);
      if (letter == letters_.end()) letter = letters_.insert(letters_.end(), name[0]);
      const auto variable = static_cast<std::uint32_t>(letter - letters_.begin());
      return arena_.make<TypeNode>(TypeNode{.kind = TypeKind::parameter, .variable = variable, .name = name});
    }
    for (int i = 0; i <= static_cast<int>(TypeKind::optional); ++i) {
      const TypeNode* const basic = basic_type(static_cast<TypeKind>(i));
      if (to_text(*basic) != name) continue;
      if (parts.empty()) return basic;
      return arena_.make<TypeNode>(TypeNode{.kind = basic->kind, .parameters = arena_.copy(parts)});
    }
    return arena_.make<TypeNode>(
        TypeNode{.kind = TypeKind::opaque, .parameters = arena_.copy(parts), .name = name});
  }

  std::string_view text_;
  Arena& arena_;
  std::size_t position_ = 0;
  std::vector<char> letters_;
};

}  // namespace

bool Overload::takes(std::span<const Value> arguments) const {
  if (!takes_count(arguments.size())) return false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::size_t parameter = std::min(i, kinds.size() - 1);
    if ((kinds[parameter] & bit(arguments[i].kind())) == 0) return false;
    // Opaque values share a kind and differ by name.
    const bool wants_opaque = parameters[parameter]->kind == TypeKind::opaque;
    if (wants_opaque && arguments[i].as_opaque().type->name != parameters[parameter]->name) return false;
  }
  return true;
}

void FunctionTable::add(const FunctionEntry& entry, const FunctionTable* base) {
  Overload overload = SignatureReader(arena_.copy(entry.signature), arena_).read();
  overload.implementation = entry.implementation;
  std::unique_ptr<FunctionGroup>& group = groups_[overload.name];
  if (group == nullptr) {
    group = std::make_unique<FunctionGroup>();
    group->name = overload.name;
    // A name of the standard library gains an overload; it keeps the others.
    if (base != nullptr) {
      if (const FunctionGroup* const known = base->find(overload.name)) group->overloads = known->overloads;
    }
  }
  group->overloads.push_back(arena_.make<Overload>(overload));
  const auto dot = overload.name.find('.');
  if (dot != overload.name.npos && !is_namespace(overload.name.substr(0, dot))) {
    namespaces_.push_back(overload.name.substr(0, dot));
  }
}

const FunctionGroup* FunctionTable::find(std::string_view name) const {
  const auto found = groups_.find(name);
  return found == groups_.end() ? nullptr : found->second.get();
}

bool FunctionTable::is_namespace(std::string_view name) const {
  return std::find(namespaces_.begin(), namespaces_.end(), name) != namespaces_.end();
}

}  // namespace ms::cel
