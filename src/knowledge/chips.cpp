#include "knowledge/chips.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "base/closest_match.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "base/toml.hpp"
#include "base/units.hpp"

namespace ms {
namespace {

constexpr std::array<std::string_view, 5> kFamilies = {"A1", "A2", "A3", "310P", "950"};

// Names compare without case, blanks and the vendor's prefix, since tools disagree on all three.
std::string normal_name(std::string_view name) {
  std::string normal;
  for (const char c : to_lower(name)) {
    if (c != ' ' && c != '\t') normal += c;
  }
  if (normal.starts_with("ascend")) normal.erase(0, std::string_view("ascend").size());
  return normal;
}

bool names(const std::vector<std::string>& list, const std::string& wanted) {
  for (const std::string& name : list) {
    if (normal_name(name) == wanted) return true;
  }
  return false;
}

std::optional<std::int64_t> optional_size(const TomlTable& table, std::string_view key) {
  const auto text = table.optional_string(key);
  if (!text) return std::nullopt;
  const auto bytes = parse_size_bytes(*text);
  if (!bytes || *bytes == 0) table.fail(key, fmt::format("'{}' must be a size such as \"64GiB\"", key));
  return bytes;
}

std::optional<double> optional_positive(const TomlTable& table, std::string_view key) {
  const auto value = table.optional_double(key);
  if (value && !(*value > 0)) table.fail(key, fmt::format("'{}' must be above 0", key));
  return value;
}

std::optional<std::int64_t> optional_count(const TomlTable& table, std::string_view key) {
  const auto value = table.optional_int(key);
  if (value && *value <= 0) table.fail(key, fmt::format("'{}' must be above 0", key));
  return value;
}

std::string read_family(const TomlTable& table) {
  const std::string family = table.string("family");
  for (const std::string_view known : kFamilies) {
    if (family == known) return family;
  }
  table.fail("family",
             fmt::format("unknown family '{}'{}", family, did_you_mean(closest_match(family, kFamilies))));
}

}  // namespace

Chip read_chip(const TomlTable& table) {
  Chip chip;
  chip.id = table.string("id");
  if (chip.id.empty()) table.fail("id", "'id' must not be empty");
  chip.aliases = table.strings("aliases");
  chip.soc = table.strings("soc");
  chip.device_names = table.strings("device_names");
  chip.family = read_family(table);
  const auto hbm = optional_size(table, "hbm");
  if (!hbm) table.fail("hbm", "a chip needs 'hbm', its device memory");
  chip.hbm_bytes = *hbm;
  chip.hbm_bandwidth = optional_positive(table, "hbm_bandwidth");
  chip.bf16_flops = optional_positive(table, "bf16_flops");
  chip.fp16_flops = optional_positive(table, "fp16_flops");
  if (!chip.fp16_flops) chip.fp16_flops = chip.bf16_flops;
  chip.cube_cores = optional_count(table, "cube_cores");
  chip.clock_mhz = optional_count(table, "clock_mhz");
  chip.idle_hbm_bytes = optional_size(table, "idle_hbm");
  if (chip.idle_hbm_bytes) chip.idle_source = table.string("idle_source");
  if (chip.idle_hbm_bytes && *chip.idle_hbm_bytes >= chip.hbm_bytes) {
    table.fail("idle_hbm", "'idle_hbm' must be below 'hbm'");
  }
  chip.pci_device = to_lower(table.optional_string("pci_device").value_or(""));
  chip.dies_per_package = optional_count(table, "dies_per_package").value_or(1);
  chip.notes = table.strings("notes");
  chip.source = table.strings("source");
  table.finish();
  return chip;
}

const Chip& find_chip(std::span<const Chip> chips, std::string_view name, const std::string& source) {
  const std::string wanted = normal_name(name);
  for (const Chip& chip : chips) {
    if (normal_name(chip.id) == wanted || names(chip.aliases, wanted) || names(chip.soc, wanted)) return chip;
  }
  std::vector<const Chip*> sharing;
  for (const Chip& chip : chips) {
    if (names(chip.device_names, wanted)) sharing.push_back(&chip);
  }
  if (sharing.size() == 1) return *sharing.front();
  if (!sharing.empty()) {
    std::string ids;
    for (const Chip* chip : sharing) ids += (ids.empty() ? "" : ", ") + chip->id;
    throw InputError(source, fmt::format("'{}' is the name of several chips: say which of {}", name, ids));
  }
  std::vector<std::string> known;
  std::string ids;
  for (const Chip& chip : chips) {
    known.push_back(chip.id);
    known.insert(known.end(), chip.aliases.begin(), chip.aliases.end());
    ids += (ids.empty() ? "" : ", ") + chip.id;
  }
  throw InputError(source, fmt::format("unknown chip '{}'{} (known: {})", name,
                                       did_you_mean(closest_match(wanted, known)), ids));
}

const Chip* match_device(std::span<const Chip> chips, std::string_view device_name,
                         std::optional<std::int64_t> hbm_total_bytes) {
  const std::string wanted = normal_name(device_name);
  const Chip* best = nullptr;
  for (const Chip& chip : chips) {
    if (!names(chip.device_names, wanted) && normal_name(chip.id) != wanted && !names(chip.soc, wanted))
      continue;
    const auto distance = [&](const Chip& c) { return std::abs(c.hbm_bytes - *hbm_total_bytes); };
    if (best == nullptr || (hbm_total_bytes && distance(chip) < distance(*best))) best = &chip;
  }
  return best;
}

}  // namespace ms
