#include "cli/pack_arguments.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/closest_match.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "facts/redact.hpp"
#include "rule/expression.hpp"

namespace ms {
namespace {

constexpr std::string_view kDocumentTree = "document.";
constexpr std::string_view kContextTree = "context.";
constexpr std::string_view kEnvironment = "env";  // accepted as a target, since it is always there

template <class Spec>
std::vector<std::string> names_of(const std::vector<Spec>& specs) {
  std::vector<std::string> names;
  for (const Spec& spec : specs) names.push_back(spec.name);
  return names;
}

template <class Spec>
const Spec& find_spec(const std::vector<Spec>& specs, const std::string& name, const char* option,
                      std::string_view what) {
  const auto found =
      std::find_if(specs.begin(), specs.end(), [&](const Spec& spec) { return spec.name == name; });
  if (found != specs.end()) return *found;
  const auto names = names_of(specs);
  const auto closest = closest_match(name, names);
  const std::string hint = closest         ? did_you_mean(closest)
                           : names.empty() ? "; it takes none"
                                           : fmt::format("; it takes {}", fmt::join(names, ", "));
  throw InputError(option, fmt::format("the pack takes no {} '{}'{}", what, name, hint));
}

struct DocumentArgument {
  std::string name;
  std::string path;
  std::optional<ConfigDocument::Format> format;
};

DocumentArgument parse_document(const std::string& text, const PackInputs& inputs) {
  const auto colon = text.find(':');
  if (colon == 0 || colon == text.npos || colon + 1 == text.size()) {
    throw InputError("-c", fmt::format("expected NAME:FILE or NAME:FILE@TYPE, not '{}'", text));
  }
  DocumentArgument argument{text.substr(0, colon), text.substr(colon + 1), std::nullopt};
  std::replace(argument.name.begin(), argument.name.end(), '-', '_');
  const DocumentSpec& spec = find_spec(inputs.documents, argument.name, "-c", "document");
  const auto at = argument.path.rfind('@');
  if (at != argument.path.npos) argument.format = config_format(argument.path.substr(at + 1));
  if (argument.format) argument.path.resize(at);
  if (!argument.format) argument.format = config_format_of_file(argument.path);
  if (!argument.format) argument.format = config_format(spec.format);
  if (!argument.format) {
    throw InputError(
        "-c", fmt::format("cannot tell the format of {}: write {}:{}@json or {}:{}@yaml", argument.path,
                          argument.name, argument.path, argument.name, argument.path));
  }
  return argument;
}

// As Python reads a literal; what is none is a text.
Json context_value(const std::string& text) {
  if (const auto number = parse_int(text)) return *number;
  if (const auto number = parse_double(text)) return *number;
  if (text == "True" || text == "true") return true;
  if (text == "False" || text == "false") return false;
  const bool is_quoted = text.size() >= 2 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0];
  return sanitize_utf8(is_quoted ? text.substr(1, text.size() - 2) : text);
}

void check_option(const ContextSpec& spec, const Json& value) {
  if (spec.options.empty()) return;
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (std::find(spec.options.begin(), spec.options.end(), text) != spec.options.end()) return;
  const auto closest = closest_match(text, spec.options);
  // A key that takes any value takes no misspelt one.
  if (spec.open && !closest) return;
  throw InputError("-C", fmt::format("'{}' is no value of {}, which is one of {}{}", text, spec.name,
                                     fmt::join(spec.options, ", "), did_you_mean(closest)));
}

// What is needed and was not given, and by how many rules.
using Needs = std::map<std::string, int, std::less<>>;

std::string input_of(std::string_view path) {
  for (const std::string_view tree : {kDocumentTree, kContextTree}) {
    if (!path.starts_with(tree)) continue;
    const auto end = path.find_first_of(".[", tree.size());
    return std::string(path.substr(0, end));
  }
  return {};
}

void add_need(std::string_view path, const FactDocument& facts, std::set<std::string>& needed) {
  const std::string input = input_of(path);
  const Json* value = input.empty() ? nullptr : facts.find(input);
  if (value != nullptr && absent_reason(*value)) needed.insert(input);
}

Needs needs_of(const RuleLibrary& library, const FactDocument& facts, const Scene& scene) {
  const Json scene_json = scene.to_json();
  cel::Activation activation = activation_of(facts);
  activation.bind("scene", scene_json);
  cel::Arena arena;
  Needs needs;
  for (const Rule& rule : library.rules) {
    std::set<std::string> needed;
    const cel::Value applies = rule.when ? rule.when->evaluate(activation, arena) : cel::Value::boolean(true);
    if (applies.is_false()) continue;
    if (applies.is(cel::Kind::unknown)) {
      for (const cel::UnknownFact& fact : applies.unknown()) add_need(fact.path, facts, needed);
    } else {
      for (const std::string& path : rule.check.references()) add_need(path, facts, needed);
      if (rule.for_each) {
        for (const std::string& path : rule.for_each->references()) add_need(path, facts, needed);
      }
    }
    for (const std::string& input : needed) ++needs[input];
  }
  return needs;
}

std::string described(const std::string& input, int rules, const PackInputs& inputs) {
  const bool is_document = input.starts_with(kDocumentTree);
  const std::string name = input.substr(input.find('.') + 1);
  const std::string count = fmt::format("{} rule{}", rules, rules == 1 ? "" : "s");
  if (is_document) {
    const DocumentSpec& spec = find_spec(inputs.documents, name, "-c", "document");
    return fmt::format("  -c {}:FILE  for {}: {}", name, count, spec.about);
  }
  const ContextSpec& spec = find_spec(inputs.contexts, name, "-C", "context");
  const std::string options = spec.options.empty() ? "" : fmt::format(" ({})", fmt::join(spec.options, ", "));
  return fmt::format("  -C {}:VALUE  for {}: {}{}", name, count, spec.about, options);
}

}  // namespace

Documents read_documents(const std::vector<std::string>& arguments, const PackInputs& inputs) {
  Documents documents;
  std::size_t total = 0;
  for (const std::string& text : arguments) {
    if (text == kEnvironment) continue;
    const DocumentArgument argument = parse_document(text, inputs);
    if (documents.contains(argument.name)) {
      throw InputError("-c", fmt::format("'{}' is given twice", argument.name));
    }
    std::string content = read_document(argument.path, kMaxConfigBytes);
    total += content.size();
    if (total > kMaxConfigBytes) throw InputError("-c", "the documents have more than 10 MB together");
    documents.emplace(argument.name,
                      ConfigDocument::parse(std::move(content), *argument.format, argument.path));
  }
  return documents;
}

Json read_context(const std::vector<std::string>& arguments, const PackInputs& inputs) {
  Json context = Json::object();
  for (const std::string& text : arguments) {
    const auto colon = text.find(':');
    if (colon == 0 || colon == text.npos || colon + 1 == text.size()) {
      throw InputError("-C", fmt::format("expected KEY:VALUE, not '{}'", text));
    }
    const std::string key = text.substr(0, colon);
    const ContextSpec& spec = find_spec(inputs.contexts, key, "-C", "context");
    if (context.contains(key)) throw InputError("-C", fmt::format("'{}' is given twice", key));
    const Json value = context_value(text.substr(colon + 1));
    check_option(spec, value);
    context[key] = value;
  }
  return context;
}

void add_inputs(const PackInputs& inputs, const Documents& documents, const Json& context,
                FactDocument& facts) {
  for (const DocumentSpec& spec : inputs.documents) {
    const std::string path = std::string(kDocumentTree) + spec.name;
    const auto given = documents.find(spec.name);
    if (given == documents.end()) {
      facts.set_absent(path, fmt::format("not given: -c {}:FILE", spec.name), "-c");
      continue;
    }
    FactDocument one;
    one.set(path, given->second.value(), given->second.path());
    redact(one);
    facts.set(path, *one.find(path), given->second.path());
  }
  for (const ContextSpec& spec : inputs.contexts) {
    const std::string path = std::string(kContextTree) + spec.name;
    const auto given = context.find(spec.name);
    if (given == context.end()) {
      facts.set_absent(path, fmt::format("not given: -C {}:VALUE", spec.name), "-C");
    } else {
      facts.set(path, *given, "-C");
    }
  }
}

void require_inputs(const RuleLibrary& library, const FactDocument& facts, const Scene& scene) {
  const Needs needs = needs_of(library, facts, scene);
  if (needs.empty()) return;
  const PackInputs& inputs = library.packs.front();
  std::string message = "its rules need what was not given:";
  for (const auto& [input, rules] : needs) message += "\n" + described(input, rules, inputs);
  throw InputError(inputs.source, message);
}

void add_places(const Documents& documents, std::vector<Finding>& findings) {
  std::map<std::string, std::string> sources;  // many findings rest on the same field
  for (Finding& finding : findings) {
    for (Evidence& evidence : finding.provenance) {
      if (!evidence.fact.starts_with(kDocumentTree)) continue;
      const auto end = evidence.fact.find_first_of(".[", kDocumentTree.size());
      if (end == evidence.fact.npos) continue;
      const auto document =
          documents.find(evidence.fact.substr(kDocumentTree.size(), end - kDocumentTree.size()));
      if (document == documents.end()) continue;
      const auto [known, is_new] = sources.emplace(evidence.fact, evidence.source);
      if (is_new) {
        std::string_view rest = std::string_view(evidence.fact).substr(end);
        if (rest.starts_with('.')) rest.remove_prefix(1);
        const auto place = document->second.place(rest);
        if (place) known->second = fmt::format("{}:{}", document->second.path(), place->line);
      }
      evidence.source = known->second;
    }
  }
}

}  // namespace ms
