#pragma once

#include "profile/input.hpp"

/// What MindIE's benchmark leaves in instance/. Format: docs/profiles.md.
namespace ms::profile {

/// results_per_request_*.json: an object of requests with the latency and the batch of every token.
bool is_mindie_requests(const Head& head);
void read_mindie_requests(Input& input, Run& run, FileReport& report);

/// result_perf_*.csv: a column for each quantity; rows without a label, in a fixed order.
bool is_mindie_perf(const Head& head);
void read_mindie_perf(Input& input, Run& run, FileReport& report);

/// result_common_*.csv: one row about the whole run.
bool is_mindie_common(const Head& head);
void read_mindie_common(Input& input, Run& run, FileReport& report);

/// req_to_data_map.json: request ids and the index of their data.
bool is_mindie_request_map(const Head& head);
void read_mindie_request_map(Input& input, Run& run, FileReport& report);

}  // namespace ms::profile
