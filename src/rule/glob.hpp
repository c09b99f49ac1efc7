#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/toml.hpp"

namespace re2 {
class RE2;
}

namespace ms {

/// A pattern for names, which has to fit the whole of one: '*' stands for any characters, '?' for one,
/// '[0-9]' for one of a set ('[!0-9]' for one outside of it), and '[0-9]+' for one or more of it.
class Glob {
 public:
  /// The pattern at `key` of a table; `*` where there is none. Throws InputError with its place when a set
  /// has no end.
  static Glob read(const TomlTable& table, std::string_view key);

  bool matches(std::string_view name) const;
  /// Whether any name at all fits.
  bool matches_all() const { return text_ == "*"; }
  const std::string& text() const { return text_; }

 private:
  std::string text_ = "*";
  std::shared_ptr<const re2::RE2> pattern_;
};

}  // namespace ms
