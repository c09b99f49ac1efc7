#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/lang.hpp"
#include "cli/host_source.hpp"
#include "facts/document.hpp"

namespace ms {

/// What `precheck --hardware` measures.
struct HardwareArguments {
  bool hardware = false;
  double threshold_percent = 20;
  double stress_seconds = 10;
  std::string npu_command;
  std::string npu_ids;
  double npu_timeout_seconds = 60;
};

/// --hardware, --threshold, --stress-time, --npu-stress-command, --npu-ids, --npu-stress-timeout.
void add_hardware_options(CLI::App& command, HardwareArguments& arguments);

/// Throws InputError where what is asked for cannot be measured: of a host that is not this one.
void check(const HardwareArguments& arguments, const HostArguments& host);

/// Measures what is asked for and sets the facts stress.*, with a bar on standard error where that is a
/// terminal; npu.devices and limits.* must be among the facts. Where nothing is asked for and the facts are
/// not of a record that holds them, they say so. Returns false when it was interrupted.
bool stress_hardware(const HardwareArguments& arguments, const HostArguments& host, FactDocument& facts,
                     Lang lang);

}  // namespace ms
