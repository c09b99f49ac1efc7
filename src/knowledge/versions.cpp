#include "knowledge/versions.hpp"

#include <fmt/format.h>

#include <span>

#include "base/embedded.hpp"
#include "base/toml.hpp"
#include "cel/version.hpp"

namespace ms {

namespace embedded {
/// knowledge/versions.toml.
std::span<const EmbeddedFile> versions();
}  // namespace embedded

namespace {

constexpr const char* kSource = "knowledge/versions.toml";

void require_version(const TomlTable& row, std::string_view key, const std::string& text) {
  if (!cel::is_version(text)) row.fail(key, fmt::format("'{}' is not a version", text));
}

PairingRow read_row(const TomlTable& table) {
  PairingRow row{.from = {}, .to = {}, .with = table.strings("with")};
  if (table.has("version")) {
    row.from = row.to = table.string("version");
    require_version(table, "version", row.from);
  } else {
    row.from = table.string("from");
    row.to = table.string("to");
    require_version(table, "from", row.from);
    require_version(table, "to", row.to);
  }
  if (row.with.empty()) table.fail("with", "'with' names no version");
  for (const std::string& version : row.with) require_version(table, "with", version);
  table.finish();
  return row;
}

Pairing read_pairing(const TomlTable& table) {
  Pairing pairing{.id = table.string("id"),
                  .of = table.string("of"),
                  .with = table.string("with"),
                  .kind = table.string("kind"),
                  .doc = table.text("doc"),
                  .source = table.strings("source"),
                  .rows = {}};
  if (pairing.kind != "released" && pairing.kind != "minimum" && pairing.kind != "series")
    table.fail("kind", "'kind' must be released, minimum or series");
  for (const TomlTable& row : table.tables("rows")) pairing.rows.push_back(read_row(row));
  if (pairing.rows.empty()) table.fail("id", "the pairing has no rows");
  table.finish();
  return pairing;
}

const PairingRow* find_row(const Pairing& pairing, std::string_view version) {
  for (const PairingRow& row : pairing.rows) {
    const bool covers =
        cel::compare_versions(version, row.from) >= 0 && cel::compare_versions(version, row.to) <= 0;
    if (covers) return &row;
  }
  return nullptr;
}

void set_compatibility(FactDocument& facts, const Pairing& pairing) {
  const Json* version = facts.find(pairing.of);
  if (version == nullptr) return;
  const std::string path = "compatible." + pairing.id;
  if (const auto reason = absent_reason(*version)) {
    facts.set_absent(path, *reason, pairing.of);
    return;
  }
  const std::string text = version->is_string() ? version->get<std::string>() : std::string();
  const PairingRow* row = cel::is_version(text) ? find_row(pairing, text) : nullptr;
  if (row == nullptr) {
    facts.set_absent(path,
                     fmt::format("{} {} is not in the table ({} to {})", pairing.of, text,
                                 pairing.rows.front().from, pairing.rows.back().to),
                     kSource);
    return;
  }
  facts.set(path, Json(row->with), kSource);
}

}  // namespace

const std::vector<Pairing>& version_pairings() {
  static const std::vector<Pairing> pairings = [] {
    std::vector<Pairing> result;
    for (const EmbeddedFile& file : embedded::versions()) {
      const TomlTable root = parse_toml(file, std::string(file.name));
      for (const TomlTable& table : root.tables("pairing")) result.push_back(read_pairing(table));
      root.finish();
    }
    return result;
  }();
  return pairings;
}

std::vector<FactSpec> compatibility_fact_specs() {
  std::vector<FactSpec> specs;
  for (const Pairing& pairing : version_pairings()) {
    specs.push_back(
        {.path = "compatible." + pairing.id, .type_text = "list<string>", .unit = "", .doc = pairing.doc});
  }
  return specs;
}

void add_versions_looked_up(std::set<std::string, std::less<>>& needed) {
  for (const Pairing& pairing : version_pairings()) {
    // A version inside of a map comes with the map.
    if (needed.contains("compatible." + pairing.id)) needed.insert(pairing.of);
  }
}

void set_compatibility_facts(FactDocument& facts) {
  for (const Pairing& pairing : version_pairings()) set_compatibility(facts, pairing);
}

}  // namespace ms
