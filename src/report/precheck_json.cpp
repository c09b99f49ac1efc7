#include <algorithm>

#include "report/precheck.hpp"

namespace ms {
namespace {

constexpr std::string_view kSchema = "msprecheck.precheck/1";

// A fact for the reader of the report: its value, or null where it could not be read.
Json value_or_null(const FactDocument& facts, std::string_view path) {
  const Json* value = facts.find(path);
  return value == nullptr || absent_reason(*value) ? Json() : *value;
}

OrderedJson host_json(const FactDocument& facts) {
  OrderedJson npus = OrderedJson::array();
  const Json devices = value_or_null(facts, "npu.devices");
  for (const Json& device : devices.is_array() ? devices : Json::array()) npus.push_back(OrderedJson(device));
  return {{"name", value_or_null(facts, "host.name")},
          {"arch", value_or_null(facts, "host.arch")},
          {"kernel", value_or_null(facts, "host.kernel.release")},
          {"cpus", value_or_null(facts, "cpu.count")},
          {"npu_count", value_or_null(facts, "npu.count")},
          {"npu_family", value_or_null(facts, "npu.family")},
          {"npus", npus}};
}

OrderedJson fix_json(const Fix& fix, Lang lang) {
  if (fix.empty()) return nullptr;
  OrderedJson env = OrderedJson::object();
  for (const auto& [name, value] : fix.env) env[name] = value;
  OrderedJson json = {{"env", env}, {"unset", fix.unset}, {"commands", fix.commands}};
  json["note"] = fix.note.in(lang);
  return json;
}

OrderedJson waiver_json(const std::optional<Waived>& waiver) {
  if (!waiver) return nullptr;
  return {{"reason", waiver->reason},
          {"owner", waiver->owner},
          {"expires", waiver->expires},
          {"defined_at", waiver->defined_at}};
}

OrderedJson finding_json(const Finding& finding, Lang lang) {
  OrderedJson provenance = OrderedJson::array();
  for (const Evidence& evidence : finding.provenance) {
    provenance.push_back({{"fact", evidence.fact}, {"source", evidence.source}});
  }
  OrderedJson json = {{"rule", finding.rule},
                      {"outcome", name_of(finding.outcome)},
                      {"severity", name_of(finding.severity)},
                      {"title", finding.title.in(lang)},
                      {"expected", finding.expected.in(lang)},
                      {"actual", finding.actual.in(lang)}};
  json["element"] = finding.element.empty() ? OrderedJson() : OrderedJson(finding.element);
  json["provenance"] = provenance;
  json["why"] = finding.why.in(lang);
  json["disputed"] = finding.disputed.en.empty() ? OrderedJson() : OrderedJson(finding.disputed.in(lang));
  json["fix"] = fix_json(finding.fix, lang);
  json["waiver"] = waiver_json(finding.waiver);
  json["source"] = finding.source;
  json["defined_at"] = finding.defined_at;
  return json;
}

}  // namespace

OrderedJson precheck_json(const PrecheckReport& report, Lang lang) {
  OrderedJson scene = OrderedJson::object();
  OrderedJson reasons = OrderedJson::object();
  for (const SceneChoice& choice : report.scene.choices) {
    scene[choice.dimension] = choice.value;
    reasons[choice.dimension] = choice.reason.in(lang);
  }
  OrderedJson summary = OrderedJson::object();
  for (std::size_t i = 0; i < kOutcomeNames.size(); ++i) {
    summary[std::string(kOutcomeNames[i])] =
        std::count_if(report.findings.begin(), report.findings.end(),
                      [&](const Finding& finding) { return static_cast<std::size_t>(finding.outcome) == i; });
  }
  OrderedJson findings = OrderedJson::array();
  for (const Finding& finding : report.findings) findings.push_back(finding_json(finding, lang));

  return {{"schema", kSchema},
          {"host", host_json(report.facts)},
          {"scene", scene},
          {"scene_reasons", reasons},
          {"summary", summary},
          {"hidden", report.hidden},
          {"exit",
           {{"status", static_cast<int>(report.verdict.status)}, {"reason", report.verdict.reason.in(lang)}}},
          {"findings", findings}};
}

}  // namespace ms
