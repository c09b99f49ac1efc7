#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace ms::cel {

/// A version as Ascend software, Python packages and kernels spell them.
///
/// Numbers between dots compare as numbers, and missing ones are 0: 24.1 is 24.1.0. Words compare without
/// regard to case, and order around the release like this:
///
///     dev < alpha < beta < T1, T2 (test builds) < RC1, RC2 < the release itself < post, SPC, B (builds,
///     patches)
///
/// A word's own number follows it ("RC2", "alpha002", "beta.1", "T10"). An alpha, beta or test build behind a
/// release candidate precedes that candidate (8.2.RC1.alpha002 < 8.2.RC1); a B build behind one follows it
/// (25.0.rc1 < 25.0.rc1.b010 < 25.0.0). What stands behind the first '-' that is followed by a digit is the
/// build of a distribution and makes the version later, never earlier (5.10.0-182.oe2203sp3 >= 5.10).
class Version {
 public:
  /// nullopt when the text is not a version: it must start with a digit, after an optional 'v'.
  static std::optional<Version> parse(std::string_view text);

  const std::string& text() const { return text_; }

  friend std::strong_ordering operator<=>(const Version& a, const Version& b);
  friend bool operator==(const Version& a, const Version& b) { return (a <=> b) == 0; }

 private:
  explicit Version(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

/// Whether Version::parse accepts a text, without building anything.
bool is_version(std::string_view text);

/// The order of two texts that are versions.
std::strong_ordering compare_versions(std::string_view a, std::string_view b);

}  // namespace ms::cel
