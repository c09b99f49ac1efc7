#include "report/advice.hpp"
#include "report/diagnosis.hpp"

namespace ms {
namespace {

constexpr std::string_view kSchema = "msadvisor.advice/1";

OrderedJson fact_or_null(const AdviseResult& result, std::string_view path) {
  const Json* value = result.facts.find(path);
  const bool nothing = value == nullptr || (value->is_object() && value->empty());
  return nothing ? OrderedJson() : OrderedJson(*value);
}

OrderedJson recommendation_json(const Recommendation& recommendation, Lang lang) {
  OrderedJson evidence = OrderedJson::array();
  for (const Text& line : recommendation.evidence) evidence.push_back(line.in(lang));
  OrderedJson json = {{"id", recommendation.id},
                      {"target", recommendation.target},
                      {"current", recommendation.current},
                      {"value", recommendation.value},
                      {"low", recommendation.low},
                      {"high", recommendation.high},
                      {"why", recommendation.why.in(lang)},
                      {"evidence", evidence},
                      {"effect", recommendation.effect.in(lang)}};
  json["risk"] = recommendation.risk.en.empty() ? OrderedJson() : OrderedJson(recommendation.risk.in(lang));
  json["confidence"] = recommendation.confidence;
  json["apply"] = recommendation.apply;
  json["source"] = recommendation.source;
  return json;
}

}  // namespace

OrderedJson advice_json(const AdviseResult& result, Lang lang) {
  OrderedJson inputs = OrderedJson::object();
  for (const ResolvedInput& input : result.inputs) {
    inputs[input.name] = {{"value", OrderedJson(input.value)}, {"source", input.source}};
  }
  OrderedJson recommendations = OrderedJson::array();
  for (const Recommendation& recommendation : result.recommendations) {
    recommendations.push_back(recommendation_json(recommendation, lang));
  }
  OrderedJson environment = OrderedJson::object();
  for (const auto& [name, value] : result.variables) environment[name] = value;
  OrderedJson chip = result.chip ? fact_or_null(result, "chip") : OrderedJson();
  return {
      {"schema", kSchema},
      {"inputs", inputs},
      {"model", fact_or_null(result, "model")},
      {"chip", chip},
      {"plan", fact_or_null(result, "plan")},
      {"run", fact_or_null(result, "run")},
      {"device", fact_or_null(result, "device")},
      {"diagnoses", result.examined ? diagnoses_json(result.diagnoses, lang) : OrderedJson()},
      {"recommendations", recommendations},
      {"patch", result.patch},
      {"engine", result.engine},
      {"environment", environment},
      {"launch", result.launch.empty() ? OrderedJson() : OrderedJson(result.launch)},
      {"warnings", result.warnings},
      {"exit",
       {{"status", static_cast<int>(result.verdict.status)}, {"reason", result.verdict.reason.in(lang)}}}};
}

}  // namespace ms
