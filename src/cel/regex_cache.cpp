#include "cel/regex_cache.hpp"

#include <re2/re2.h>

#include <mutex>
#include <unordered_map>

namespace ms::cel {
namespace {

// A pack has hundreds of patterns, most of them more than once; compiling one costs more than a whole rule.
constexpr std::size_t kKept = 1024;

struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

struct Cache {
  std::mutex mutex;
  std::unordered_map<std::string, std::shared_ptr<const re2::RE2>, NameHash, std::equal_to<>> patterns;
};

Cache& cache() {
  static Cache the_cache;
  return the_cache;
}

}  // namespace

Regex compiled_regex(std::string_view pattern) {
  Cache& kept = cache();
  {
    const std::lock_guard lock(kept.mutex);
    const auto found = kept.patterns.find(pattern);
    if (found != kept.patterns.end()) return {found->second, {}};
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(std::int64_t{1} << 20);
  auto compiled = std::make_shared<const re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!compiled->ok()) return {nullptr, compiled->error()};
  const std::lock_guard lock(kept.mutex);
  if (kept.patterns.size() >= kKept) kept.patterns.clear();
  kept.patterns.emplace(std::string(pattern), compiled);
  return {compiled, {}};
}

}  // namespace ms::cel
