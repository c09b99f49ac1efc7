#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"
#include "base/units.hpp"
#include "cel/library.hpp"
#include "cel/regex_cache.hpp"
#include "cel/version.hpp"

namespace ms::cel {
namespace {

using Arguments = std::span<const Value>;

struct VersionValue : Opaque {
  std::string_view text;
};

std::string_view version_text(const Opaque& value) {
  return static_cast<const VersionValue&>(value).text;
}

constexpr OpaqueType kVersionType = {
    .name = "version",
    .equal = [](const Opaque& a,
                const Opaque& b) { return compare_versions(version_text(a), version_text(b)) == 0; },
    .compare =
        [](const Opaque& a, const Opaque& b) {
          const std::strong_ordering order = compare_versions(version_text(a), version_text(b));
          return order < 0 ? -1 : order > 0 ? 1 : 0;
        },
    .to_text = [](const Opaque& value) { return std::string(version_text(value)); },
};

Value version(Arguments args, EvalContext& context) {
  const std::string_view text = ms::trim(args[0].as_string());
  if (!is_version(text)) {
    return context.invalid_argument(fmt::format("'{}' is not a version", text.substr(0, 80)));
  }
  VersionValue* const value = context.arena.make<VersionValue>();
  value->type = &kVersionType;
  value->text = text;
  return Value::opaque(*value);
}

Value version_to_string(Arguments args, EvalContext&) {
  return Value::string(version_text(args[0].as_opaque()));
}

// Shell patterns without a regex: on a mismatch, the last star takes one character more.
bool glob_matches(std::string_view text, std::string_view pattern) {
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t star = pattern.npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Value glob(Arguments args, EvalContext& context) {
  const std::string_view text = args[0].as_string();
  const std::string_view pattern = args[1].as_string();
  if (!context.step(1 + text.size() * pattern.size() / 64)) return context.limit_reached();
  return Value::boolean(glob_matches(text, pattern));
}

template <class Matches>
Value keys_where(const Value& map, EvalContext& context, Matches matches) {
  std::vector<Value> keys;
  Value key;
  Value value;
  for (MapCursor cursor(map); cursor.next(key, value);) {
    if (!key.is(Kind::string)) continue;
    if (!context.step(1 + key.as_string().size() / 64)) return context.limit_reached();
    if (matches(key.as_string())) keys.push_back(key);
  }
  std::sort(keys.begin(), keys.end(),
            [](const Value& a, const Value& b) { return a.as_string() < b.as_string(); });
  return context.list(keys);
}

Value keys_matching(Arguments args, EvalContext& context) {
  const Regex regex = compiled_regex(args[1].as_string());
  if (regex.pattern == nullptr)
    return context.invalid_argument(fmt::format("not a pattern: {}", regex.error));
  return keys_where(args[0], context, [&](std::string_view key) {
    return re2::RE2::PartialMatch(re2::StringPiece(key.data(), key.size()), *regex.pattern);
  });
}

Value keys_glob(Arguments args, EvalContext& context) {
  const std::string_view pattern = args[1].as_string();
  if (!context.step(1 + args[0].size() * pattern.size() / 16)) return context.limit_reached();
  return keys_where(args[0], context, [&](std::string_view key) { return glob_matches(key, pattern); });
}

Value number(Arguments args, EvalContext& context) {
  const std::optional<double> value = parse_double(ms::trim(args[0].as_string()));
  if (!value) {
    return context.invalid_argument(fmt::format("'{}' is not a number", args[0].as_string().substr(0, 80)));
  }
  return Value::real(*value);
}

Value number_of_int(Arguments args, EvalContext&) {
  return Value::real(static_cast<double>(args[0].as_int()));
}
Value number_of_double(Arguments args, EvalContext&) {
  return args[0];
}

Value size_bytes(Arguments args, EvalContext& context) {
  const std::optional<std::int64_t> bytes = parse_size_bytes(args[0].as_string());
  if (!bytes) {
    return context.invalid_argument(fmt::format("'{}' is not a size (\"32GiB\", \"64 MB\", \"4096\")",
                                                args[0].as_string().substr(0, 80)));
  }
  return Value::integer(*bytes);
}

Value human_bytes(Arguments args, EvalContext& context) {
  return context.string(format_bytes(args[0].as_int()));
}

// The elements of the first list that are, or are not, in the second one.
Value keep_common(const Value& a, const Value& b, bool common, EvalContext& context) {
  if (!context.step(a.size() * (1 + b.size() / 4))) return context.limit_reached();
  std::vector<Value> kept;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Value element = a.at(i);
    if (element.is_failure()) return element;
    bool found = false;
    for (std::size_t j = 0; j < b.size() && !found; ++j) {
      const Value same = equal(element, b.at(j));
      if (same.is_failure()) return same;
      found = same.is_true();
    }
    if (found == common) kept.push_back(element);
  }
  return context.list(kept);
}

Value intersect(Arguments args, EvalContext& context) {
  return keep_common(args[0], args[1], true, context);
}
Value without(Arguments args, EvalContext& context) {
  return keep_common(args[0], args[1], false, context);
}

constexpr FunctionEntry kEntries[] = {
    {"version(string) -> version",
     "A version that compares as Ascend, Python and kernel versions do: alpha < beta < T1 < RC1 < release < "
     "post.",
     "version('24.1.RC2') < version('24.1.0')", version},
    {"string(version) -> string", "The version as it was written.", "string(version('8.2.RC1')) == '8.2.RC1'",
     version_to_string},
    {"glob(string, string) -> bool", "Whether a text matches a pattern with * and ?.",
     "glob('ASCEND_PROCESS_LOG_PATH', 'ASCEND_*')", glob},
    {"map(string, A).keysMatching(string) -> list(string)",
     "The keys that an RE2 pattern matches anywhere, sorted.",
     "{'A_STDOUT': '1', 'B': '2'}.keysMatching('STDOUT$') == ['A_STDOUT']", keys_matching},
    {"map(string, A).keysGlob(string) -> list(string)", "The keys that match a pattern with * and ?, sorted.",
     "{'HCCL_A': 1, 'B': 2}.keysGlob('HCCL_*') == ['HCCL_A']", keys_glob},
    {"number(string) -> double", "A text as a number; an error that names it where it is none.",
     "number('0.96') == 0.96", number},
    {"number(int) -> double", "The same number.", "number(2) == 2.0", number_of_int},
    {"number(double) -> double", "The same number.", "number(2.5) == 2.5", number_of_double},
    {"size_bytes(string) -> int",
     "Bytes of a size. KiB, MiB, GiB, TiB and K, M, G, T are powers of 1024; KB, MB, GB, TB of 1000.",
     "size_bytes('32GiB') == 34359738368", size_bytes},
    {"human_bytes(int) -> string", "Bytes as a person reads them, in binary units.",
     "human_bytes(34359738368) == '32 GiB' && human_bytes(1536) == '1.5 KiB'", human_bytes},
    {"intersect(list(A), list(A)) -> list(A)", "The elements of the first list that are in the second.",
     "intersect([1, 2, 3], [2, 3, 4]) == [2, 3]", intersect},
    {"without(list(A), list(A)) -> list(A)", "The elements of the first list that are not in the second.",
     "without([1, 2, 3], [2]) == [1, 3]", without},
};

}  // namespace

std::span<const FunctionEntry> fact_functions() {
  return kEntries;
}

}  // namespace ms::cel
