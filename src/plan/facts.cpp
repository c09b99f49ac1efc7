#include "plan/facts.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/text.hpp"
#include "base/units.hpp"
#include "model/parameters.hpp"
#include "model/saturating.hpp"
#include "plan/fact_members.hpp"

namespace ms {
namespace {

// An estimate has no more, and the same report comes out on every machine.
double four_digits(double value) {
  if (!(std::abs(value) > 0) || !std::isfinite(value)) return 0;
  const double unit = std::pow(10.0, std::floor(std::log10(std::abs(value))) - 3);
  return parse_double(fmt::format("{:.4g}", std::round(value / unit) * unit)).value_or(value);
}

Json length_facts(const Length& length) {
  return {{"mean_tokens", length.mean}, {"max_tokens", length.max}};
}

Json layer_facts(const ModelSpec& spec) {
  Json layers = Json::array();
  for (const AttentionLayers& group : spec.attention) {
    Json entry = {{"kind", name_of(group.kind)}, {"layers", group.layers}};
    if (group.kv_heads > 0) entry["kv_heads"] = group.kv_heads;
    if (group.head_dim > 0) entry["head_dim"] = group.head_dim;
    if (group.window_tokens > 0) entry["window_tokens"] = group.window_tokens;
    layers.push_back(std::move(entry));
  }
  return layers;
}

Json parallelism_facts(const Parallelism& parallelism) {
  Json facts = {{"tp", parallelism.tp}, {"dp", parallelism.dp}, {"pp", parallelism.pp},
                {"cp", parallelism.cp}, {"sp", parallelism.sp}, {"world_size", parallelism.world_size()}};
  put(facts, "moe_tp", parallelism.moe_tp);
  put(facts, "moe_ep", parallelism.moe_ep);
  return facts;
}

}  // namespace

Json to_facts(const ModelSpec& spec) {
  const Parameters parameters = count_parameters(spec);
  Json facts = {{"attention", attention_name(spec)},
                {"layers", spec.layers},
                {"heads", spec.heads},
                {"kv_heads", spec.kv_heads},
                {"head_dim", spec.head_dim},
                {"hidden_size", spec.hidden_size},
                {"intermediate_size", spec.intermediate_size},
                {"vocab_size", spec.vocab_size},
                {"mtp_layers", spec.mtp_layers},
                {"tied_embeddings", spec.tied_embeddings},
                {"dtype", spec.dtype},
                {"parameters", parameters.total()},
                {"active_parameters", parameters.active},
                {"attention_layers", layer_facts(spec)},
                {"moe", spec.experts.has_value()},
                {"notes", spec.notes}};
  put(facts, "name", spec.name);
  put(facts, "source", spec.source);
  put(facts, "architecture", spec.architecture);
  put(facts, "model_type", spec.model_type);
  put(facts, "max_position_tokens", spec.max_position_tokens);
  if (spec.quantization) facts["quantization"] = spec.quantization->method;
  if (spec.latent) {
    facts["kv_lora_rank"] = spec.latent->kv_lora_rank;
    facts["qk_rope_head_dim"] = spec.latent->qk_rope_head_dim;
  }
  if (spec.experts) {
    facts["experts"] = {{"layers", spec.experts->layers},
                        {"routed", spec.experts->routed},
                        {"per_token", spec.experts->per_token},
                        {"intermediate_size", spec.experts->intermediate_size},
                        {"shared_intermediate_size", spec.experts->shared_intermediate_size}};
  }
  return facts;
}

Json to_facts(const Chip& chip) {
  Json facts = {{"name", chip.id},
                {"family", chip.family},
                {"hbm_bytes", chip.hbm_bytes},
                {"dies_per_package", chip.dies_per_package},
                {"soc", chip.soc},
                {"notes", chip.notes}};
  put(facts, "hbm_bandwidth_bytes_per_second", chip.hbm_bandwidth);
  put(facts, "bf16_flops_per_second", chip.bf16_flops);
  put(facts, "fp16_flops_per_second", chip.fp16_flops);
  put(facts, "idle_hbm_bytes", chip.idle_hbm_bytes);
  put(facts, "pci_device", chip.pci_device);
  return facts;
}

Json to_facts(const MindieConfig& config) {
  Json facts = {{"engine", "mindie"}, {"source", config.source}};
  if (!config.npu_device_ids.empty()) facts["npu_device_ids"] = config.npu_device_ids;
  put(facts, "model_name", config.model_name);
  put(facts, "model_weight_path", config.model_weight_path);
  put(facts, "world_size", config.world_size);
  put(facts, "tp", config.tp);
  put(facts, "dp", config.dp);
  put(facts, "cp", config.cp);
  put(facts, "sp", config.sp);
  put(facts, "pp", config.pp);
  put(facts, "moe_tp", config.moe_tp);
  put(facts, "moe_ep", config.moe_ep);
  if (config.npu_mem_size) {
    facts["npu_mem_auto"] = *config.npu_mem_size <= 0;
    if (*config.npu_mem_size > 0) facts["npu_mem_size_bytes"] = saturating_mul(*config.npu_mem_size, kGiB);
  }
  if (config.cpu_mem_size && *config.cpu_mem_size >= 0) {
    facts["cpu_mem_size_bytes"] = saturating_mul(*config.cpu_mem_size, kGiB);
  }
  put(facts, "max_seq_len_tokens", config.max_seq_len);
  put(facts, "max_input_token_len_tokens", config.max_input_token_len);
  put(facts, "model_instance_number", config.model_instance_number);
  put(facts, "tokenizer_process_number", config.tokenizer_process_number);
  put(facts, "multi_nodes_infer_enabled", config.multi_nodes_infer_enabled);
  put(facts, "max_link_num", config.max_link_num);
  put(facts, "template_type", config.template_type);
  put(facts, "cache_block_size_tokens", config.cache_block_size);
  put(facts, "max_batch_size", config.max_batch_size);
  put(facts, "max_prefill_batch_size", config.max_prefill_batch_size);
  put(facts, "max_prefill_tokens", config.max_prefill_tokens);
  put(facts, "max_iter_times", config.max_iter_times);
  put(facts, "max_preempt_count", config.max_preempt_count);
  put(facts, "prefill_time_ms_per_req", config.prefill_time_ms_per_req);
  put(facts, "decode_time_ms_per_req", config.decode_time_ms_per_req);
  put(facts, "max_queue_delay_microseconds", config.max_queue_delay_microseconds);
  put(facts, "max_first_token_wait_time", config.max_first_token_wait_time);
  put(facts, "support_select_batch", config.support_select_batch);
  return facts;
}

Json to_facts(const Workload& workload, const Goals& goals) {
  Json facts = {{"input", length_facts(workload.input)},
                {"output", length_facts(workload.output)},
                {"target", name_of(goals.target)}};
  put(facts, "requests", workload.requests);
  put(facts, "ttft_slo_seconds", goals.ttft_slo_seconds);
  put(facts, "tpot_slo_seconds", goals.tpot_slo_seconds);
  return facts;
}

Json to_facts(const OperatingPoint& point) {
  Json facts = {{"batch", point.batch}, {"limit", point.limit}, {"graph_sizes", point.graph_sizes}};
  const auto put_estimate = [&](const char* name, const std::optional<Estimated>& value) {
    if (!value) return;
    facts[name] = {{"low", four_digits(value->low)},
                   {"expected", four_digits(value->expected)},
                   {"high", four_digits(value->high)}};
  };
  put_estimate("decode_seconds", point.decode_seconds);
  put_estimate("prefill_seconds", point.prefill_seconds);
  put_estimate("tpot_seconds", point.tpot_seconds);
  put_estimate("ttft_seconds", point.ttft_seconds);
  put_estimate("output_tokens_per_second", point.output_tokens_per_second);
  put_estimate("requests_per_second", point.requests_per_second);
  put(facts, "ttft_prefill_tokens", point.ttft_prefill_tokens);
  if (point.smaller) {
    facts["smaller"] = {{"batch", point.smaller->batch}, {"share", four_digits(point.smaller->share)}};
  }
  put(facts, "time_assumptions", point.time_assumptions);
  return facts;
}

Json to_facts(const PlanInputs& inputs, const MemoryPlan& plan) {
  Json lines = Json::array();
  for (const BudgetLine& line : plan.lines) {
    lines.push_back(
        {{"name", line.name}, {"bytes", line.bytes}, {"how", line.how}, {"assumed", line.assumed}});
  }
  Json facts = {{"rule", name_of(plan.rule)},
                {"fits", plan.fits()},
                {"parallelism", parallelism_facts(inputs.parallelism)},
                {"memory_fraction", inputs.memory_fraction.value},
                {"memory_fraction_assumed", inputs.memory_fraction.assumed},
                {"max_prefill_tokens", inputs.max_prefill_tokens.value},
                {"max_num_seqs", inputs.max_num_seqs.value},
                {"weights",
                 {{"total_bytes", inputs.weights.bytes},
                  {"bytes_per_rank", plan.weights_bytes_per_rank},
                  {"source", plan.weights_source},
                  {"measured", inputs.weights.measured}}},
                {"kv",
                 {{"bytes_per_token_per_rank", plan.kv_bytes_per_token_per_rank},
                  {"formula", plan.kv_formula},
                  {"state_bytes_per_request", plan.kv_state_bytes_per_request},
                  {"budget_bytes", plan.kv_budget_bytes},
                  {"shortfall_bytes", plan.kv_shortfall_bytes},
                  {"block_size_tokens", plan.block_size_tokens},
                  {"block_bytes", plan.block_bytes},
                  {"blocks", plan.blocks},
                  {"tokens", plan.tokens},
                  {"blocks_per_request", plan.blocks_per_request_mean},
                  {"blocks_per_request_max", plan.blocks_per_request_max},
                  {"blocks_per_prompt", plan.blocks_per_prompt}}},
                {"max_batch_size",
                 {{"low", plan.max_batch_size.low},
                  {"expected", plan.max_batch_size.expected},
                  {"high", plan.max_batch_size.high}}},
                {"budget_lines", std::move(lines)},
                {"assumptions", plan.assumptions},
                {"warnings", plan.warnings}};
  if (plan.preemption) {
    facts["preemption"] = {{"mean_blocks", four_digits(plan.preemption->mean_blocks)},
                           {"chance_at_expected", four_digits(plan.preemption->chance_at_expected)},
                           {"batch_at_one_percent", plan.preemption->batch_at_one_percent}};
  }
  return facts;
}

}  // namespace ms
