#include "knowledge/knowledge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/toml.hpp"

namespace ms {
namespace {

constexpr std::array<std::string_view, 2> kFiles = {"chips.toml", "models.toml"};

template <class Entry>
void add_or_replace(std::vector<Entry>& entries, Entry entry, std::string Entry::*key) {
  const auto same = std::find_if(entries.begin(), entries.end(), [&](const Entry& known) {
    return to_lower(known.*key) == to_lower(entry.*key);
  });
  if (same == entries.end()) {
    entries.push_back(std::move(entry));
  } else {
    *same = std::move(entry);
  }
}

// One name must not mean two entries: a lookup would depend on the order of files.
template <class Entry>
void require_distinct_names(const std::vector<Entry>& entries, std::string Entry::*key,
                            const std::string& source) {
  std::map<std::string, std::string> owner;
  for (const Entry& entry : entries) {
    std::vector<std::string> names = entry.aliases;
    names.push_back(entry.*key);
    for (const std::string& name : names) {
      const auto [at, is_new] = owner.emplace(to_lower(name), entry.*key);
      if (is_new || at->second == entry.*key) continue;
      throw InputError(source, fmt::format("'{}' names both '{}' and '{}'", name, at->second, entry.*key));
    }
  }
}

}  // namespace

void add_knowledge(Knowledge& knowledge, const TomlTable& file) {
  for (const TomlTable& table : file.tables("chip")) {
    add_or_replace(knowledge.chips, read_chip(table), &Chip::id);
  }
  for (const TomlTable& table : file.tables("model")) {
    add_or_replace(knowledge.models, read_known_model(table), &KnownModel::name);
  }
  file.finish();
  require_distinct_names(knowledge.chips, &Chip::id, file.source());
  require_distinct_names(knowledge.models, &KnownModel::name, file.source());
}

Knowledge load_knowledge(const std::optional<std::filesystem::path>& directory) {
  Knowledge knowledge;
  for (const EmbeddedFile& file : embedded::knowledge()) {
    if (std::find(kFiles.begin(), kFiles.end(), file.name) == kFiles.end()) continue;
    add_knowledge(knowledge, parse_toml(file, "knowledge/" + std::string(file.name)));
  }
  if (!directory) return knowledge;
  const auto names = list_directory(*directory);
  if (!names) throw InputError("--knowledge", names.reason());
  bool any = false;
  for (const std::string_view name : kFiles) {
    if (std::find(names->begin(), names->end(), name) == names->end()) continue;
    const std::filesystem::path path = *directory / name;
    add_knowledge(knowledge, parse_toml(read_document(path), path.string()));
    any = true;
  }
  if (!any) throw InputError(directory->string(), "has neither chips.toml nor models.toml");
  return knowledge;
}

}  // namespace ms
