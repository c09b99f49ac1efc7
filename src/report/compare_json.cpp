#include "report/compare.hpp"

namespace ms {
namespace {

constexpr std::string_view kSchema = "msprecheck.compare/1";

OrderedJson names_of(const Comparison& comparison, const std::vector<std::size_t>& hosts) {
  OrderedJson names = OrderedJson::array();
  for (const std::size_t host : hosts) names.push_back(comparison.names[host]);
  return names;
}

OrderedJson rule_json(const Comparison& comparison, const RuleOutcomes& rule, Lang lang) {
  OrderedJson outcomes = OrderedJson::object();
  for (std::size_t host = 0; host < rule.outcomes.size(); ++host) {
    outcomes[comparison.names[host]] = name_of(rule.outcomes[host]);
  }
  return {{"rule", rule.rule->id},
          {"severity", name_of(rule.rule->severity)},
          {"title", rule.rule->title.in(lang)},
          {"outcomes", outcomes}};
}

OrderedJson difference_json(const Comparison& comparison, const WeighedDifference& weighed, Lang lang) {
  const Difference& difference = weighed.difference;
  OrderedJson values = OrderedJson::array();
  for (const SharedValue& shared : difference.values) {
    OrderedJson value = OrderedJson::object();
    value["value"] = shared.value == nullptr ? OrderedJson() : OrderedJson(*shared.value);
    value["known"] = shared.value != nullptr;
    value["reason"] = shared.reason ? OrderedJson(*shared.reason) : OrderedJson();
    value["hosts"] = names_of(comparison, shared.hosts);
    values.push_back(std::move(value));
  }
  OrderedJson json = {
      {"path", difference.path()}, {"weight", name_of(weighed.weight)}, {"rules", weighed.rules}};
  json["expected"] =
      difference.expected == nullptr ? OrderedJson() : OrderedJson(difference.expected->reason.in(lang));
  json["values"] = std::move(values);
  return json;
}

}  // namespace

OrderedJson compare_json(const Comparison& comparison, Lang lang, bool all) {
  OrderedJson hosts = OrderedJson::array();
  for (std::size_t i = 0; i < comparison.names.size(); ++i) {
    hosts.push_back({{"name", comparison.names[i]}, {"source", comparison.sources[i]}});
  }
  OrderedJson summary = OrderedJson::object();
  for (std::size_t i = 0; i < kWeightNames.size(); ++i) {
    summary[std::string(kWeightNames[i])] = comparison.count(static_cast<Weight>(i));
  }
  summary["absent_everywhere"] = comparison.absent_everywhere;
  OrderedJson rules = OrderedJson::array();
  for (const RuleOutcomes& rule : comparison.rules) rules.push_back(rule_json(comparison, rule, lang));
  OrderedJson differences = OrderedJson::array();
  for (const WeighedDifference& weighed : comparison.differences) {
    if (all || weighed.weight != Weight::expected) {
      differences.push_back(difference_json(comparison, weighed, lang));
    }
  }
  return {{"schema", kSchema},
          {"hosts", hosts},
          {"summary", summary},
          {"exit",
           {{"status", static_cast<int>(comparison.verdict.status)},
            {"reason", comparison.verdict.reason.in(lang)}}},
          {"rules", rules},
          {"differences", differences}};
}

}  // namespace ms
