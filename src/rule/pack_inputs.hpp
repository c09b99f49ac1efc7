#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/toml.hpp"
#include "cel/environment.hpp"
#include "cel/program.hpp"

namespace ms {

/// A file that a pack judges: `document.<name>` in its expressions.
struct DocumentSpec {
  std::string name;
  std::string about;
  std::string format;  ///< "json" or "yaml"; empty where the name of the file says it
};

/// What a pack must be told of the situation: `context.<name>` in its expressions.
struct ContextSpec {
  std::string name;
  std::string about;
  std::vector<std::string> options;  ///< empty: any value
  bool open = false;                 ///< whether values beside the options are taken as well
};

/// What a pack has asked of the host beyond its facts: `asked` in its expressions.
struct PackQuestions {
  std::vector<cel::Program> paths;  ///< asked.path_exists[path], each a path or a list of them
  bool ports_in_use = false;        ///< asked.ports_in_use
  bool address = false;             ///< asked.address

  bool empty() const { return paths.empty() && !ports_in_use && !address; }
};

/// What a pack declares above its rules.
struct PackInputs {
  std::string source;  ///< the file
  std::string name;    ///< title, may be empty; likewise the next two
  std::string version;
  std::string about;
  bool errors_fail = false;  ///< whether a check that goes wrong fails
  std::vector<DocumentSpec> documents;
  std::vector<ContextSpec> contexts;
  PackQuestions questions;
  /// What the expressions of the pack know: the facts, and what is declared here.
  std::shared_ptr<const cel::Environment> environment;
};

/// Reads the keys of a pack other than its rules. Throws InputError with the place. `facts` must outlive the
/// result.
PackInputs load_pack_inputs(const TomlTable& pack, const cel::Environment& facts);

}  // namespace ms
