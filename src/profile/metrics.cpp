#include "profile/metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/parallel.hpp"
#include "profile/run_facts.hpp"

namespace ms::profile {

void assign_phases(Records& records) {
  std::vector<const Batch*> scheduled;
  for (const Batch& batch : records.batches) {
    if (batch.event == BatchEvent::schedule && !std::isnan(batch.prefill_requests))
      scheduled.push_back(&batch);
  }
  std::sort(scheduled.begin(), scheduled.end(),
            [](const Batch* a, const Batch* b) { return a->start < b->start; });
  for (Forward& forward : records.forwards) {
    if (!std::isnan(forward.prefill_requests)) continue;
    auto batch = std::upper_bound(scheduled.begin(), scheduled.end(), forward.start,
                                  [](double start, const Batch* other) { return start < other->start; });
    // Other ranks schedule in between: a few steps back is far enough.
    for (int steps = 0; batch != scheduled.begin() && steps < 64; ++steps) {
      --batch;
      const bool same_rank =
          forward.dp_rank < 0 || (*batch)->dp_rank < 0 || forward.dp_rank == (*batch)->dp_rank;
      if (!same_rank || (forward.size > 0 && forward.size != (*batch)->size)) continue;
      forward.prefill_requests = (*batch)->prefill_requests;
      forward.decode_requests = (*batch)->decode_requests;
      break;
    }
  }
}

Json spread_json(const Spread& spread) {
  return {{"count", spread.count}, {"mean", spread.mean}, {"p50", spread.p50}, {"p90", spread.p90},
          {"p95", spread.p95},     {"p99", spread.p99},   {"min", spread.min}, {"max", spread.max}};
}

void put(Json& facts, const char* name, const std::optional<Spread>& spread) {
  if (spread) facts[name] = spread_json(*spread);
}

void put(Json& facts, const char* name, double value) {
  if (std::isfinite(value)) facts[name] = value;
}

Json run_facts(const Run& run) {
  using Part = void (*)(const Run& run, Json& facts);
  // Independent of each other, and each goes through all its records.
  constexpr std::array<Part, 4> kParts = {[](const Run& of, Json& facts) {
                                            add_request_facts(of, facts);
                                            add_batch_facts(of, facts);
                                          },
                                          add_gap_facts, add_forward_facts,
                                          [](const Run& of, Json& facts) {
                                            add_cache_facts(of, facts);
                                            add_queue_facts(of, facts);
                                            add_node_facts(of, facts);
                                            add_expert_facts(of, facts);
                                            add_span_facts(of, facts);
                                            add_speculation_facts(of, facts);
                                            add_log_facts(of, facts);
                                            add_benchmark_facts(of, facts);
                                          }};
  Json facts = Json::object();
  for (Json& part : in_parallel(kParts.size(), [&](std::size_t i) {
         Json own = Json::object();
         kParts[i](run, own);
         return own;
       })) {
    facts.update(part);
  }
  return facts;
}

}  // namespace ms::profile
