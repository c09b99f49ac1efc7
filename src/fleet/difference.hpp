#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "fleet/difference_table.hpp"

namespace ms {

/// A value that some of the hosts have at a path.
struct SharedValue {
  const Json* value = nullptr;        ///< nullptr: there is none
  std::optional<std::string> reason;  ///< where there is none: why it could not be read
  std::vector<std::size_t> hosts;     ///< indices, rising
};

/// A path at which the hosts do not have the same value.
struct Difference {
  std::string before;   ///< "npu.devices" of npu.devices[id=3, chip=0].health; all of it without an element
  std::string element;  ///< "id=3, chip=0"; empty where no list is involved
  std::string after;    ///< ".health"
  std::string pattern;  ///< "npu.devices[].health": what the table speaks of
  std::vector<SharedValue> values;               ///< most hosts first, then by the first host
  const ExpectedDifference* expected = nullptr;  ///< why it means nothing; nullptr where it may

  std::string path() const { return element.empty() ? before : before + "[" + element + "]" + after; }
};

/// All differences between the trees of hosts, in order of the paths. A tree that is nullptr has nothing.
/// Elements of lists are matched as the table says; a fact that is absent on every host, for whatever reason,
/// does not differ.
std::vector<Difference> find_differences(const std::vector<const Json*>& hosts, const DifferenceTable& table);

/// The same below one path, which is that of the values: "npu.devices".
std::vector<Difference> find_differences(const std::vector<const Json*>& values, const std::string& path,
                                         const DifferenceTable& table);

}  // namespace ms
