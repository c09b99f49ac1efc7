#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/reading.hpp"

namespace ms {

/// A process in the table of `npu-smi info`.
struct NpuProcess {
  std::int64_t npu = 0;
  std::int64_t chip = 0;  ///< 0 where the table has no chips (Ascend 950)
  std::int64_t pid = 0;
  Reading<std::string> name = Absent{"not printed"};
  Reading<std::int64_t> memory_bytes = Absent{"not printed"};
};

/// A device (a chip, or a die of a package) in the table of `npu-smi info`: two lines of it. A cell that
/// holds no value ("NA", "-", nothing, something else) is absent, and says what was there.
struct NpuDevice {
  Reading<std::int64_t> id = Absent{"not printed"};      ///< of the card or package; ids can have gaps
  Reading<std::int64_t> chip = Absent{"not printed"};    ///< within the card
  Reading<std::int64_t> phy_id = Absent{"not printed"};  ///< column Phy-ID or Device
  Reading<std::string> name = Absent{"not printed"};
  Reading<std::string> health = Absent{"not printed"};
  Reading<std::string> bus_id = Absent{"not printed"};
  Reading<std::int64_t> numa_node = Absent{"not printed"};  ///< not in the table: of bus_id in sysfs
  Reading<double> power_watts = Absent{"not printed"};
  Reading<double> temperature_celsius = Absent{"not printed"};
  Reading<double> aicore_ratio = Absent{"not printed"};
  Reading<std::int64_t> hugepages_used = Absent{"not printed"};   ///< [pages]
  Reading<std::int64_t> hugepages_total = Absent{"not printed"};  ///< [pages]
  Reading<std::int64_t> memory_used_bytes = Absent{"not printed"};
  Reading<std::int64_t> memory_total_bytes = Absent{"not printed"};
  /// Memory that models are placed in: HBM, or the device memory of chips that have no HBM (310, 310P).
  Reading<std::int64_t> hbm_used_bytes = Absent{"not printed"};
  Reading<std::int64_t> hbm_total_bytes = Absent{"not printed"};
  Reading<std::vector<NpuProcess>> processes = Absent{"not printed"};
};

/// What `npu-smi info` printed.
struct NpuSmiInfo {
  Reading<std::string> smi_version = Absent{"not printed"};     ///< of npu-smi itself
  Reading<std::string> driver_version = Absent{"not printed"};  ///< behind "Version:"
  std::vector<NpuDevice> devices;                               ///< in the order of the table
  bool has_chip_ids = false;  ///< the table has a column Phy-ID: several dies in a package (910C)
  int broken_rows = 0;        ///< lines of the table that no device could be made of, or half of one
  int lost_processes = 0;     ///< processes of a device that is not in the table
  /// Why there is no device: what an error text means and what to do. Empty where there is one.
  std::string problem;
};

/// Reads the output of `npu-smi info`, of npu-smi 20 to 26: the layouts of 310 and 310P (no HBM column), 910
/// and 910B, 910C (two dies of one package, Phy-ID) and 950 (one row pair a package, no Chip column). Pure,
/// takes any text, never throws: a broken line costs its own fields.
NpuSmiInfo parse_npu_smi_info(std::string_view text);

/// What the text of an npu-smi that failed means, and what to do about it: "the driver's management interface
/// did not start (dcmi -8005): ...". nullopt where no known failure is in it.
std::optional<std::string> explain_npu_smi_failure(std::string_view text);

}  // namespace ms
