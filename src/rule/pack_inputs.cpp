#include "rule/pack_inputs.hpp"

#include <fmt/format.h>

#include "rule/expression.hpp"

namespace ms {
namespace {

// `name = "what it is"`, or a table with `about` and more.
DocumentSpec read_document(const TomlTable& documents, const std::string& name) {
  DocumentSpec spec{.name = name, .about = {}, .format = {}};
  if (!documents.is_table(name)) {
    spec.about = documents.string(name);
    return spec;
  }
  const TomlTable table = *documents.optional_table(name);
  spec.about = table.string("about");
  spec.format = table.optional_string("format").value_or("");
  if (!spec.format.empty() && spec.format != "json" && spec.format != "yaml" && spec.format != "yml") {
    table.fail("format", fmt::format("expected json or yaml, not '{}'", spec.format));
  }
  table.finish();
  return spec;
}

// `name = ["one", "another"]`, or a table with `about`, `options` and `open`.
ContextSpec read_context(const TomlTable& contexts, const std::string& name) {
  if (!contexts.is_table(name)) {
    return {.name = name, .about = name, .options = contexts.strings(name), .open = false};
  }
  const TomlTable table = *contexts.optional_table(name);
  ContextSpec spec{.name = name,
                   .about = table.string("about"),
                   .options = table.strings("options"),
                   .open = table.optional_bool("open").value_or(false)};
  table.finish();
  return spec;
}

template <class Spec>
cel::Type record(const std::string& name, const std::vector<Spec>& specs) {
  std::vector<cel::Type::Field> fields;
  for (const Spec& spec : specs) fields.push_back({spec.name, cel::Type::dyn()});
  return cel::Type::object(name, std::move(fields));
}

cel::Type questions_type() {
  return cel::Type::object("asked",
                           {{"path_exists", cel::Type::map(cel::Type::string(), cel::Type::boolean())},
                            {"ports_in_use", cel::Type::list(cel::Type::integer())},
                            {"address", cel::Type::string()}});
}

PackQuestions read_questions(const TomlTable& ask, const cel::Environment& environment) {
  PackQuestions questions;
  for (const std::string& text : ask.strings("path_exists")) {
    try {
      questions.paths.push_back(cel::compile(text, environment));
    } catch (const cel::CompileError& e) {
      ask.fail("path_exists", fmt::format("'{}': {}", text, e.what()));
    }
  }
  questions.ports_in_use = ask.optional_bool("ports_in_use").value_or(false);
  questions.address = ask.optional_bool("address").value_or(false);
  ask.finish();
  return questions;
}

}  // namespace

PackInputs load_pack_inputs(const TomlTable& pack, const cel::Environment& facts) {
  PackInputs inputs;
  inputs.source = pack.source();
  inputs.name = pack.optional_string("name").value_or("");
  inputs.version = pack.optional_string("version").value_or("");
  inputs.about = pack.optional_string("about").value_or("");
  inputs.errors_fail = pack.optional_bool("errors_fail").value_or(false);
  if (const auto documents = pack.optional_table("documents")) {
    for (const std::string& name : documents->keys())
      inputs.documents.push_back(read_document(*documents, name));
  }
  if (const auto contexts = pack.optional_table("context")) {
    for (const std::string& name : contexts->keys()) inputs.contexts.push_back(read_context(*contexts, name));
  }
  const auto ask = pack.optional_table("ask");
  auto environment = std::make_shared<cel::Environment>(&facts);
  if (!inputs.documents.empty()) environment->declare("document", record("document", inputs.documents));
  if (!inputs.contexts.empty()) environment->declare("context", record("context", inputs.contexts));
  if (ask) {
    environment->declare("asked", questions_type());
    inputs.questions = read_questions(*ask, *environment);
  }
  inputs.environment = std::move(environment);
  return inputs;
}

}  // namespace ms
