#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/embedded.hpp"
#include "base/json.hpp"
#include "base/lang.hpp"
#include "base/toml.hpp"

namespace ms {

namespace embedded {
/// knowledge/differences.toml.
std::span<const EmbeddedFile> differences();
}  // namespace embedded

/// A fact in which hosts in the same state may differ, and why.
struct ExpectedDifference {
  std::string path;                 ///< "npu.devices[].bus_id", "env.SSH_*"; covers what is below it
  std::optional<double> tolerance;  ///< only numbers within this ratio of the largest are expected
  Text reason;
};

/// How the elements of a list are told apart.
struct ListIdentity {
  std::string path;
  std::vector<std::string> key;  ///< fields; empty where `set` or `ordered`
  bool set = false;              ///< of scalars: each is there or is not
  bool ordered = false;          ///< by position
};

/// knowledge/differences.toml: what differs without meaning anything, and what identifies elements.
class DifferenceTable {
 public:
  /// Throws InputError with the place in the file.
  static DifferenceTable load(const TomlTable& root);
  /// The table that is compiled in.
  static DifferenceTable builtin();

  /// The entry that covers a path, elements written as `[]`; nullptr when the fact is not expected to differ.
  const ExpectedDifference* expected(std::string_view path) const;
  /// Whether a baseline holds other hosts to the fact.
  bool is_held(std::string_view path) const;
  /// nullptr: not declared.
  const ListIdentity* list(std::string_view path) const;

 private:
  std::vector<ExpectedDifference> expected_;
  std::vector<ExpectedDifference> not_held_;  ///< by path; without tolerance
  std::vector<ListIdentity> lists_;
};

/// Whether an entry lets these values differ: always, or within its tolerance.
bool allows(const ExpectedDifference& expected, const std::vector<const Json*>& values);

/// The fields that tell these elements apart in every one of the lists: those declared, otherwise the first
/// of a few usual names that each element has once. Empty: compared by position.
std::vector<std::string> key_of_elements(const ListIdentity* identity, const std::vector<const Json*>& lists);

/// "id=3, chip=0": how an element is called by its key.
std::string element_name(const Json& element, const std::vector<std::string>& key);

}  // namespace ms
