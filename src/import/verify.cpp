#include "import/verify.hpp"

#include <algorithm>

#include "base/toml.hpp"
#include "cel/program.hpp"
#include "rule/pack_inputs.hpp"

namespace ms::import {
namespace {

// What the expressions of the pack know.
PackInputs inputs_of(const ImportedPack& pack, const cel::Environment& facts) {
  ImportedPack head = pack;
  head.rules.clear();
  head.questions = {.paths = {}, .ports = true, .address = true};
  return load_pack_inputs(parse_toml(to_toml(head), pack.source), facts);
}

void compile_all(const ImportedRule& rule, const cel::Environment& environment) {
  cel::Environment scope(&environment);
  if (!rule.when.empty()) cel::compile(rule.when, environment);
  if (!rule.for_each.empty()) {
    cel::compile(rule.for_each, environment);
    scope.declare("it", cel::Type::dyn());
  }
  if (!rule.expectation.check.empty()) cel::compile(rule.expectation.check, scope);
}

}  // namespace

void leave_out_what_does_not_compile(ImportedPack& pack, const cel::Environment& facts) {
  const PackInputs inputs = inputs_of(pack, facts);
  std::vector<ImportedRule> kept;
  for (ImportedRule& rule : pack.rules) {
    try {
      compile_all(rule, *inputs.environment);
      kept.push_back(std::move(rule));
    } catch (const cel::CompileError& e) {
      pack.omissions.push_back({rule.line, rule.title, e.what(), rule.severity});
    }
  }
  pack.rules = std::move(kept);
  std::erase_if(pack.questions.paths, [&](const std::string& path) {
    try {
      cel::compile(path, *inputs.environment);
      return false;
    } catch (const cel::CompileError&) {
      return true;
    }
  });
  std::stable_sort(pack.omissions.begin(), pack.omissions.end(),
                   [](const Omission& a, const Omission& b) { return a.line < b.line; });
}

}  // namespace ms::import
