#include "probe/npu_smi.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "base/units.hpp"
#include "probe/extract.hpp"
#include "probe/npu_smi_table.hpp"

namespace ms {
namespace {

// A hostile or garbled text could hold millions of rows; no host has a thousand NPUs.
constexpr std::size_t kMaxDevices = 1024;
constexpr std::size_t kMaxProcesses = 65536;

using Cells = std::vector<std::string_view>;

Reading<std::string> word_cell(std::string_view cell, std::string_view column) {
  if (cell.empty() || cell == "-" || cell == "NA" || cell == "N/A") {
    return Absent{fmt::format("npu-smi info shows {} in column {}",
                              cell.empty() ? "nothing" : quoted_start(cell), column)};
  }
  return sanitize_utf8(cell);
}

// The first line of a device: "| 0     910B4 | OK | 93.7  37  0 / 0 |", the name in a cell of its own on a
// 950.
bool is_device_line(const Cells& cells) {
  if (cells.size() < 3 || cells.size() > 4 || !leading_int(cells[0])) return false;
  if (is_bus_id(cells[cells.size() - 2])) return false;
  // A process has its id in the second cell; a device has its health or, on a 950, its name there.
  return !parse_int(cells[1]);
}

// The second line: "| 0     0 | 0000:C1:00.0 | 0   0 / 0   3402 / 65536 |".
bool is_chip_line(const Cells& cells) {
  return cells.size() >= 3 && is_bus_id(cells[cells.size() - 2]);
}

// "| 4       0 | 2729616 | python | 110 |", with a further cell for the id in the container since npu-smi 26.
bool is_process_line(const Cells& cells) {
  return cells.size() >= 4 && cells.size() <= 6 && leading_int(cells[0]) && parse_int(cells[1]);
}

class Parser {
 public:
  NpuSmiInfo parse(std::string_view text) {
    for (const std::string_view line : split_lines(text)) {
      const Cells cells = table_cells(line);
      if (!cells.empty()) read_row(cells);
    }
    finish_device();
    place_memory();
    place_processes();
    return std::move(info_);
  }

 private:
  void read_row(const Cells& cells) {
    if (cells.size() == 1) return read_caption(cells[0]);
    if (is_chip_line(cells)) return read_chip_line(cells);
    if (is_process_line(cells)) return read_process(cells);
    if (is_device_line(cells)) return read_device_line(cells);
    read_header(cells);
  }

  void read_caption(std::string_view caption) {
    const re2::StringPiece text(caption.data(), caption.size());
    static const RE2 version(R"(^npu-smi\s+(\S+)(?:\s+Version:\s*(\S+))?)");
    std::string smi;
    std::string driver;
    if (RE2::PartialMatch(text, version, &smi, &driver)) {
      info_.smi_version = sanitize_utf8(smi);
      if (!driver.empty()) info_.driver_version = sanitize_utf8(driver);
      return;
    }
    static const RE2 idle(R"(^No running processes found in NPU (\d{1,9})$)");
    std::int64_t npu = 0;
    if (RE2::FullMatch(text, idle, &npu)) npus_told_.insert(npu);
  }

  void read_header(const Cells& cells) {
    const std::string_view left = cells.front();
    const std::string_view right = cells.back();
    if (left.find("Phy-ID") != left.npos) info_.has_chip_ids = true;
    if (right.find("HBM-Usage") != right.npos) has_hbm_column_ = true;
    if (right.find("Memory-Usage") != right.npos) has_memory_header_ = true;
    for (const std::string_view cell : cells) {
      if (cell.starts_with("Process memory")) process_unit_ = cell.ends_with("(B)") ? 1 : kMiB;
      if (cell.starts_with("Process id")) has_process_table_ = true;
      // Neither a header nor a device: the cells of a row that was cut or garbled.
      if (is_bus_id(cell)) return void(++info_.broken_rows);
    }
  }

  void read_device_line(const Cells& cells) {
    finish_device();
    NpuDevice device;
    device.id = *leading_int(cells[0]);
    const auto space = cells[0].find_first_of(" \t");
    const bool own_cell = cells.size() == 4;
    const std::string_view name =
        own_cell ? cells[1] : trim(cells[0].substr(std::min(space, cells[0].size())));
    device.name = word_cell(name, "Name");
    device.health = word_cell(cells[cells.size() - 2], "Health");
    if (own_cell) device.chip = std::int64_t{0};
    Metrics metrics(cells.back());
    device.power_watts = metrics.number("Power(W)");
    device.temperature_celsius = metrics.number("Temp(C)");
    auto hugepages = metrics.pair("Hugepages-Usage(page)", 1);
    device.hugepages_used = std::move(hugepages.used);
    device.hugepages_total = std::move(hugepages.total);
    open_ = std::move(device);
  }

  void read_chip_line(const Cells& cells) {
    if (!open_) {
      ++info_.broken_rows;
      return;
    }
    NpuDevice& device = *open_;
    const auto ids = cell_words(cells[0]);
    if (!ids.empty()) device.chip = id_word(ids[0], "Chip");
    device.phy_id = ids.size() > 1
                        ? id_word(ids[1], "Phy-ID")
                        : Reading<std::int64_t>(Absent{"npu-smi info has no column Phy-ID for this chip"});
    device.bus_id = std::string(cells[cells.size() - 2]);
    Metrics metrics(cells.back());
    const auto percent = metrics.number("AICore(%)");
    if (percent) {
      device.aicore_ratio = *percent / 100;
    } else {
      device.aicore_ratio = percent.absent();
    }
    if (metrics.pairs_left() > 1) has_hbm_values_ = true;
    auto memory = metrics.pair("Memory-Usage(MB)", kMiB);
    device.memory_used_bytes = std::move(memory.used);
    device.memory_total_bytes = std::move(memory.total);
    auto hbm = metrics.pair("HBM-Usage(MB)", kMiB);
    device.hbm_used_bytes = std::move(hbm.used);
    device.hbm_total_bytes = std::move(hbm.total);
    complete_ = true;
    finish_device();
  }

  static Reading<std::int64_t> id_word(const std::string& word, std::string_view column) {
    const auto id = parse_int(word);
    if (!id) return Absent{fmt::format("npu-smi info shows {} in column {}", quoted_start(word), column)};
    return *id;
  }

  void read_process(const Cells& cells) {
    const auto ids = cell_words(cells[0]);
    const auto chip = ids.size() > 1 ? parse_int(ids[1]) : std::optional<std::int64_t>(0);
    if (!chip || processes_.size() >= kMaxProcesses) return void(++info_.broken_rows);
    NpuProcess process{.npu = *leading_int(cells[0]), .chip = *chip, .pid = *parse_int(cells[1])};
    if (cells[2].empty()) {
      process.name = Absent{
          "npu-smi info shows no name: the process runs where npu-smi cannot see it, in another container"};
    } else {
      process.name = sanitize_utf8(cells[2]);
    }
    const auto memory = parse_int(cells[3]);
    std::int64_t bytes = 0;
    if (memory && *memory >= 0 && !__builtin_mul_overflow(*memory, process_unit_, &bytes)) {
      process.memory_bytes = bytes;
    } else {
      process.memory_bytes =
          Absent{fmt::format("npu-smi info shows {} in column Process memory", quoted_start(cells[3]))};
    }
    processes_.push_back(std::move(process));
  }

  void finish_device() {
    if (!open_) return;
    if (!complete_) {
      ++info_.broken_rows;
      mark_second_line_missing(*open_);
    }
    if (info_.devices.size() < kMaxDevices) info_.devices.push_back(std::move(*open_));
    open_.reset();
    complete_ = false;
  }

  static void mark_second_line_missing(NpuDevice& device) {
    const Absent missing{"npu-smi info: the second line of this device is missing"};
    if (!device.chip) device.chip = missing;
    device.phy_id = missing;
    device.bus_id = missing;
    device.aicore_ratio = missing;
    device.memory_used_bytes = device.memory_total_bytes = missing;
    device.hbm_used_bytes = device.hbm_total_bytes = missing;
  }

  // Without an HBM column the chip has no HBM, and models are placed in its device memory. A text without
  // headers is judged by its rows: one pair of numbers in all of them, or two in some.
  void place_memory() {
    if (has_hbm_column_ || (has_hbm_values_ && !has_memory_header_)) return;
    for (NpuDevice& device : info_.devices) {
      device.hbm_used_bytes = device.memory_used_bytes;
      device.hbm_total_bytes = device.memory_total_bytes;
    }
  }

  void place_processes() {
    for (const NpuProcess& process : processes_) npus_told_.insert(process.npu);
    for (NpuDevice& device : info_.devices) {
      if (device.id && npus_told_.contains(*device.id)) {
        device.processes = std::vector<NpuProcess>();
      } else if (has_process_table_ && device.id) {
        device.processes =
            Absent{fmt::format("npu-smi info says nothing about processes of NPU {}", *device.id)};
      } else {
        device.processes = Absent{"npu-smi info printed no table of processes"};
      }
    }
    for (NpuProcess& process : processes_) {
      const auto device = std::find_if(info_.devices.begin(), info_.devices.end(), [&](const NpuDevice& d) {
        return d.processes && *d.id == process.npu && (!d.chip || *d.chip == process.chip);
      });
      if (device == info_.devices.end()) {
        ++info_.lost_processes;
      } else {
        (*device->processes).push_back(std::move(process));
      }
    }
  }

  NpuSmiInfo info_;
  std::vector<NpuProcess> processes_;
  std::set<std::int64_t> npus_told_;  // of which the text says what runs on them
  std::optional<NpuDevice> open_;     // its second line has not come yet
  bool complete_ = false;
  bool has_hbm_column_ = false;
  bool has_memory_header_ = false;
  bool has_hbm_values_ = false;
  bool has_process_table_ = false;
  std::int64_t process_unit_ = kMiB;
};

}  // namespace

NpuSmiInfo parse_npu_smi_info(std::string_view text) {
  NpuSmiInfo info = Parser().parse(text);
  if (!info.devices.empty()) return info;
  if (const auto failure = explain_npu_smi_failure(text)) {
    info.problem = *failure;
  } else if (trim(text).empty()) {
    info.problem = "printed nothing";
  } else if (info.smi_version) {
    info.problem =
        "printed a table without a device: check that the NPUs are passed into this container or "
        "virtual machine (/dev/davinci*), and 'dmesg' for why the driver gave them up";
  } else {
    info.problem = fmt::format("printed no table of devices but {}", quoted_start(trim(text)));
  }
  return info;
}

}  // namespace ms
