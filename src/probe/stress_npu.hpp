#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/reading.hpp"
#include "facts/document.hpp"
#include "probe/host.hpp"
#include "probe/stress_cpu.hpp"

namespace ms {

/// The words of a command as a person writes it: parted at white space; single and double quotes keep words
/// together, a backslash takes the next character as it is. Nothing is expanded. Throws InputError, which
/// names `option`, for an open quote or where there is no word.
std::vector<std::string> split_command(std::string_view text, const std::string& option);

/// The devices that npu.devices lists, as /dev/davinciN counts them: phy_id where npu-smi prints one,
/// otherwise the id.
Reading<std::vector<std::int64_t>> stress_devices(const FactDocument& facts);

/// What the command did on one NPU.
struct NpuStress {
  std::int64_t npu = 0;
  Reading<double> value = Absent{"not measured"};  ///< seconds, or the number that the command printed
  bool printed = false;                            ///< whether it is that number
  std::optional<double> percent;                   ///< over the median of the NPUs
};

/// Runs the command on one NPU after the other, `{id}` in its words replaced, each for at most `timeout`. A
/// last line that is a number is the value, otherwise the time that it took; less is better. A command that
/// does not end in time or ends with another status than 0 has no value. `now` is a clock. [s]
std::vector<NpuStress> measure_npus(const Host& host, const std::vector<std::string>& command,
                                    const std::vector<std::int64_t>& npus, std::chrono::milliseconds timeout,
                                    const std::function<double()>& now, const StressProgress& progress);

/// Sets stress.npu.*: the results, and what is slower than `threshold_percent` over the median.
void set_npu_stress_facts(FactDocument& facts, const Reading<std::vector<NpuStress>>& results,
                          double threshold_percent);

/// Sets stress.*: nothing was asked for, so nothing is known.
void set_stress_not_asked(FactDocument& facts);

/// The same as a builtin probe: only `precheck --hardware` measures.
void read_stress(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

}  // namespace ms
