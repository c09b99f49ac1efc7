#pragma once

#include <string>

#include "cel/environment.hpp"
#include "facts/catalogue.hpp"
#include "import/imported_pack.hpp"
#include "import/verify.hpp"
#include "rule/evaluate.hpp"
#include "rule/library.hpp"

namespace ms::test {

inline const std::vector<FactSpec>& some_facts() {
  static const std::vector<FactSpec> facts = {{"env", "map<string>", "", {}},
                                              {"host.page_size_bytes", "int", "", {}},
                                              {"host.kernel.release", "string", "", {}},
                                              {"host.virtual.detected", "bool", "", {}},
                                              {"memory.thp.mode", "string", "", {}},
                                              {"cpu.governors", "list<{cpu: int, governor: string}>", "", {}},
                                              {"npu.count", "int", "", {}},
                                              {"npu.family", "string", "", {}},
                                              {"host.arch", "string", "", {}},
                                              {"ascend.mindie.installed", "bool", "", {}},
                                              {"ascend.vllm_ascend.installed", "bool", "", {}},
                                              {"ascend.driver.version", "string", "", {}}};
  return facts;
}

/// What `msprecheck run` says of an imported pack: documents and context are members of `given`.
inline std::vector<Finding> judge_imported(const import::ImportedPack& pack, const Json& given) {
  const RuleLibrary library = load_pack(some_facts(), import::to_toml(pack), pack.source);
  FactDocument facts;
  facts.set("env", Json::object(), "environment");
  for (const auto& [name, value] : given.items()) facts.set(name, value, name + ".json");
  return evaluate(library.rules, facts, Scene());
}

}  // namespace ms::test
