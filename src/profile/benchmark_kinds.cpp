#include <array>

#include "profile/bench_results.hpp"
#include "profile/kinds.hpp"
#include "profile/mindie_instance.hpp"

namespace ms::profile {

std::span<const Kind> benchmark_kinds() {
  static const std::array<Kind, 10> kinds = {{
      {"mindie.requests",
       {"requests of MindIE's benchmark", "MindIE benchmark 的逐请求数据"},
       is_mindie_requests,
       read_mindie_requests},
      {"mindie.perf",
       {"statistics of MindIE's benchmark", "MindIE benchmark 的统计表"},
       is_mindie_perf,
       read_mindie_perf},
      {"mindie.common",
       {"summary of MindIE's benchmark", "MindIE benchmark 的总体结果"},
       is_mindie_common,
       read_mindie_common},
      {"mindie.request_map",
       {"request ids of MindIE's benchmark", "MindIE benchmark 的请求编号"},
       is_mindie_request_map,
       read_mindie_request_map},
      {"aisbench.csv", {"statistics of AISBench", "AISBench 统计表"}, is_aisbench_csv, read_aisbench_csv},
      {"aisbench.json", {"summary of AISBench", "AISBench 总体结果"}, is_aisbench_json, read_aisbench_json},
      {"aisbench.log", {"log of AISBench", "AISBench 日志"}, is_aisbench_log, read_aisbench_log},
      {"vllm.serve", {"result of vllm bench serve", "vllm bench serve 结果"}, is_vllm_serve, read_vllm_serve},
      {"vllm.offline",
       {"result of vllm bench latency or throughput", "vllm bench latency/throughput 结果"},
       is_vllm_offline,
       read_vllm_offline},
      {"requests.jsonl",
       {"requests as lines of JSON", "逐行 JSON 请求"},
       is_request_lines,
       read_request_lines},
  }};
  return kinds;
}

}  // namespace ms::profile
