#include "probe/npu_labels.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cctype>

#include "base/text.hpp"
#include "base/units.hpp"
#include "facts/document.hpp"
#include "probe/extract.hpp"

namespace ms {
namespace {

// No command prints as many lines; a hostile one could.
constexpr std::size_t kMaxLines = 65536;

bool same_label(std::string_view a, std::string_view b) {
  std::size_t j = 0;
  for (const char c : a) {
    if (c == ' ') continue;
    while (j < b.size() && b[j] == ' ') ++j;
    if (j == b.size() ||
        std::tolower(static_cast<unsigned char>(c)) != std::tolower(static_cast<unsigned char>(b[j]))) {
      return false;
    }
    ++j;
  }
  return b.substr(j).find_first_not_of(' ') == b.npos;
}

// hccn_tool writes the device before the label: "[devid 0]link up count       : 2".
std::string_view without_device(std::string_view line) {
  if (!line.starts_with("[devid ")) return line;
  return trim(line.substr(std::min(line.find(']'), line.size() - 1) + 1));
}

std::optional<LabelledValue> labelled_line(std::string_view line) {
  line = without_device(trim(line));
  const auto colon = line.find(':');
  if (colon == line.npos) return std::nullopt;
  const std::string_view label = trim(line.substr(0, colon));
  if (label.empty() || label.size() > 64) return std::nullopt;
  return LabelledValue{label, trim(line.substr(colon + 1))};
}

bool is_management_chip(const LabelledBlock& block) {
  const auto name = value_of(block, "Chip Name");
  return name && to_lower(*name) == "mcu";
}

Json lanes(const LabelledBlock& block, std::string_view label) {
  Json values = Json::array();
  for (const LabelledValue& line : block) {
    const auto end = line.label.find_last_not_of("0123456789");
    if (end == line.label.npos || !same_label(line.label.substr(0, end + 1), label)) continue;
    const auto value = parse_double(line.value.substr(0, line.value.find(' ')));
    if (!value) return Json();
    values.push_back(*value);
  }
  return values;
}

Json switch_of(std::string_view value) {
  static const RE2 pattern(R"(tls switch\[([01])\])");
  std::string digit;
  if (!RE2::PartialMatch(re2::StringPiece(value.data(), value.size()), pattern, &digit)) return {};
  return digit == "1";
}

Json flags_of(std::string_view value) {
  if (!value.starts_with("0x") || value.size() < 3) return {};
  const std::string_view digits = value.substr(2);
  if (digits.find_first_not_of("0123456789abcdefABCDEF") != digits.npos) return {};
  return digits.find_first_not_of('0') != digits.npos;
}

Json integer_of(std::string_view value, std::int64_t unit) {
  const auto number = parse_int(value);
  std::int64_t scaled = 0;
  if (!number || *number < 0 || __builtin_mul_overflow(*number, unit, &scaled)) return {};
  return scaled;
}

Json number_of(std::string_view value, double divisor) {
  const auto number = parse_double(value.substr(0, value.find(' ')));
  return number ? Json(*number / divisor) : Json();
}

// null where the value is not of the kind.
Json converted(const LabelledBlock& block, const LabelledField& field, std::string_view value) {
  switch (field.kind) {
    case LabelKind::text:
      return sanitize_utf8(value);
    case LabelKind::integer:
      return integer_of(value, 1);
    case LabelKind::number:
      return number_of(value, 1);
    case LabelKind::numbers:
      return lanes(block, field.label);
    case LabelKind::mebibytes:
      return integer_of(value, kMiB);
    case LabelKind::percent:
      return number_of(value, 100);
    case LabelKind::flags:
      return flags_of(value);
    case LabelKind::presence:
      return value == "present" ? Json(true) : value == "not present" ? Json(false) : Json();
    case LabelKind::tls_switch:
      return switch_of(value);
  }
  return {};
}

}  // namespace

std::vector<LabelledBlock> labelled_blocks(std::string_view text) {
  std::vector<LabelledBlock> blocks;
  bool open = false;
  std::size_t lines = 0;
  for (const std::string_view line : split_lines(text)) {
    if (++lines > kMaxLines) break;
    if (trim(line).empty()) open = false;
    const auto found = labelled_line(line);
    if (!found) continue;
    // A block has some dozens of labels at most: more are no output of these commands.
    if (!open || blocks.back().size() >= 256 || value_of(blocks.back(), found->label)) blocks.emplace_back();
    blocks.back().push_back(*found);
    open = true;
  }
  return blocks;
}

LabelledBlock labelled_lines(std::string_view text) {
  LabelledBlock lines;
  for (const LabelledBlock& block : labelled_blocks(text))
    lines.insert(lines.end(), block.begin(), block.end());
  return lines;
}

std::optional<std::string_view> value_of(const LabelledBlock& block, std::string_view label) {
  const auto found = std::find_if(block.begin(), block.end(),
                                  [&](const LabelledValue& line) { return same_label(line.label, label); });
  if (found == block.end()) return std::nullopt;
  return found->value;
}

std::vector<ChipBlock> chip_blocks(std::string_view text) {
  std::vector<ChipBlock> chips;
  LabelledBlock unnumbered;
  for (LabelledBlock& block : labelled_blocks(text)) {
    if (is_management_chip(block)) continue;
    const auto id = value_of(block, "Chip ID");
    if (const auto chip = id ? parse_int(*id) : std::nullopt) {
      chips.push_back({*chip, std::move(block)});
    } else {
      unnumbered.insert(unnumbered.end(), block.begin(), block.end());
    }
  }
  if (chips.empty() && !unnumbered.empty()) chips.push_back({std::nullopt, std::move(unnumbered)});
  return chips;
}

Reading<Json> labelled_value(const LabelledBlock& block, const LabelledField& field,
                             const std::string& command) {
  auto value = value_of(block, field.label);
  if (!value && field.kind == LabelKind::numbers) value = value_of(block, fmt::format("{}0", field.label));
  if (!value) return Absent{fmt::format("{}: prints no \"{}\"", command, field.label)};
  if (!value->empty() && *value != "-" && *value != "NA" && *value != "N/A") {
    Json json = converted(block, field, *value);
    if (!json.is_null()) return json;
  }
  const std::string shown = value->empty() ? "nothing" : quoted_start(*value);
  return Absent{fmt::format("{}: shows {} for \"{}\"", command, shown, field.label)};
}

bool has_any(const LabelledBlock& block, std::span<const LabelledField> fields) {
  return std::any_of(fields.begin(), fields.end(), [&](const LabelledField& field) {
    return value_of(block, field.label) ||
           (field.kind == LabelKind::numbers && value_of(block, fmt::format("{}0", field.label)));
  });
}

void add_fields(const LabelledBlock& block, std::span<const LabelledField> fields, const std::string& command,
                Json& element) {
  for (const LabelledField& field : fields) {
    auto value = labelled_value(block, field, command);
    element[std::string(field.name)] = value ? std::move(*value) : absent_marker(value.reason(), command);
  }
}

void add_absent(std::span<const LabelledField> fields, const std::string& reason, const std::string& command,
                Json& element) {
  for (const LabelledField& field : fields) {
    element[std::string(field.name)] = absent_marker(reason, command);
  }
}

}  // namespace ms
