#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "facts/document.hpp"
#include "probe/host.hpp"
#include "probe/npu_labels.hpp"

namespace ms {

/// A fact that `npu-smi info -t TYPE` tells, asked card by card.
struct NpuQuery {
  /// What one command asks about, and what one element of the fact is.
  enum class Scope {
    chips_of_card,  ///< -i N prints all chips of the card; an element is a chip
    card,           ///< -i N; an element is a card
    chip,           ///< -i N -c M; an element is a chip
  };

  std::string_view fact;
  std::string_view type;  ///< behind -t
  Scope scope;
  std::span<const LabelledField> fields;
};

/// npu.usage, npu.common, npu.memory, npu.boards and npu.chip_boards.
std::span<const NpuQuery> npu_queries();

/// The fields of chip number `chip` in what a query printed for its card, which has `chips` chips. A text
/// that does not number its chips speaks of the only one. Pure, takes any text, never throws.
void add_chip_fields(const CommandOutput& output, const std::string& command, std::int64_t chip,
                     std::size_t chips, std::span<const LabelledField> fields, Json& element);

/// Sets npu.usage, by -t usages.
void read_npu_usage(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);
/// Sets npu.common, by -t common.
void read_npu_common(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);
/// Sets npu.memory, by -t memory.
void read_npu_memory(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);
/// Sets npu.boards, by -t board of each card.
void read_npu_boards(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);
/// Sets npu.chip_boards, by -t board of each chip.
void read_npu_chip_boards(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

}  // namespace ms
