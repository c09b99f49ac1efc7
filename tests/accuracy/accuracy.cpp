// Compares predictions with what engines logged when they started, one line a row of
// ground-truth/kv_startup_logs.csv. Only rows whose model and ranks were known apart from the numbers count.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "knowledge/knowledge.hpp"
#include "model/kv_cache.hpp"
#include "model/spec.hpp"
#include "model/weights.hpp"
#include "plan/memory_plan.hpp"
#include "support/csv.hpp"

namespace {

using Row = ms::CsvRow;

// The model of a row: by its own name, else by the geometry that the row names, with the row's quantisation.
std::optional<ms::ModelSpec> spec_of(const Row& row, const ms::Knowledge& knowledge) {
  for (const char* column : {"model", "geometry"}) {
    try {
      const ms::KnownModel& model = ms::find_model(knowledge.models, row.at(column), column);
      ms::Json config = model.config;
      const std::string quant = row.at("quant").substr(0, row.at("quant").find(' '));
      if (quant != "none" && !quant.empty() && !config.contains("quantization_config")) {
        config["quantization_config"] = {{"quant_method", quant}};
      }
      return ms::read_model_spec(config, model.source);
    } catch (const ms::InputError&) {
      continue;
    }
  }
  return std::nullopt;
}

struct Errors {
  std::vector<double> values;

  std::string add(double predicted, double measured) {
    const double error = predicted / measured - 1;
    values.push_back(std::abs(error));
    return fmt::format("{:+.2f} %", error * 100);
  }
  std::string summary() {
    if (values.empty()) return "no rows";
    std::sort(values.begin(), values.end());
    const auto at = [&](double share) {
      return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5)] * 100;
    };
    return fmt::format("{} rows, median {:.2f} %, 90th percentile {:.2f} %, worst {:.2f} %", values.size(),
                       at(0.5), at(0.9), at(1));
  }
};

double gib(std::int64_t bytes) {
  return static_cast<double>(bytes) / 0x1p30;
}

std::int64_t bytes_of_gib(double value) {
  return static_cast<std::int64_t>(value * 0x1p30);
}

// What torch sees of a device sold with so many GB, as other rows of the same devices log it. [GiB]
std::optional<double> visible_gib(const Row& row) {
  if (const auto logged = ms::parse_double(row.at("total_mem_gib"))) return logged;
  const auto sold = ms::parse_double(row.at("device_mem_gb"));
  constexpr std::array<std::pair<double, double>, 8> kVisible = {
      {{16, 14.7}, {24, 23.6}, {32, 29.49}, {40, 39.5}, {48, 44.4}, {64, 60.96}, {80, 79.2}, {96, 94.97}}};
  for (const auto& [nominal, visible] : kVisible) {
    if (sold == nominal) return visible;
  }
  return sold;
}

// Prefill tokens at once and requests, by vLLM's rules for what a row does not state: the older engine takes
// a whole prompt of the greatest length, the newer one more on devices of 70 GiB.
void add_limits(ms::PlanInputs& inputs, const Row& row, double total_gib) {
  const bool npu = row.at("framework") == "vllm-ascend";
  const std::string& version = row.at("version");
  const bool old =
      version.find("V0") != std::string::npos || version.starts_with("0.6") || version.starts_with("0.7");
  const bool large = total_gib >= 70 && !npu;
  const std::int64_t longest = ms::parse_int(row.at("max_model_len")).value_or(2048);
  // The old one cuts prompts into pieces of 512 tokens where they may be longer than 32 768.
  const std::int64_t usual = large ? 8192 : old && longest > 32'768 ? 512 : 2048;
  inputs.max_prefill_tokens.value =
      ms::parse_int(row.at("max_num_batched_tokens"))
          .value_or((old && usual != 512) || npu ? std::max<std::int64_t>(usual, longest) : usual);
  inputs.max_num_seqs.value = ms::parse_int(row.at("max_num_seqs")).value_or(large ? 1024 : 256);
}

// KV memory from device, model and settings alone; nullopt for a row that does not state them.
std::optional<ms::MemoryPlan> plan_of(const Row& row, const ms::ModelSpec& spec,
                                      const ms::Parallelism& parallelism, std::int64_t element_bytes) {
  const auto utilisation = ms::parse_double(row.at("gpu_mem_util"));
  const auto total = visible_gib(row);
  const std::string& framework = row.at("framework");
  if (!utilisation || !total || row.at("util_source") != "stated" || framework.starts_with("MindIE")) {
    return std::nullopt;
  }
  ms::PlanInputs inputs;
  inputs.spec = spec;
  inputs.weights = ms::weights_from_spec(spec);
  inputs.parallelism = parallelism;
  inputs.rule = framework == "vllm-ascend" ? ms::BudgetRule::vllm_ascend : ms::BudgetRule::vllm;
  inputs.memory.total = {.value = bytes_of_gib(*total), .source = "log"};  // as torch sees it
  inputs.memory.used = {.value = 0, .source = "log"};
  inputs.memory_fraction = {.value = *utilisation, .source = "log", .assumed = false};
  inputs.kv_element_bytes = {.value = element_bytes, .source = "log", .assumed = false};
  inputs.workload = {
      .input = {.mean = 1, .max = 1}, .output = {.mean = 1, .max = 1}, .requests = std::nullopt};
  add_limits(inputs, row, *total);
  return ms::make_memory_plan(inputs);
}

// Why a row says nothing of bytes per token.
bool comparable(const Row& row) {
  return row.at("check") == "ok" || row.at("check") == "ok_cpu_swap";
}

struct Report {
  Errors kv;
  Errors weights;
  Errors budget;
};

constexpr const char* kColumns =
    "{:5} {:30} {:>4} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>8} {:>8} {:>9}  {}\n";

std::string number(std::optional<double> value, int digits) {
  return value ? fmt::format("{:.{}f}", *value, digits) : "";
}

// The KV memory that was logged, or that follows from the tokens that were.
std::optional<double> logged_kv_gib(const Row& row, std::int64_t bytes_per_token) {
  auto logged = ms::parse_double(row.at("kv_gib"));
  const auto tokens = ms::parse_double(row.at("kv_tokens"));
  if (!logged && tokens) logged = *tokens * static_cast<double>(bytes_per_token) / 0x1p30;
  return logged;
}

void compare(const Row& row, const ms::ModelSpec& spec, Report& report) {
  const ms::Parallelism parallelism{.tp = ms::parse_int(row.at("tp")).value_or(1)};
  const std::int64_t element_bytes = row.at("kv_cache_dtype").starts_with("fp8") ? 1 : 2;
  const auto kv = ms::kv_bytes_per_token_per_rank(spec, parallelism, {.element_bytes = element_bytes});
  auto logged_kv = ms::parse_double(row.at("log_bytes_per_token"));
  if (!logged_kv) logged_kv = ms::parse_double(row.at("cpu_swap_bytes_per_token"));
  const bool counts = logged_kv && comparable(row);
  const double weights = gib(ms::weights_per_rank(spec, ms::weights_from_spec(spec), parallelism).bytes);
  const auto logged_weights = ms::parse_double(row.at("weights_gib"));
  const auto plan = plan_of(row, spec, parallelism, element_bytes);
  std::optional<double> budget;
  if (plan) budget = gib(plan->kv_budget_bytes - plan->kv_shortfall_bytes);
  const auto logged_budget = logged_kv_gib(row, kv);
  const bool budget_counts = budget && logged_budget && *logged_budget > 0;
  fmt::print(fmt::runtime(kColumns), row.at("row_id"), row.at("model").substr(0, 30), row.at("tp"), kv,
             number(logged_kv, 0), counts ? report.kv.add(static_cast<double>(kv), *logged_kv) : "",
             number(weights, 3), number(logged_weights, 3),
             logged_weights ? report.weights.add(weights, *logged_weights) : "", number(budget, 2),
             number(logged_budget, 2), budget_counts ? report.budget.add(*budget, *logged_budget) : "",
             counts || !logged_kv ? "" : "not compared: " + row.at("flag_reason"));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: accuracy kv_startup_logs.csv\n");
    return 2;
  }
  const ms::Knowledge knowledge = ms::load_knowledge();
  Report report;
  fmt::print(fmt::runtime(kColumns), "row", "model", "tp", "KV B/tok", "logged", "error", "weights", "logged",
             "error", "KV GiB", "logged", "error", "note");
  for (const Row& row : ms::csv_rows(ms::read_document(argv[1]))) {
    if (row.at("evidence") != "independent") continue;
    if (const auto spec = spec_of(row, knowledge)) {
      compare(row, *spec, report);
    } else {
      fmt::print("{:5} {:30} {:>4} not predicted: the model is not in models.toml\n", row.at("row_id"),
                 row.at("model").substr(0, 30), row.at("tp"));
    }
  }
  fmt::print("\nKV bytes per token: {}\nweights per rank:   {}\nKV memory:          {}\n",
             report.kv.summary(), report.weights.summary(), report.budget.summary());
  return 0;
}
