#include "report/diagnosis.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ms {
namespace {

std::string shown(const Json& value) {
  if (value.is_null()) return "–";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string heading(const TextStyle& style) {
  return std::string(style.pick("What is wrong", "问题诊断"));
}

std::string nothing(const TextStyle& style) {
  return std::string(
      style.pick("No known symptom was found in what the run recorded.", "运行数据中未发现已知问题。"));
}

// "up to 16 %", or nothing where there is no estimate.
std::string gain_of(const Diagnosis& diagnosis, const TextStyle& style) {
  if (!(diagnosis.gain > 0)) return {};
  const double percent = diagnosis.gain * 100;
  const std::string amount = percent < 10 ? fmt::format("{:.2g}", percent) : fmt::format("{:.0f}", percent);
  return fmt::format(fmt::runtime(style.pick("up to {} %", "至多 {}%")), amount);
}

std::string settings_of(const Diagnosis& diagnosis) {
  std::string text;
  for (const Recommendation& setting : diagnosis.settings) {
    if (setting.changes_nothing()) continue;
    text += fmt::format("{}{} {} → {}", text.empty() ? "" : ", ", setting.target, shown(setting.current),
                        shown(setting.value));
  }
  return text;
}

struct Line {
  std::string_view label;
  std::string text;
};

std::vector<Line> lines_of(const Diagnosis& diagnosis, const TextStyle& style) {
  std::vector<Line> lines;
  for (const Text& text : diagnosis.evidence)
    lines.push_back({style.pick("evidence  ", "证据  "), text.in(style.lang)});
  lines.push_back({style.pick("cause     ", "原因  "), diagnosis.cause.in(style.lang)});
  lines.push_back({style.pick("action    ", "措施  "), diagnosis.action.in(style.lang)});
  const std::string settings = settings_of(diagnosis);
  if (!settings.empty()) lines.push_back({style.pick("set       ", "设置  "), settings});
  lines.push_back({style.pick("effect    ", "效果  "), diagnosis.effect.in(style.lang)});
  lines.push_back({style.pick("measure   ", "验证  "), diagnosis.measure.in(style.lang)});
  if (style.verbose) {
    lines.push_back(
        {style.pick("source    ", "来源  "), fmt::format("{}", fmt::join(diagnosis.source, "; "))});
    lines.push_back({style.pick("rule      ", "规则  "), diagnosis.id});
  }
  return lines;
}

}  // namespace

std::string diagnoses_text(const std::vector<Diagnosis>& diagnoses, const TextStyle& style) {
  std::string text = paint(style, Color::bold, heading(style)) + "\n";
  if (diagnoses.empty()) return text + wrap(style, 2, "", nothing(style));
  std::size_t number = 0;
  for (const Diagnosis& diagnosis : diagnoses) {
    const std::string gain = gain_of(diagnosis, style);
    text += wrap(style, 2, fmt::format("{}. ", ++number),
                 diagnosis.title.in(style.lang) + (gain.empty() ? "" : "  [" + gain + "]"));
    for (const Line& line : lines_of(diagnosis, style)) text += wrap(style, 5, line.label, line.text);
  }
  return text;
}

std::string diagnoses_markdown(const std::vector<Diagnosis>& diagnoses, const TextStyle& style) {
  std::string text = fmt::format("\n## {}\n", heading(style));
  if (diagnoses.empty()) return text + fmt::format("\n{}\n", nothing(style));
  std::size_t number = 0;
  for (const Diagnosis& diagnosis : diagnoses) {
    const std::string gain = gain_of(diagnosis, style);
    text += fmt::format("\n{}. **{}**{}\n", ++number, diagnosis.title.in(style.lang),
                        gain.empty() ? "" : " (" + gain + ")");
    for (const Line& line : lines_of(diagnosis, style)) {
      const std::string_view label = line.label.substr(0, line.label.find_last_not_of(' ') + 1);
      text += fmt::format("   - {}: {}\n", label, line.text);
    }
  }
  return text;
}

OrderedJson diagnoses_json(const std::vector<Diagnosis>& diagnoses, Lang lang) {
  OrderedJson list = OrderedJson::array();
  for (const Diagnosis& diagnosis : diagnoses) {
    OrderedJson evidence = OrderedJson::array();
    for (const Text& line : diagnosis.evidence) evidence.push_back(line.in(lang));
    OrderedJson settings = OrderedJson::array();
    for (const Recommendation& setting : diagnosis.settings) {
      settings.push_back({{"target", setting.target},
                          {"apply", setting.apply},
                          {"current", setting.current},
                          {"value", setting.value},
                          {"low", setting.low},
                          {"high", setting.high}});
    }
    list.push_back({{"id", diagnosis.id},
                    {"title", diagnosis.title.in(lang)},
                    {"gain", diagnosis.gain},
                    {"priority", diagnosis.priority()},
                    {"evidence", evidence},
                    {"cause", diagnosis.cause.in(lang)},
                    {"action", diagnosis.action.in(lang)},
                    {"settings", settings},
                    {"effect", diagnosis.effect.in(lang)},
                    {"measure", diagnosis.measure.in(lang)},
                    {"source", diagnosis.source}});
  }
  return list;
}

}  // namespace ms
