#include "fleet/name_list.hpp"
#include "report/fleet.hpp"

namespace ms {
namespace {

constexpr std::string_view kSchema = "msprecheck.fleet/1";

OrderedJson outlier_json(const Fleet& fleet, const FleetOutlier& outlier) {
  OrderedJson items = OrderedJson::array();
  for (const FleetOutlier::Item& item : outlier.items) {
    items.push_back({{"kind", item.is_rule ? "rule" : "fact"},
                     {"what", item.what},
                     {"here", item.here},
                     {"most", item.most}});
  }
  return {{"count", outlier.hosts.size()}, {"hosts", names_of(fleet, outlier.hosts)}, {"differs", items}};
}

OrderedJson rule_json(const FleetRule& rule, Lang lang) {
  OrderedJson outcomes = OrderedJson::object();
  OrderedJson found = OrderedJson::object();
  for (const auto& [outcome, count] : rule.counts) outcomes[std::string(name_of(outcome))] = count;
  for (const auto& [outcome, text] : rule.found) found[std::string(name_of(outcome))] = text;
  return {{"rule", rule.id},
          {"severity", rule.severity},
          {"title", rule.title.in(lang)},
          {"outcomes", outcomes},
          {"found", found}};
}

OrderedJson group_json(const Fleet& fleet, const FleetGroup& group) {
  OrderedJson outcomes = OrderedJson::object();
  for (std::size_t i = 0; i < group.outcomes.size(); ++i) {
    if (group.outcomes[i]) outcomes[fleet.rules[i].id] = name_of(*group.outcomes[i]);
  }
  return {{"status", group.status},
          {"count", group.hosts.size()},
          {"hosts", names_of(fleet, group.hosts)},
          {"outcomes", outcomes}};
}

OrderedJson fact_json(const Fleet& fleet, const FleetFact& fact) {
  OrderedJson values = OrderedJson::array();
  for (const FleetValue& value : fact.values) {
    values.push_back({{"value", value.text},
                      {"count", value.hosts.size()},
                      {"hosts", fold_names(names_of(fleet, value.hosts))}});
  }
  return {
      {"path", fact.path}, {"read_by_rules", fact.is_read}, {"distinct", fact.distinct}, {"values", values}};
}

}  // namespace

std::vector<std::string> names_of(const Fleet& fleet, const std::vector<std::uint32_t>& hosts) {
  std::vector<std::string> names;
  for (const std::uint32_t host : hosts) names.push_back(fleet.hosts[host].name);
  return names;
}

OrderedJson fleet_json(const Fleet& fleet, Lang lang) {
  OrderedJson outliers = OrderedJson::array();
  for (const FleetOutlier& outlier : fleet.outliers) outliers.push_back(outlier_json(fleet, outlier));
  OrderedJson problems = OrderedJson::array();
  for (const FleetProblem& problem : fleet.problems) {
    problems.push_back({{"file", problem.file}, {"reason", problem.reason}});
  }
  OrderedJson groups = OrderedJson::array();
  for (const FleetGroup& group : fleet.groups) groups.push_back(group_json(fleet, group));
  OrderedJson rules = OrderedJson::array();
  for (const FleetRule& rule : fleet.rules) rules.push_back(rule_json(rule, lang));
  OrderedJson facts = OrderedJson::array();
  for (const FleetFact& fact : fleet.facts) facts.push_back(fact_json(fleet, fact));
  return {{"schema", kSchema},
          {"summary",
           {{"files", fleet.files},
            {"records", fleet.records},
            {"reports", fleet.reports},
            {"hosts", fleet.hosts.size()},
            {"passed", fleet.count(ExitStatus::ok)},
            {"failed", fleet.count(ExitStatus::failed)},
            {"undecided", fleet.count(ExitStatus::undecided)},
            {"not_judged", fleet.problems.size()}}},
          {"exit",
           {{"status", static_cast<int>(fleet.verdict.status)}, {"reason", fleet.verdict.reason.in(lang)}}},
          {"outliers", outliers},
          {"not_judged", problems},
          {"groups", groups},
          {"rules", rules},
          {"facts", facts}};
}

}  // namespace ms
