#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/embedded.hpp"
#include "base/toml.hpp"
#include "cel/environment.hpp"
#include "facts/catalogue.hpp"
#include "rule/advice.hpp"
#include "rule/diagnosis.hpp"
#include "rule/pack_inputs.hpp"
#include "rule/rule.hpp"
#include "rule/scene.hpp"

namespace ms {

namespace embedded {
/// The files of rules/, compiled in.
std::span<const EmbeddedFile> rules();
}  // namespace embedded

/// The rules that a run judges by, compiled against the facts that are declared.
struct RuleLibrary {
  std::shared_ptr<const cel::Environment> environment;  ///< what the expressions below refer to
  SceneCatalogue scenes;
  std::vector<PackInputs> packs;  ///< what the packs declare; rules refer to their environments
  std::vector<Rule> rules;
  std::vector<Text> notes;  ///< "rule X of A replaces the one of B"
};

/// The packs that are compiled in (unless `builtin` is false) and those of `paths`, each a file or a
/// directory of *.toml: read, not compiled yet. Throws InputError for the first that cannot be read.
std::vector<TomlTable> read_packs(const std::vector<std::filesystem::path>& paths, bool builtin);

/// A library without rules.
RuleLibrary empty_library(const std::vector<FactSpec>& facts);

/// Compiles packs side by side and adds their rules to a library; a rule with the id of an earlier one takes
/// its place. Throws InputError for anything that is wrong in a pack, the first one of several, and when
/// there is no rule at all.
void add_packs(RuleLibrary& library, const std::vector<TomlTable>& packs);

/// A library of the packs that read_packs() gives. Throws InputError as it and add_packs() do.
RuleLibrary load_rule_library(const std::vector<FactSpec>& facts,
                              const std::vector<std::filesystem::path>& paths, bool builtin);

/// The rules of one pack that is in memory, and no others. Throws InputError as load_rule_library() does.
RuleLibrary load_pack(const std::vector<FactSpec>& facts, const std::string& toml, const std::string& source);

/// The rule of that id. Throws InputError with the closest id when there is none.
const Rule& find_rule(const RuleLibrary& library, const std::string& id);

/// The rule files that a path of --rules stands for: itself, or the *.toml of a directory without those that
/// hold examples. Throws InputError when there are none.
std::vector<std::filesystem::path> pack_files(const std::filesystem::path& path);

/// The advice and diagnoses that a run uses.
struct AdviceLibrary {
  std::shared_ptr<const cel::Environment> environment;  ///< what the expressions below refer to
  std::vector<AdviceRule> rules;
  std::vector<DiagnosisPack> diagnoses;
};

/// The advice and diagnoses of rules/advisor/, compiled against the facts of the advisor.
AdviceLibrary load_advice_library(const std::vector<FactSpec>& facts);

}  // namespace ms
