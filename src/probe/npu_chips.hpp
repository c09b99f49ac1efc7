#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "facts/document.hpp"
#include "probe/npu_commands.hpp"

namespace ms {

/// A chip (or die) in `npu-smi info -m`, which maps the numbers that it is known by.
struct NpuChip {
  std::int64_t npu = 0;                                    ///< of the card or package: npu-smi info -i
  std::int64_t chip = 0;                                   ///< within the card: npu-smi info -c
  Reading<std::int64_t> logic_id = Absent{"not printed"};  ///< what frameworks number devices by
  Reading<std::int64_t> phy_id = Absent{"not printed"};    ///< N of /dev/davinciN
  Reading<std::string> name = Absent{"not printed"};
};

/// What `npu-smi info -m` printed, without the chips that manage a card (Mcu).
struct NpuMapping {
  std::vector<NpuChip> chips;
  std::string problem;  ///< why there is no chip; empty where there are some
};

/// Reads the output of `npu-smi info -m`: the columns of 910A to 910B (NPU, Chip, Logic), 910C (and Phy-ID)
/// and 950 (Slot, no Logic). Pure, takes any text, never throws.
NpuMapping parse_npu_mapping(std::string_view text);

/// The chips, by `npu-smi info -m`; absent with the reason where it shows none.
Reading<std::vector<NpuChip>> read_chips(const NpuCommands& commands);

/// Sets npu.chips, by `npu-smi info -m`.
void read_npu_chips(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

/// Sets npu.cards, by `npu-smi info -l`.
void read_npu_cards(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

}  // namespace ms
