#include "probe/npu_chips.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "probe/extract.hpp"
#include "probe/npu_labels.hpp"
#include "probe/npu_smi.hpp"
#include "probe/npu_smi_table.hpp"

namespace ms {
namespace {

constexpr const char* kMapping = "npu-smi info -m";
constexpr const char* kList = "npu-smi info -l";
constexpr std::size_t kMaxChips = 1024;

enum class Column { npu, slot, chip, logic, phy, name };

struct Head {
  Column column;
  std::string_view label;
};
constexpr Head kHeads[] = {
    {Column::npu, "NPU ID"},          {Column::slot, "Slot ID"},    {Column::chip, "Chip ID"},
    {Column::logic, "Chip Logic ID"}, {Column::phy, "Chip Phy-ID"}, {Column::name, "Chip Name"},
};

// The columns from left to right; none where the line is not the head of the table. The name is the last one,
// so that it may hold blanks.
std::vector<Column> head_columns(std::string_view line) {
  std::vector<std::pair<std::size_t, Column>> found;
  for (const Head& head : kHeads) {
    const auto at = line.find(head.label);
    if (at != line.npos) found.emplace_back(at, head.column);
  }
  std::sort(found.begin(), found.end());
  if (found.size() < 3 || found.front().second != Column::npu || found.back().second != Column::name)
    return {};
  std::vector<Column> columns;
  for (const auto& [at, column] : found) columns.push_back(column);
  return columns;
}

Reading<std::int64_t> id_cell(std::string_view cell, std::string_view label) {
  if (const auto id = parse_int(cell); id && *id >= 0) return *id;
  return Absent{fmt::format("{} shows {} in column {}", kMapping, quoted_start(cell), label)};
}

// The first `count` words of a line and, as the last part, the rest of it; nullopt where there are fewer.
std::optional<std::vector<std::string_view>> words_and_rest(std::string_view line, std::size_t count) {
  std::vector<std::string_view> parts;
  std::string_view rest = trim(line);
  while (parts.size() < count) {
    const auto end = rest.find_first_of(" \t");
    if (end == rest.npos) return std::nullopt;
    parts.push_back(rest.substr(0, end));
    rest = trim(rest.substr(end));
  }
  parts.push_back(rest);
  return parts;
}

std::optional<NpuChip> chip_of(std::string_view line, const std::vector<Column>& columns) {
  const auto cells = words_and_rest(line, columns.size() - 1);
  if (!cells) return std::nullopt;
  NpuChip chip;
  chip.logic_id = Absent{fmt::format("{} has no column Chip Logic ID", kMapping)};
  chip.phy_id = Absent{fmt::format("{} has no column Chip Phy-ID", kMapping)};
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string_view cell = (*cells)[i];
    const auto id = parse_int(cell);
    switch (columns[i]) {
      case Column::npu:
      case Column::chip:
        if (!id || *id < 0) return std::nullopt;
        (columns[i] == Column::npu ? chip.npu : chip.chip) = *id;
        break;
      case Column::logic:
        chip.logic_id = id_cell(cell, "Chip Logic ID");
        break;
      case Column::phy:
        chip.phy_id = id_cell(cell, "Chip Phy-ID");
        break;
      case Column::name:
        chip.name = sanitize_utf8(cell);
        break;
      case Column::slot:
        break;
    }
  }
  return chip;
}

// -l prints one block a card: "NPU ID", then "Chip Count" or, on a 950, name and number of the product.
constexpr LabelledField kCardFields[] = {
    {"chips", "Chip Count", LabelKind::integer},
    {"product", "Product Name", LabelKind::text},
    {"serial_number", "Serial Number", LabelKind::text},
};

}  // namespace

NpuMapping parse_npu_mapping(std::string_view text) {
  NpuMapping mapping;
  std::vector<Column> columns;
  for (const std::string_view line : split_lines(text)) {
    if (columns.empty()) {
      columns = head_columns(line);
      continue;
    }
    const auto chip = chip_of(line, columns);
    if (!chip || to_lower(*chip->name) == "mcu") continue;
    if (mapping.chips.size() < kMaxChips) mapping.chips.push_back(*chip);
  }
  if (!mapping.chips.empty()) return mapping;
  const auto failure = explain_npu_smi_failure(text);
  mapping.problem = failure              ? *failure
                    : trim(text).empty() ? "printed nothing"
                    : columns.empty()
                        ? fmt::format("printed no table of chips but {}", quoted_start(trim(text)))
                        : "printed a table without a chip";
  return mapping;
}

Reading<std::vector<NpuChip>> read_chips(const NpuCommands& commands) {
  const auto output = commands.run(kNpuSmi, {"info", "-m"});
  if (!output) return output.absent();
  NpuMapping mapping = parse_npu_mapping(output->text);
  if (mapping.chips.empty()) return Absent{fmt::format("{}: {}", kMapping, mapping.problem)};
  return std::move(mapping.chips);
}

void read_npu_chips(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts) {
  const auto chips = read_chips(NpuCommands(host, timeout));
  if (!chips) return facts.set_absent("npu.chips", chips.reason(), kMapping);
  const auto field = [](const auto& reading) {
    return reading ? Json(*reading) : absent_marker(reading.reason(), kMapping);
  };
  Json list = Json::array();
  for (const NpuChip& chip : *chips) {
    list.push_back({{"npu", chip.npu},
                    {"chip", chip.chip},
                    {"logic_id", field(chip.logic_id)},
                    {"phy_id", field(chip.phy_id)},
                    {"name", field(chip.name)}});
  }
  facts.set("npu.chips", std::move(list), kMapping);
}

void read_npu_cards(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts) {
  const auto output = NpuCommands(host, timeout).run(kNpuSmi, {"info", "-l"});
  if (!output) return facts.set_absent("npu.cards", output.reason(), kList);
  Json list = Json::array();
  for (const LabelledBlock& block : labelled_blocks(output->text)) {
    const auto id = value_of(block, "NPU ID");
    const auto npu = id ? parse_int(*id) : std::nullopt;
    if (!npu || list.size() >= kMaxChips) continue;
    Json card = {{"npu", *npu}};
    add_fields(block, kCardFields, kList, card);
    list.push_back(std::move(card));
  }
  if (list.empty()) return facts.set_absent("npu.cards", nothing_found(kList, *output), kList);
  facts.set("npu.cards", std::move(list), kList);
}

}  // namespace ms
