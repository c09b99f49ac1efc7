#pragma once

#include <string>

#include "cel/environment.hpp"
#include "import/imported_pack.hpp"
#include "import/verify.hpp"
#include "rule/evaluate.hpp"
#include "rule/library.hpp"
#include "support/declared_facts.hpp"

namespace ms::test {

inline const std::vector<FactSpec>& msprecheck_facts() {
  static const std::vector<FactSpec> facts = declared_facts();
  return facts;
}

/// Translates a text by one of the importers and leaves out what does not compile.
inline import::ImportedPack import_pack(import::ImportedPack (*import)(std::string_view, const std::string&),
                                        std::string_view text, const std::string& source) {
  import::ImportedPack pack = import(text, source);
  cel::Environment environment;
  declare_facts(msprecheck_facts(), environment);
  import::leave_out_what_does_not_compile(pack, environment);
  return pack;
}

/// What `msprecheck run` says of an imported pack: documents and context are members of `given`.
inline std::vector<Finding> judge_imported(const import::ImportedPack& pack, const Json& given) {
  const RuleLibrary library = load_pack(msprecheck_facts(), import::to_toml(pack), pack.source);
  FactDocument facts;
  facts.set("env", Json::object(), "environment");
  for (const auto& [name, value] : given.items()) facts.set(name, value, name + ".json");
  return evaluate(library.rules, facts, Scene());
}

/// The outcomes of all findings, in order: "pass fail".
inline std::string outcomes_of(const import::ImportedPack& pack, const Json& given) {
  std::string all;
  for (const Finding& finding : judge_imported(pack, given)) {
    all += (all.empty() ? "" : " ") + std::string(name_of(finding.outcome));
  }
  return all;
}

}  // namespace ms::test
