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

/// What `msprecheck run` says of an imported pack: documents and context are members of `given`.
inline std::vector<Finding> judge_imported(const import::ImportedPack& pack, const Json& given) {
  const RuleLibrary library = load_pack(msprecheck_facts(), import::to_toml(pack), pack.source);
  FactDocument facts;
  facts.set("env", Json::object(), "environment");
  for (const auto& [name, value] : given.items()) facts.set(name, value, name + ".json");
  return evaluate(library.rules, facts, Scene());
}

}  // namespace ms::test
