#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "base/embedded.hpp"
#include "base/toml.hpp"
#include "knowledge/chips.hpp"
#include "knowledge/models.hpp"

namespace ms {

namespace embedded {
/// knowledge/*.toml as they were when the program was built.
std::span<const EmbeddedFile> knowledge();
}  // namespace embedded

/// What is known about chips and models.
struct Knowledge {
  std::vector<Chip> chips;
  std::vector<KnownModel> models;
};

/// Reads `[[chip]]` or `[[model]]` entries of one file into `knowledge`; an entry whose id or name is there
/// already replaces it in its place. Throws InputError: wrong entries, or a name that means two entries.
void add_knowledge(Knowledge& knowledge, const TomlTable& file);

/// The built-in knowledge, then chips.toml and models.toml of `directory` where it has them. Throws
/// InputError when the directory cannot be listed or has neither file.
Knowledge load_knowledge(const std::optional<std::filesystem::path>& directory = std::nullopt);

}  // namespace ms
