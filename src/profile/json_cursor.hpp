#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ms::profile {

/// Walks through a JSON text in memory without building a tree, as readers of millions of records need it:
///
///     JsonCursor json(text);
///     json.object([&](std::string_view name) {
///       if (name == "ts") ts = json.number();
///       else json.skip();
///     });
///     if (json.failed()) report.bad(...);
///
/// A value that is not of the type that is asked for is passed over and gives nothing. After an error in the
/// text nothing more is found, and failed() says so.
class JsonCursor {
 public:
  /// Deeper nesting is an error.
  static constexpr int kMaxDepth = 64;

  explicit JsonCursor(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  /// Calls `on_member` with the name of each member, as it is escaped; it must read or skip the value. False,
  /// and the value passed over, when it is no object.
  template <class F>
  bool object(F on_member) {
    if (!enter('{')) return false;
    if (leave('}')) return true;
    do {
      const std::string_view name = member_name();
      if (failed_) return false;
      on_member(name);
    } while (more('}'));
    return !failed_;
  }

  /// Calls `on_element` before each element, which it must read or skip.
  template <class F>
  bool array(F on_element) {
    if (!enter('[')) return false;
    if (leave(']')) return true;
    do {
      on_element();
    } while (more(']'));
    return !failed_;
  }

  /// The first byte of the value at the cursor: '{', '[', '"', 't', 'f', 'n', or of a number; 0 at the end.
  char peek();

  /// A number that is finite. Nothing for NaN and Infinity, which Python writes.
  std::optional<double> number();
  /// A number, or a string that is one ("3.0").
  std::optional<double> number_or_text();

  /// A string as it is escaped, valid as long as the text is.
  std::optional<std::string_view> raw_string();
  /// A string with its escapes resolved.
  std::optional<std::string> string();

  /// The text of the value at the cursor, which is passed over.
  std::string_view skip();

  bool failed() const { return failed_; }
  /// Whether only white space is left.
  bool at_end();

 private:
  void space();
  bool enter(char bracket);
  bool leave(char bracket);
  bool more(char bracket);
  std::string_view member_name();
  std::string_view quoted();
  void fail();

  const char* at_;
  const char* end_;
  int depth_ = 0;
  bool failed_ = false;
};

/// A JSON string without its escapes. What is no valid escape stays as it is.
std::string unescape(std::string_view text);

}  // namespace ms::profile
