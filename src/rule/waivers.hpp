#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/lang.hpp"
#include "base/toml.hpp"
#include "rule/finding.hpp"
#include "rule/glob.hpp"
#include "rule/rule.hpp"

namespace ms {

/// One `[[waiver]]`: failures of some rules that someone accepts, on some hosts, up to a day.
struct Waiver {
  std::vector<std::string> rules;
  Glob host;                    ///< of `host.name`
  std::optional<Glob> element;  ///< only these elements of a rule over a list; none: all, and the whole host
  std::string reason;
  std::string owner;
  Date expires;  ///< the last day that it holds on
  std::string defined_at;
};

/// How long before its last day a waiver is spoken of. [days]
inline constexpr int kExpiresSoonDays = 14;

/// Throws InputError with the place for an unknown key or rule (with the closest id), a waiver without
/// reason, owner or day, one that has expired, and a file that holds none.
std::vector<Waiver> load_waivers(const TomlTable& root, std::span<const Rule> rules, Date today);

/// Marks the failures that a waiver accepts; the first waiver that fits counts. Only failures can be waived:
/// what could not be decided, nobody has seen. `host` is the name of the host, nullopt where it is not known:
/// then waivers of named hosts do not hold. Gives notes on waivers of this host that accept nothing, and on
/// those that soon expire.
std::vector<Text> apply_waivers(std::span<const Waiver> waivers, const std::optional<std::string>& host,
                                Date today, std::vector<Finding>& findings);

}  // namespace ms
