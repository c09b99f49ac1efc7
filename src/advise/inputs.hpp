#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/lang.hpp"
#include "facts/document.hpp"
#include "knowledge/knowledge.hpp"
#include "plan/engine_log.hpp"
#include "plan/lengths.hpp"
#include "plan/memory_plan.hpp"
#include "plan/operating_point.hpp"
#include "plan/vllm_arguments.hpp"
#include "serving/mindie_config.hpp"

namespace ms {

/// Device memory in use, as a person says it: an amount, or a share of the whole.
struct UsedMemory {
  std::optional<std::int64_t> bytes;
  std::optional<double> ratio;
};

/// What msadvisor was asked. What is not given is looked up: in the service's config, then on the host, then
/// in the tables of known chips and models.
struct AdviseRequest {
  std::optional<Lengths> input_lengths;
  std::optional<Lengths> output_lengths;
  std::optional<RequestLengths> lengths;  ///< of a data set; takes the place of both
  Statistic statistic = Statistic::average;
  Goals goals;
  std::optional<std::int64_t> requests;  ///< how many there will be
  std::optional<std::int64_t> tp;
  std::optional<std::int64_t> cards;  ///< NPUs to use
  std::string hf_config;              ///< --hf-config: a config.json alone
  std::string model;                  ///< --model: a known model's name
  std::string model_dir;              ///< --model-dir: a directory with config.json and weights
  std::string chip;                   ///< --chip: a known chip's name
  std::optional<std::int64_t> hbm_bytes;
  std::optional<UsedMemory> hbm_used;
  std::optional<double> memory_fraction;
  BudgetRule rule = BudgetRule::mindie;
  std::optional<MindieConfig> service;
  std::optional<VllmArguments> vllm;  ///< how vLLM is started; empty arguments for its defaults
  std::optional<EngineVersion> engine_version;
  std::optional<EngineLog> log;
  FactDocument recorded;  ///< what a run recorded: `run` and `device`; empty without one
};

/// An input as the report lists it.
struct ResolvedInput {
  std::string name;  ///< "input_tokens", "hbm_total_bytes"
  Json value;
  std::string source;  ///< "-in", "npu-smi info", "knowledge/chips.toml: 910B4"
};

/// All that a plan needs, or what is missing and how to give it.
struct ResolvedInputs {
  std::optional<PlanInputs> plan;  ///< none while `missing` is not empty
  std::optional<Chip> chip;
  std::vector<ResolvedInput> inputs;
  std::vector<Text> missing;  ///< "the input length: give -in N"
  std::vector<std::string> warnings;
};

/// Throws InputError for a name that is not known and a file that is broken.
ResolvedInputs resolve_inputs(const AdviseRequest& request, const Knowledge& knowledge,
                              const FactDocument& host);

}  // namespace ms
