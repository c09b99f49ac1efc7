#pragma once

#include <string>
#include <vector>

#include "facts/catalogue.hpp"
#include "import/imported_pack.hpp"
#include "rule/finding.hpp"
#include "rule/library.hpp"

namespace ms {

/// Whether a file is in one of the two rule languages that are translated, by the end of its name.
bool is_importable(const std::string& path);

/// Reads a .cmate file or YAML rules and translates them; what does not compile against the facts is left
/// out. Throws InputError.
import::ImportedPack import_pack(const std::string& path, const std::vector<FactSpec>& facts);

/// The same as a pack of ours that was read; what was left out goes to standard error. Throws InputError.
TomlTable translate_pack(const std::string& path, const std::vector<FactSpec>& facts);

/// A pack by itself, and what could not be translated of it.
struct PackFile {
  RuleLibrary library;
  std::vector<import::Omission> omissions;
};

/// TOML, or a file that is translated on the way; what was left out in that goes to standard error. Throws
/// InputError.
PackFile load_pack_file(const std::string& path, const std::vector<FactSpec>& facts);

/// Findings of the rules that were left out: each is unknown, so that a run without them does not pass.
std::vector<Finding> findings_of(const std::vector<import::Omission>& omissions, const std::string& source);

/// What was left out, and what is not as it stands in the file, on standard error.
void print_omissions(const import::ImportedPack& pack);

}  // namespace ms
