#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace ms::cel {

struct Regex {
  std::shared_ptr<const re2::RE2> pattern;  ///< nullptr: not a pattern
  std::string error;                        ///< why not
};

/// A compiled pattern. Patterns that were asked for before are shared, across programs and threads; what is
/// kept is bounded.
Regex compiled_regex(std::string_view pattern);

}  // namespace ms::cel
