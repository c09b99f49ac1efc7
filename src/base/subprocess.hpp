#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/reading.hpp"

namespace ms {

struct CommandOutput {
  int status = 0;    ///< exit status; 128 + signal where a signal ended it
  std::string text;  ///< standard output and standard error, as they came
};

/// Runs a command, given as an argument vector and looked up on PATH, never through a shell. Its standard
/// input is empty. When it has not ended by `timeout`, its whole process group is killed and it counts as
/// absent: "npu-smi info: no answer within 5 s". So does a command that is not there, or one that prints more
/// than `max_bytes`. A status other than 0 is not absence: the caller reads the text.
Reading<CommandOutput> run_command(const std::vector<std::string>& argv, std::chrono::milliseconds timeout,
                                   std::size_t max_bytes = std::size_t{4} << 20);

}  // namespace ms
