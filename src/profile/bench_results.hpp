#pragma once

#include "profile/input.hpp"

/// Results of AISBench and of `vllm bench`, and requests as lines of JSON. Formats: docs/profiles.md.
namespace ms::profile {

/// AISBench: `Performance Parameters,Stage,Average,...`, a row for each quantity.
bool is_aisbench_csv(const Head& head);
void read_aisbench_csv(Input& input, Run& run, FileReport& report);

/// AISBench: `{"Benchmark Duration": {"total": "34676.2 ms"}, ...}`.
bool is_aisbench_json(const Head& head);
void read_aisbench_json(Input& input, Run& run, FileReport& report);

/// A log that holds the tables of AISBench as it prints them.
bool is_aisbench_log(const Head& head);
void read_aisbench_log(Input& input, Run& run, FileReport& report);

/// `vllm bench serve --save-result`, also of `--append-result` and `--save-detailed`.
bool is_vllm_serve(const Head& head);
void read_vllm_serve(Input& input, Run& run, FileReport& report);

/// `vllm bench latency` and `vllm bench throughput`.
bool is_vllm_offline(const Head& head);
void read_vllm_offline(Input& input, Run& run, FileReport& report);

/// Requests as lines of JSON: `{"input_tokens": 256, "output_tokens": 256, "ttft_ms": 61.2, ...}`.
bool is_request_lines(const Head& head);
void read_request_lines(Input& input, Run& run, FileReport& report);

}  // namespace ms::profile
