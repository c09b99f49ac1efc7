#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace ms {

/// The members of a JSON object that came from outside, read with checks. A member that is null counts as
/// absent. What has a wrong type or range is an InputError that names file and field:
/// "config.json: 'num_hidden_layers' must be a whole number from 1 to 10000, not \"32\"".
///
/// Publishers name the same thing differently: each function takes the names in order, the first that is
/// there counts. Refers to the object, which must outlive it.
class ConfigFields {
 public:
  using Names = std::initializer_list<std::string_view>;

  /// `path` is the way to `object` in its file, empty for the root: "text_config.".
  ConfigFields(const Json& object, std::string source, std::string path = {});

  /// A whole number from `least` to `most`.
  std::optional<std::int64_t> count(Names names, std::int64_t most, std::int64_t least = 1) const;
  /// The same where it must be there: "config.json: has no 'num_hidden_layers'".
  std::int64_t required_count(Names names, std::int64_t most) const;
  /// A number above 0 and at most 1.
  std::optional<double> ratio(Names names) const;
  std::optional<bool> flag(Names names) const;
  std::optional<std::string> string(Names names) const;
  std::optional<std::vector<std::string>> strings(Names names) const;
  /// A list of whole numbers (or booleans, as 0 and 1).
  std::optional<std::vector<std::int64_t>> counts(Names names) const;
  /// A member that is an object; other types are absent.
  std::optional<ConfigFields> object(Names names) const;

  bool has(std::string_view name) const { return find({name}) != nullptr; }
  const Json& json() const { return *object_; }
  const std::string& source() const { return source_; }

  /// Throws InputError about the field.
  [[noreturn]] void fail(std::string_view name, const std::string& message) const;

 private:
  const Json* find(Names names, std::string_view* found = nullptr) const;

  const Json* object_;
  std::string source_;
  std::string path_;
};

}  // namespace ms
