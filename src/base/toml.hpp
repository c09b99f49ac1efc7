#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/embedded.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/lang.hpp"

namespace ms {

class TomlDocument;
struct TomlNode;

/// A table of a TOML file, read strictly: what is missing, of a wrong type, or not known is an InputError
/// with file, line, column, caret and, for an unknown key, the closest known one. A key counts as known once
/// it was asked for; finish() refuses the others.
///
/// Refers to its document, which must outlive it.
class TomlTable {
 public:
  bool has(std::string_view key) const;
  bool is_table(std::string_view key) const;

  std::string string(std::string_view key) const;
  std::optional<std::string> optional_string(std::string_view key) const;
  std::optional<std::int64_t> optional_int(std::string_view key) const;
  std::optional<double> optional_double(std::string_view key) const;  ///< an integer is taken as well
  std::optional<bool> optional_bool(std::string_view key) const;
  /// A date without a time of day: `expires = 2027-01-31`.
  std::optional<Date> optional_date(std::string_view key) const;
  /// A list of strings; a single string is a list of one; no key is an empty list.
  std::vector<std::string> strings(std::string_view key) const;
  /// `{ en = "...", zh = "..." }`, both of them there and not empty.
  Text text(std::string_view key) const;
  std::optional<Text> optional_text(std::string_view key) const;
  std::optional<TomlTable> optional_table(std::string_view key) const;
  /// `[[key]]`, in order; no key is an empty list.
  std::vector<TomlTable> tables(std::string_view key) const;
  /// Any value, as JSON. Dates are not accepted.
  std::optional<Json> optional_json(std::string_view key) const;

  /// The keys, in order of the file; they all count as asked for.
  std::vector<std::string> keys() const;

  /// Throws for the first key that nothing has asked for.
  void finish() const;

  /// Throws InputError at the value of `key` (at the table where there is none).
  [[noreturn]] void fail(std::string_view key, const std::string& message) const;

  /// Throws InputError at byte `offset` of the string value of `key`, as if the string were the source
  /// itself.
  [[noreturn]] void fail_in_string(std::string_view key, std::size_t offset,
                                   const std::string& message) const;

  /// Where the value of `key` starts; the table itself where there is none.
  Position position(std::string_view key) const;
  Position position() const;
  const std::string& source() const;

 private:
  friend TomlTable parse_toml(std::string_view text, const std::string& source);
  friend TomlTable parse_toml(const EmbeddedFile& file, const std::string& source);
  TomlTable(std::shared_ptr<const TomlDocument> document, const TomlNode* node);

  // The value of `key`, which counts as known from now on; nullptr when there is none.
  const TomlNode* ask(std::string_view key) const;

  std::shared_ptr<const TomlDocument> document_;
  const TomlNode* node_;
  mutable std::vector<bool> asked_;          // of each member of the node
  mutable std::vector<std::string> missed_;  // keys that were asked for and are not there
};

/// A TOML file that has been parsed. Throws InputError when it is not valid TOML.
TomlTable parse_toml(std::string_view text, const std::string& source);

/// A TOML file that was compiled in: its tree was made then.
TomlTable parse_toml(const EmbeddedFile& file, const std::string& source);

}  // namespace ms
