#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cstring>

#include "cel/library.hpp"
#include "cel/regex_cache.hpp"
#include "cel/utf8.hpp"

namespace ms::cel {
namespace {

using Arguments = std::span<const Value>;

Value out_of_range(std::int64_t index, EvalContext& context) {
  return context.invalid_argument(fmt::format("index out of range: {}", index));
}

// Byte offset of a code point that an argument names; nullopt outside the text.
std::optional<std::size_t> offset_of(std::string_view text, std::int64_t index) {
  if (index < 0) return std::nullopt;
  const std::size_t offset = offset_of_code_point(text, static_cast<std::size_t>(index));
  return offset == text.npos ? std::nullopt : std::optional(offset);
}

std::int64_t code_points_before(std::string_view text, std::size_t offset) {
  return static_cast<std::int64_t>(count_code_points(text.substr(0, offset)));
}

// memmem is linear; std::string_view::find is not, which a hostile text would use. In a short text it is
// faster, since memmem fills a table first.
std::size_t find_text(std::string_view text, std::string_view part, std::size_t from) {
  if (from > text.size()) return text.npos;
  if (part.empty()) return from;
  constexpr std::size_t kShort = 256;
  if (text.size() - from <= kShort) return text.find(part, from);
  const void* const found = ::memmem(text.data() + from, text.size() - from, part.data(), part.size());
  return found == nullptr ? text.npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

bool charge_scan(std::string_view text, EvalContext& context) {
  return context.step(text.size() / 64);
}

Value size_of_string(Arguments args, EvalContext& context) {
  if (!charge_scan(args[0].as_string(), context)) return context.limit_reached();
  return Value::integer(static_cast<std::int64_t>(count_code_points(args[0].as_string())));
}

Value size_of_bytes(Arguments args, EvalContext&) {
  return Value::integer(static_cast<std::int64_t>(args[0].as_bytes().size()));
}

Value contains(Arguments args, EvalContext& context) {
  if (!charge_scan(args[0].as_string(), context)) return context.limit_reached();
  return Value::boolean(find_text(args[0].as_string(), args[1].as_string(), 0) != std::string_view::npos);
}

Value starts_with(Arguments args, EvalContext&) {
  return Value::boolean(args[0].as_string().starts_with(args[1].as_string()));
}

Value ends_with(Arguments args, EvalContext&) {
  return Value::boolean(args[0].as_string().ends_with(args[1].as_string()));
}

// A pattern that is only known now: compiling it is what costs.
Value matches(Arguments args, EvalContext& context) {
  constexpr std::uint64_t kCompilationSteps = 200;
  const std::string_view text = args[0].as_string();
  if (!context.step(kCompilationSteps + (text.size() + args[1].as_string().size()) / 16))
    return context.limit_reached();
  const Regex regex = compiled_regex(args[1].as_string());
  if (regex.pattern == nullptr)
    return context.invalid_argument(fmt::format("not a pattern: {}", regex.error));
  return Value::boolean(re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex.pattern));
}

Value char_at(Arguments args, EvalContext& context) {
  const std::string_view text = args[0].as_string();
  if (!charge_scan(text, context)) return context.limit_reached();
  const std::optional<std::size_t> start = offset_of(text, args[1].as_int());
  if (!start) return out_of_range(args[1].as_int(), context);
  std::size_t end = *start;
  if (end < text.size()) decode_utf8(text, end);
  return Value::string(text.substr(*start, end - *start));
}

Value index_of(Arguments args, EvalContext& context) {
  const std::string_view text = args[0].as_string();
  if (!charge_scan(text, context)) return context.limit_reached();
  const std::int64_t from = args.size() > 2 ? args[2].as_int() : 0;
  const std::optional<std::size_t> start = offset_of(text, from);
  if (!start) return out_of_range(from, context);
  const std::size_t found = find_text(text, args[1].as_string(), *start);
  return Value::integer(found == text.npos ? -1 : code_points_before(text, found));
}

Value last_index_of(Arguments args, EvalContext& context) {
  const std::string_view text = args[0].as_string();
  const std::string_view part = args[1].as_string();
  if (!context.step(1 + text.size() / 64 * (1 + part.size() / 64))) return context.limit_reached();
  std::size_t last = text.size();
  if (args.size() > 2) {
    const std::optional<std::size_t> offset = offset_of(text, args[2].as_int());
    if (!offset) return out_of_range(args[2].as_int(), context);
    last = *offset;
  }
  const std::size_t found = text.rfind(part, last);
  return Value::integer(found == text.npos ? -1 : code_points_before(text, found));
}

template <char kFirst, char kLast, int kShift>
Value change_case(Arguments args, EvalContext& context) {
  const std::string_view text = args[0].as_string();
  if (!context.charge(text.size())) return context.limit_reached();
  char* const out = context.arena.text(text.size());
  std::transform(text.begin(), text.end(), out,
                 [](char c) { return c >= kFirst && c <= kLast ? static_cast<char>(c + kShift) : c; });
  return Value::string({out, text.size()});
}

Value replace(Arguments args, EvalContext& context) {
  const std::string_view text = args[0].as_string();
  const std::string_view part = args[1].as_string();
  const std::string_view with = args[2].as_string();
  std::int64_t left = args.size() > 3 ? args[3].as_int() : -1;
  std::string out;
  std::size_t position = 0;
  while (left != 0) {
    const std::size_t found = find_text(text, part, position);
    if (found == text.npos) break;
    if (!context.charge(with.size() + found - position + 1)) return context.limit_reached();
    out += text.substr(position, found - position);
    out += with;
    position = found + part.size();
    if (part.empty()) {
      // Nothing stands between all code points and at both ends.
      if (position == text.size()) return context.string(out);
      const std::size_t start = position;
      decode_utf8(text, position);
      out += text.substr(start, position - start);
    }
    if (left > 0) --left;
  }
  out += text.substr(position);
  return context.string(out);
}

Value split(Arguments args, EvalContext& context) {
  const std::string_view text = args[0].as_string();
  const std::string_view separator = args[1].as_string();
  const std::int64_t most = args.size() > 2 ? args[2].as_int() : -1;
  if (most == 0) return Value::list({});
  std::vector<Value> parts;
  std::size_t position = 0;
  const auto more = [&] { return most < 0 || static_cast<std::int64_t>(parts.size()) + 1 < most; };
  while (more()) {
    std::size_t end = 0;
    if (separator.empty()) {
      if (position >= text.size()) break;
      end = position;
      decode_utf8(text, end);
      if (end == text.size()) break;
    } else {
      end = find_text(text, separator, position);
      if (end == text.npos) break;
    }
    if (!context.charge(sizeof(Value))) return context.limit_reached();
    parts.push_back(Value::string(text.substr(position, end - position)));
    position = end + separator.size();
  }
  if (!separator.empty() || position < text.size()) parts.push_back(Value::string(text.substr(position)));
  return context.list(parts);
}

Value substring(Arguments args, EvalContext& context) {
  const std::string_view text = args[0].as_string();
  if (!charge_scan(text, context)) return context.limit_reached();
  const std::optional<std::size_t> start = offset_of(text, args[1].as_int());
  if (!start) return out_of_range(args[1].as_int(), context);
  if (args.size() == 2) return Value::string(text.substr(*start));
  const std::optional<std::size_t> end = offset_of(text, args[2].as_int());
  if (!end) return out_of_range(args[2].as_int(), context);
  if (*end < *start) {
    return context.invalid_argument(
        fmt::format("invalid substring range. start: {}, end: {}", args[1].as_int(), args[2].as_int()));
  }
  return Value::string(text.substr(*start, *end - *start));
}

bool is_unicode_space(std::uint32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

Value trim(Arguments args, EvalContext& context) {
  const std::string_view text = args[0].as_string();
  if (!charge_scan(text, context)) return context.limit_reached();
  std::size_t begin = text.size();
  std::size_t end = text.size();
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t start = i;
    if (is_unicode_space(decode_utf8(text, i))) continue;
    begin = std::min(begin, start);
    end = i;
  }
  return Value::string(text.substr(begin, end - begin));
}

Value reverse(Arguments args, EvalContext& context) {
  const std::string_view text = args[0].as_string();
  if (!context.charge(text.size())) return context.limit_reached();
  char* out = context.arena.text(text.size()) + text.size();
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t start = i;
    decode_utf8(text, i);
    out -= i - start;
    std::memcpy(out, text.data() + start, i - start);
  }
  return Value::string({out, text.size()});
}

Value join(Arguments args, EvalContext& context) {
  const std::string_view separator = args.size() > 1 ? args[1].as_string() : std::string_view();
  std::string out;
  for (std::size_t i = 0; i < args[0].size(); ++i) {
    const Value element = args[0].at(i);
    if (element.is_failure()) return element;
    if (!element.is(Kind::string)) {
      return context.error(
          ErrorCode::no_such_overload,
          fmt::format("join() takes a list of strings, not of {}", type_name(element.kind())));
    }
    if (!context.charge(element.as_string().size() + separator.size())) return context.limit_reached();
    if (i > 0) out += separator;
    out += element.as_string();
  }
  return context.string(out);
}

Value quote(Arguments args, EvalContext& context) {
  const std::string_view text = args[0].as_string();
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t start = i;
    const std::uint32_t c = decode_utf8(text, i);
    constexpr std::string_view kSpecial = "\a\b\f\n\r\t\v\\\"";
    constexpr std::string_view kLetters = "abfnrtv\\\"";
    const auto special = c < 0x80 ? kSpecial.find(static_cast<char>(c)) : kSpecial.npos;
    if (special != kSpecial.npos) {
      out += '\\';
      out += kLetters[special];
    } else if (c == 0xFFFD) {
      out += "\xEF\xBF\xBD";
    } else {
      out += text.substr(start, i - start);
    }
  }
  out += '"';
  return context.string(out);
}

constexpr FunctionEntry kEntries[] = {
    {"size(string) -> int", "Number of code points.", "size('\u00e9t\u00e9') == 3", size_of_string},
    {"size(bytes) -> int", "Number of bytes.", "size(b'abc') == 3", size_of_bytes},
    {"string.size() -> int", "Number of code points.", "'abc'.size() == 3", size_of_string},
    {"bytes.size() -> int", "Number of bytes.", "b'abc'.size() == 3", size_of_bytes},
    {"string.contains(string) -> bool", "Whether the text has this part.", "'tacocat'.contains('aco')",
     contains},
    {"string.startsWith(string) -> bool", "Whether it begins like this.", "'tacocat'.startsWith('taco')",
     starts_with},
    {"string.endsWith(string) -> bool", "Whether it ends like this.", "'tacocat'.endsWith('cat')", ends_with},
    {"string.matches(string) -> bool", "Whether an RE2 pattern matches anywhere in it.",
     "'Ascend910B3'.matches('^Ascend910B[1-4]$')", matches},
    {"matches(string, string) -> bool", "The same.", "matches('abc', 'b')", matches},
    {"string.charAt(int) -> string", "The code point at a position, '' at the end.", "'abc'.charAt(1) == 'b'",
     char_at},
    {"string.indexOf(string) -> int", "Where a part first is, -1 where it is not.",
     "'abcabc'.indexOf('c') == 2", index_of},
    {"string.indexOf(string, int) -> int", "The same, from a position on.", "'abcabc'.indexOf('c', 3) == 5",
     index_of},
    {"string.lastIndexOf(string) -> int", "Where a part last is, -1 where it is not.",
     "'abcabc'.lastIndexOf('c') == 5", last_index_of},
    {"string.lastIndexOf(string, int) -> int", "The same, at or before a position.",
     "'abcabc'.lastIndexOf('c', 4) == 2", last_index_of},
    {"string.lowerAscii() -> string", "With A-Z as a-z.", "'TaCo'.lowerAscii() == 'taco'",
     change_case<'A', 'Z', 32>},
    {"string.upperAscii() -> string", "With a-z as A-Z.", "'TaCo'.upperAscii() == 'TACO'",
     change_case<'a', 'z', -32>},
    {"string.replace(string, string) -> string", "With every first text replaced by the second.",
     "'a-b-c'.replace('-', '_') == 'a_b_c'", replace},
    {"string.replace(string, string, int) -> string", "The same, at most so many times.",
     "'a-b-c'.replace('-', '_', 1) == 'a_b-c'", replace},
    {"string.split(string) -> list(string)", "The parts between separators.",
     "'a,b'.split(',') == ['a', 'b']", split},
    {"string.split(string, int) -> list(string)", "The same, at most so many parts.",
     "'a,b,c'.split(',', 2) == ['a', 'b,c']", split},
    {"string.substring(int) -> string", "From a position to the end.", "'tacocat'.substring(4) == 'cat'",
     substring},
    {"string.substring(int, int) -> string", "From a position to before another.",
     "'tacocat'.substring(0, 4) == 'taco'", substring},
    {"string.trim() -> string", "Without white space at both ends.", "' a '.trim() == 'a'", trim},
    {"string.reverse() -> string", "Its code points in reverse.", "'abc'.reverse() == 'cba'", reverse},
    {"list(string).join() -> string", "All texts in one.", "['a', 'b'].join() == 'ab'", join},
    {"list(string).join(string) -> string", "All texts in one, with a separator between them.",
     "['a', 'b'].join(', ') == 'a, b'", join},
    {"strings.quote(string) -> string", "In double quotes, with escapes.",
     "strings.quote('a\\nb') == '\"a\\\\nb\"'", quote},
};

}  // namespace

std::span<const FunctionEntry> string_functions() {
  return kEntries;
}

}  // namespace ms::cel
