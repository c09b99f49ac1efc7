#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ms {

class TomlTable;

/// One NPU device as the driver lists it: a chip, or one die of a package. Figures are published peaks unless
/// the entry says otherwise; what nobody published is absent.
struct Chip {
  std::string id;                         ///< "910B4"
  std::vector<std::string> aliases;       ///< other names of exactly this entry
  std::vector<std::string> soc;           ///< "Ascend910B4"
  std::vector<std::string> device_names;  ///< Name column of `npu-smi info`; entries may share one
  std::string family;                     ///< "A1", "A2", "A3", "310P" or "950"
  std::int64_t hbm_bytes = 0;             ///< device memory as the driver reports it [bytes]
  std::optional<double> hbm_bandwidth;    ///< [bytes/second]
  std::optional<double> bf16_flops;       ///< dense [operations/second]; absent where the chip has no BF16
  std::optional<double> fp16_flops;       ///< dense [operations/second]; equals bf16_flops where both exist
  std::optional<std::int64_t> cube_cores;
  std::optional<std::int64_t> clock_mhz;
  std::optional<std::int64_t> idle_hbm_bytes;  ///< in use before a model is loaded [bytes]
  std::string idle_source;                     ///< where idle_hbm_bytes was seen; empty when it is absent
  std::string pci_device;                      ///< "d802", lower case; empty when unknown
  std::int64_t dies_per_package = 1;
  std::vector<std::string> notes;
  std::vector<std::string> source;
};

/// Reads one `[[chip]]`. Throws InputError with file, line and column.
Chip read_chip(const TomlTable& table);

/// The chip that a person names: "910B4", "Ascend910B4", "ascend 910b4" or a SoC name. Throws InputError that
/// starts with `source` ("--chip") for an unknown name, with the closest one, and for a name that several
/// chips share, with their ids.
const Chip& find_chip(std::span<const Chip> chips, std::string_view name, const std::string& source);

/// The chip that a live device is: by the name npu-smi prints and, where entries share it, by the nearest
/// device memory size. nullptr when no entry has the name.
const Chip* match_device(std::span<const Chip> chips, std::string_view device_name,
                         std::optional<std::int64_t> hbm_total_bytes);

}  // namespace ms
