#include "report/pack_inspect.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "rule/evaluate.hpp"

namespace ms {
namespace {

constexpr std::string_view kSchema = "msprecheck.inspect/1";

// The facts of the host and the questions of the scene that the rules speak of.
struct References {
  std::vector<std::string> facts;
  std::vector<std::string> scenes;
};

References references_of(const RuleLibrary& library) {
  References references;
  for (const std::string& path : facts_of(library.rules)) {
    if (path.starts_with("scene.")) {
      references.scenes.push_back(path);
    } else if (path != "it" && !path.starts_with("it.") && !path.starts_with("document") &&
               !path.starts_with("context") && !path.starts_with("asked")) {
      references.facts.push_back(path);
    }
  }
  return references;
}

int count_of(const RuleLibrary& library, Severity severity) {
  return static_cast<int>(std::count_if(library.rules.begin(), library.rules.end(),
                                        [&](const Rule& rule) { return rule.severity == severity; }));
}

std::vector<std::string> questions_of(const PackInputs& inputs) {
  std::vector<std::string> questions;
  if (!inputs.questions.paths.empty()) questions.emplace_back("path_exists");
  if (inputs.questions.ports_in_use) questions.emplace_back("ports_in_use");
  if (inputs.questions.address) questions.emplace_back("address");
  return questions;
}

std::string options_of(const ContextSpec& spec, const TextStyle& style) {
  if (spec.options.empty()) return std::string(style.pick("any value", "任意值"));
  return fmt::format("{}{}", fmt::join(spec.options, ", "),
                     spec.open ? style.pick(", or another", "，或其他值") : "");
}

}  // namespace

std::string pack_text(const RuleLibrary& library, const TextStyle& style) {
  const PackInputs& inputs = library.packs.front();
  const References references = references_of(library);
  constexpr std::size_t kLabel = 11;
  std::string text;
  const auto line = [&](std::string_view en, std::string_view zh, const std::string& content) {
    text += wrap(style, 0, pad(style.pick(en, zh), kLabel), content);
  };
  const std::string title =
      inputs.name.empty() ? inputs.source : fmt::format("{} ({})", inputs.name, inputs.source);
  line("Pack", "规则包", inputs.version.empty() ? title : fmt::format("{} {}", title, inputs.version));
  if (!inputs.about.empty()) line("About", "说明", inputs.about);
  for (const DocumentSpec& spec : inputs.documents) {
    const std::string type = spec.format.empty() ? "" : "@" + spec.format;
    line("Document", "文档", fmt::format("-c {}:FILE{}  {}", spec.name, type, spec.about));
  }
  for (const ContextSpec& spec : inputs.contexts) {
    line("Context", "上下文",
         fmt::format("-C {}:VALUE ({})  {}", spec.name, options_of(spec, style), spec.about));
  }
  if (!references.facts.empty()) line("Facts", "事实", fmt::format("{}", fmt::join(references.facts, ", ")));
  const auto questions = questions_of(inputs);
  if (!questions.empty()) line("Asks", "询问主机", fmt::format("{}", fmt::join(questions, ", ")));
  if (!references.scenes.empty())
    line("Scene", "场景", fmt::format("{}", fmt::join(references.scenes, ", ")));
  line("Rules", "规则",
       fmt::format(
           fmt::runtime(style.pick("{}: {} error, {} warning, {} info", "{} 条：错误 {}，警告 {}，提示 {}")),
           library.rules.size(), count_of(library, Severity::error), count_of(library, Severity::warning),
           count_of(library, Severity::info)));
  return text;
}

OrderedJson pack_json(const RuleLibrary& library) {
  const PackInputs& inputs = library.packs.front();
  const References references = references_of(library);
  OrderedJson documents = OrderedJson::array();
  for (const DocumentSpec& spec : inputs.documents) {
    documents.push_back({{"name", spec.name}, {"about", spec.about}, {"format", spec.format}});
  }
  OrderedJson contexts = OrderedJson::array();
  for (const ContextSpec& spec : inputs.contexts) {
    contexts.push_back(
        {{"name", spec.name}, {"about", spec.about}, {"options", spec.options}, {"open", spec.open}});
  }
  OrderedJson rules = {{"total", library.rules.size()}};
  for (const Severity severity : {Severity::error, Severity::warning, Severity::info}) {
    rules[std::string(name_of(severity))] = count_of(library, severity);
  }
  return {{"schema", kSchema},
          {"source", inputs.source},
          {"name", inputs.name},
          {"version", inputs.version},
          {"about", inputs.about},
          {"documents", documents},
          {"context", contexts},
          {"facts", references.facts},
          {"asks", questions_of(inputs)},
          {"scenes", references.scenes},
          {"rules", rules}};
}

}  // namespace ms
