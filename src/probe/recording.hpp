#pragma once

#include <map>
#include <string>
#include <string_view>

namespace ms {

/// The name under which a command line or a recorded file is known: in lower case, the program without its
/// directory, every run of other characters than letters and digits as one '-', a final .txt, .out or .log
/// dropped. "npu-smi info -t topo", "npu-smi_info_-t_topo.txt" and "NPU-SMI info t topo.log" are the same.
std::string recorded_name(std::string_view command_line_or_file);

/// The variables in the text of an environment: KEY=VALUE, one a line or NUL-separated as in
/// /proc/PID/environ. A line that starts no variable continues the value above it; "export " and
/// "declare -x " before a name are passed over. The first of two equal names counts.
std::map<std::string, std::string> parse_environment(std::string_view text);

}  // namespace ms
