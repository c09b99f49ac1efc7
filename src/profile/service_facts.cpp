#include <algorithm>

#include "profile/run_facts.hpp"

namespace ms::profile {
namespace {

// How much more the busiest has to do than the mean: 1 is balanced.
double balance_ratio(const std::vector<double>& loads) {
  double sum = 0;
  double most = 0;
  for (const double load : loads) {
    sum += load;
    most = std::max(most, load);
  }
  return sum > 0 ? most * static_cast<double>(loads.size()) / sum : kNone;
}

}  // namespace

void add_cache_facts(const Run& run, Json& facts) {
  Json kv = Json::object();
  std::uint64_t preemptions = 0;
  for (const Records& records : run.service) preemptions += records.preemptions;
  if (const Records* records = source_of(run, &Records::kv)) {
    double total = kNone;
    double least_free = kNone;
    for (const KvSample& sample : records->kv) {
      if (sample.total_blocks > 0) total = sample.total_blocks;
      if (!(least_free <= sample.free_blocks)) least_free = sample.free_blocks;
    }
    put(kv, "total_blocks", total);
    put(kv, "min_free_blocks", least_free);
    put(kv, "used_ratio", spread_of_rows(records->kv, [&](const KvSample& sample) {
          const bool counted = sample.total_blocks > 0 && sample.free_blocks >= 0;
          const double ratio = counted ? 1 - sample.free_blocks / sample.total_blocks : sample.used_ratio;
          return ratio >= 0 && ratio <= 1 ? ratio : kNone;
        }));
  }
  if (!kv.empty() || preemptions > 0) {
    kv["preemptions"] = preemptions;
    facts["kv"] = std::move(kv);
  }
}

void add_queue_facts(const Run& run, Json& facts) {
  const Records* records = source_of(run, &Records::queue);
  if (records == nullptr) return;
  Json queue = Json::object();
  put(queue, "waiting", spread_of_field(records->queue, &QueueSample::waiting));
  put(queue, "running", spread_of_field(records->queue, &QueueSample::running));
  put(queue, "swapped", spread_of_field(records->queue, &QueueSample::swapped));
  if (!queue.empty()) facts["queue"] = std::move(queue);
}

void add_node_facts(const Run& run, Json& facts) {
  const Records* records = source_of(run, &Records::nodes);
  if (records == nullptr) return;
  std::map<std::pair<std::string, std::string>, std::vector<const NodeSample*>> nodes;
  for (const NodeSample& sample : records->nodes) nodes[{sample.role, sample.node}].push_back(&sample);
  Json list = Json::array();
  for (const auto& [key, samples] : nodes) {
    double added = 0;
    double ended = 0;
    std::vector<double> running;
    for (const NodeSample* sample : samples) {
      if (sample->added > 0) added += sample->added;
      if (sample->ended > 0) ended += sample->ended;
      running.push_back(sample->running);
    }
    Json entry = {{"role", key.first}, {"node", key.second}, {"added", added}, {"ended", ended}};
    put(entry, "running", spread_of(std::move(running)));
    list.push_back(std::move(entry));
  }
  facts["nodes"] = std::move(list);
}

void add_expert_facts(const Run& run, Json& facts) {
  Json list = Json::array();
  std::map<std::string, std::vector<std::vector<double>>> by_phase;  // layer -> tokens by rank
  for (const ExpertLoad& load : run.experts) {
    std::vector<double> ratios;
    double tokens = 0;
    auto& layers = by_phase[load.phase];
    layers.resize(std::max(layers.size(), load.layers.size()));
    for (std::size_t i = 0; i < load.layers.size(); ++i) {
      ratios.push_back(balance_ratio(load.layers[i]));
      double layer = 0;
      for (const double count : load.layers[i]) layer += count;
      layers[i].push_back(layer);
      tokens += layer;
    }
    Json entry = {{"phase", load.phase},
                  {"rank", load.rank},
                  {"layers", load.layers.size()},
                  {"experts", load.layers.front().size()},
                  {"tokens", tokens}};
    put(entry, "balance_ratio", spread_of(std::move(ratios)));
    list.push_back(std::move(entry));
  }
  if (!list.empty()) facts["experts"] = std::move(list);
  Json ranks = Json::array();
  for (const auto& [phase, layers] : by_phase) {
    if (layers.empty() || layers.front().size() < 2) continue;
    std::vector<double> ratios;
    for (const auto& layer : layers) ratios.push_back(balance_ratio(layer));
    Json entry = {{"phase", phase}, {"ranks", layers.front().size()}};
    put(entry, "balance_ratio", spread_of(std::move(ratios)));
    ranks.push_back(std::move(entry));
  }
  if (const Records* records = source_of(run, &Records::expert_seconds_by_layer)) {
    std::vector<double> ratios;
    for (const auto& layer : records->expert_seconds_by_layer) ratios.push_back(balance_ratio(layer));
    Json entry = {{"phase", "time"}, {"ranks", records->expert_seconds_by_layer.front().size()}};
    put(entry, "balance_ratio", spread_of(std::move(ratios)));
    ranks.push_back(std::move(entry));
  }
  if (!ranks.empty()) facts["expert_ranks"] = std::move(ranks);
}

void add_span_facts(const Run& run, Json& facts) {
  Json list = Json::array();
  for (const Records& records : run.service) {
    for (const auto& [name, span] : records.spans) {
      list.push_back({{"name", name},
                      {"count", span.seconds.count()},
                      {"mean_seconds", span.seconds.mean()},
                      {"p90_seconds", span.seconds.quantile(0.9)},
                      {"total_seconds", span.seconds.sum()}});
    }
    if (!list.empty()) break;
  }
  if (!list.empty()) facts["spans"] = std::move(list);
}

void add_speculation_facts(const Run& run, Json& facts) {
  for (const Records& records : run.service) {
    if (!(records.proposed_tokens > 0)) continue;
    facts["speculative_acceptance_ratio"] = records.accepted_tokens / records.proposed_tokens;
    return;
  }
}

void add_log_facts(const Run& run, Json& facts) {
  Json log = Json::object();
  for (const auto& [name, value] : run.start_values) put(log, name.c_str(), value);
  put(log, "prompt_tokens_per_second", run.log_prompt_tokens_per_second.spread());
  put(log, "output_tokens_per_second", run.log_output_tokens_per_second.spread());
  put(log, "prefix_hit_ratio", run.log_prefix_hit_ratio);
  if (!run.start_arguments.empty()) log["arguments"] = run.start_arguments;
  if (!log.empty()) facts["log"] = std::move(log);
}

}  // namespace ms::profile
