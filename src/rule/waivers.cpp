#include "rule/waivers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/closest_match.hpp"

namespace ms {
namespace {

std::vector<std::string> read_rules(const TomlTable& table, std::span<const Rule> rules) {
  std::vector<std::string_view> known;
  for (const Rule& rule : rules) known.push_back(rule.id);
  std::vector<std::string> ids = table.strings("rule");
  if (ids.empty()) table.fail("rule", "'rule' is missing: the id of a rule, or a list of ids");
  for (const std::string& id : ids) {
    if (std::find(known.begin(), known.end(), id) != known.end()) continue;
    table.fail("rule", fmt::format("there is no rule '{}'{}", id, did_you_mean(closest_match(id, known))));
  }
  return ids;
}

std::string required_text(const TomlTable& table, std::string_view key, std::string_view what) {
  std::string text = table.string(key);
  if (text.empty()) table.fail(key, fmt::format("'{}' is empty: say {}", key, what));
  return text;
}

Waiver read_waiver(const TomlTable& table, std::span<const Rule> rules, Date today) {
  Waiver waiver{.rules = read_rules(table, rules),
                .host = Glob::read(table, "host"),
                .element = table.has("element") ? std::optional(Glob::read(table, "element")) : std::nullopt,
                .reason = required_text(table, "reason", "why this failure is accepted"),
                .owner = required_text(table, "owner", "who answers for it"),
                .expires = {},
                .defined_at = fmt::format("{}:{}", table.source(), table.position().line)};
  const auto expires = table.optional_date("expires");
  if (!expires) table.fail("expires", "'expires' is missing: the last day, like expires = 2027-01-31");
  waiver.expires = *expires;
  table.finish();
  if (waiver.expires < today) {
    table.fail("expires",
               fmt::format("the waiver of {} expired on {}: renew it with its owner ({}), or drop "
                           "it",
                           fmt::join(waiver.rules, ", "), format_date(waiver.expires), waiver.owner));
  }
  return waiver;
}

bool is_on(const Waiver& waiver, const std::optional<std::string>& host) {
  return host ? waiver.host.matches(*host) : waiver.host.matches_all();
}

bool fits(const Waiver& waiver, const Finding& finding) {
  const bool names_rule =
      std::find(waiver.rules.begin(), waiver.rules.end(), finding.rule) != waiver.rules.end();
  return names_rule && (!waiver.element || waiver.element->matches(finding.element));
}

Text accepts_nothing(const Waiver& waiver) {
  const std::string rules = fmt::format("{}", fmt::join(waiver.rules, ", "));
  return {fmt::format("{}: the waiver of {} accepts nothing here: no such failure", waiver.defined_at, rules),
          fmt::format("{}：对 {} 的豁免在此未用到：没有相应的不符合项", waiver.defined_at, rules)};
}

Text expires_soon(const Waiver& waiver, Date today) {
  const std::string rules = fmt::format("{}", fmt::join(waiver.rules, ", "));
  const auto days = (waiver.expires - today).count();
  return {fmt::format("{}: the waiver of {} expires on {}, in {} day{}; owner: {}", waiver.defined_at, rules,
                      format_date(waiver.expires), days, days == 1 ? "" : "s", waiver.owner),
          fmt::format("{}：对 {} 的豁免将于 {} 到期（还有 {} 天）；负责人：{}", waiver.defined_at, rules,
                      format_date(waiver.expires), days, waiver.owner)};
}

}  // namespace

std::vector<Waiver> load_waivers(const TomlTable& root, std::span<const Rule> rules, Date today) {
  std::vector<Waiver> waivers;
  for (const TomlTable& table : root.tables("waiver")) waivers.push_back(read_waiver(table, rules, today));
  root.finish();
  if (waivers.empty()) throw InputError(root.source(), "holds no [[waiver]]");
  return waivers;
}

std::vector<Text> apply_waivers(std::span<const Waiver> waivers, const std::optional<std::string>& host,
                                Date today, std::vector<Finding>& findings) {
  std::vector<Text> notes;
  for (const Waiver& waiver : waivers) {
    if (!is_on(waiver, host)) continue;
    bool used = false;
    for (Finding& finding : findings) {
      if (finding.outcome != Outcome::fail || !fits(waiver, finding)) continue;
      used = true;
      if (finding.waiver) continue;
      finding.waiver = Waived{waiver.reason, waiver.owner, format_date(waiver.expires), waiver.defined_at};
    }
    if (!used) notes.push_back(accepts_nothing(waiver));
    if (waiver.expires - today <= std::chrono::days(kExpiresSoonDays))
      notes.push_back(expires_soon(waiver, today));
  }
  return notes;
}

}  // namespace ms
