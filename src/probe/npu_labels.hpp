#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/reading.hpp"

namespace ms {

/// A line "HBM Capacity(MB)               : 65536" or "ipaddr:10.0.0.1".
struct LabelledValue {
  std::string_view label;
  std::string_view value;
};

/// Lines that belong together.
using LabelledBlock = std::vector<LabelledValue>;

/// The labelled lines of a text. A blank line, or a label that is in the block already, starts the next
/// block; lines without a label, and "[devid 0]" before one, are passed over. Views into `text`.
std::vector<LabelledBlock> labelled_blocks(std::string_view text);

/// All labelled lines of a text, as one block.
LabelledBlock labelled_lines(std::string_view text);

/// The first value of a label, in whatever case and with whatever blanks it is written.
std::optional<std::string_view> value_of(const LabelledBlock& block, std::string_view label);

/// What the lines of one chip say.
struct ChipBlock {
  std::optional<std::int64_t> chip;  ///< none where the text does not number its chips
  LabelledBlock lines;
};

/// The chips in what `npu-smi info -t TYPE -i N` prints: usages closes the block of each chip with its
/// "Chip ID", common opens it with one. Blocks of the management chip (mcu) are left out. A text without
/// numbers of chips is one block.
std::vector<ChipBlock> chip_blocks(std::string_view text);

/// How a value is to be read.
enum class LabelKind {
  text,
  integer,
  number,      ///< the first word, what follows being its unit: "3262.90 mV"
  numbers,     ///< one of each lane: "Tx Power0", "Tx Power1", ... or "Tx Power" alone
  mebibytes,   ///< as bytes
  percent,     ///< as a ratio: 1 is 100 %
  flags,       ///< true where any bit of "0xff" is set
  presence,    ///< "present" or "not present"
  tls_switch,  ///< "0, tls switch[1](0:disable, 1:enable), ..."
};

/// A field of a fact, and where it stands in the output of a command.
struct LabelledField {
  std::string_view name;
  std::string_view label;
  LabelKind kind;
};

/// The value of a field in a block, or why it has none; `command` is what printed the block.
Reading<Json> labelled_value(const LabelledBlock& block, const LabelledField& field,
                             const std::string& command);

/// Whether any of the fields is in the block.
bool has_any(const LabelledBlock& block, std::span<const LabelledField> fields);

/// Adds the fields to `element`: values, or markers with the reason and `command` as the source.
void add_fields(const LabelledBlock& block, std::span<const LabelledField> fields, const std::string& command,
                Json& element);

/// Adds the fields to `element`, all absent for the same reason.
void add_absent(std::span<const LabelledField> fields, const std::string& reason, const std::string& command,
                Json& element);

}  // namespace ms
