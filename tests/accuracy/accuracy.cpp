// Compares predictions with what engines logged when they started, one line a row of
// ground-truth/kv_startup_logs.csv. Only rows whose model and ranks were known apart from the numbers count.

#include <fmt/format.h>
#include <re2/re2.h>

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
#include "plan/activation.hpp"
#include "plan/memory_plan.hpp"
#include "support/csv.hpp"

namespace {

using Row = ms::CsvRow;

// "Llama-3.3-70B-Instruct-FP8-dynamic" without what says how its weights are stored.
std::string plain_name(std::string name) {
  for (const char* suffix : {"-dynamic", "-FP8", "-AWQ", "-W8A8"}) {
    if (name.ends_with(suffix)) name.resize(name.size() - std::string_view(suffix).size());
  }
  return name;
}

// Why a row whose KV tokens are off by more than 5 % is off.
std::string reason_of(const std::string& row_id) {
  static const std::map<std::string, std::string> kReasons = {
      {"K018", "0.35 GiB outside torch logged, 0.14 assumed"},
      {"K019", "0.35 GiB outside torch logged, 0.14 assumed"},
      {"K021", "1.05 GiB of 79: 3.58 GiB outside torch assumed for this version, about 2.5 used"},
      {"K023", "0.31 GiB of 79: the cache is the small rest of a device that is full of weights"},
      {"K042", "memory shared with the host: its page cache counts as used before and as free after the run"},
      {"K048", "max_num_seqs was raised, to what is not stated; 2048 would give 11.1 GiB"}};
  const auto found = kReasons.find(row_id);
  return found == kReasons.end() ? "" : found->second;
}

// The model of a row: by its own name, else by the geometry that the row names, with the row's quantisation.
std::optional<ms::ModelSpec> spec_of(const Row& row, const ms::Knowledge& knowledge) {
  for (const std::string& name : {row.at("model"), plain_name(row.at("model")), row.at("geometry")}) {
    try {
      const ms::KnownModel& model = ms::find_model(knowledge.models, name, "model");
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

// Tokens that the planned cache holds, and those that were logged or follow from the logged memory.
std::optional<double> logged_tokens(const Row& row, std::int64_t bytes_per_token) {
  if (const auto tokens = ms::parse_double(row.at("kv_tokens"))) return tokens;
  const auto gib = ms::parse_double(row.at("kv_gib"));
  if (!gib) return std::nullopt;
  return *gib * 0x1p30 / static_cast<double>(bytes_per_token);
}

// What torch sees of a device sold with so many GB, as other rows of the same devices log it. [GiB]
std::optional<double> visible_gib(const Row& row) {
  if (const auto logged = ms::parse_double(row.at("total_mem_gib"))) return logged;
  const auto sold = ms::parse_double(row.at("device_mem_gb"));
  constexpr std::array<std::pair<double, double>, 9> kVisible = {{{16, 14.7},
                                                                  {24, 23.6},
                                                                  {32, 29.49},
                                                                  {40, 39.5},
                                                                  {48, 44.4},
                                                                  {64, 60.96},
                                                                  {80, 79.2},
                                                                  {96, 94.97},
                                                                  {141, 139.8}}};
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
  inputs.engine_version = ms::parse_engine_version(version);
  const bool old =
      version.find("V0") != std::string::npos || version.starts_with("0.6") || version.starts_with("0.7");
  const bool large = total_gib >= 70 && !npu && !old;
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
  if (!utilisation || !total || row.at("util_source") == "unknown" || framework.starts_with("MindIE")) {
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
  inputs.block_size_tokens.value = ms::parse_int(row.at("block_size")).value_or(16);
  inputs.workload = {
      .input = {.mean = 1, .max = 1}, .output = {.mean = 1, .max = 1}, .requests = std::nullopt};
  add_limits(inputs, row, *total);
  return ms::make_memory_plan(inputs);
}

/// Bytes per token between the least and the most that the digits of a log allow.
struct Range {
  double low = 0;
  double high = 0;

  bool has(double value) const { return low <= value && value <= high; }
};

// Half of the last printed digit: 0.005 for "8.11".
double half_digit(const std::string& printed) {
  const auto point = printed.find('.');
  const std::size_t digits = point == std::string::npos ? 0 : printed.size() - point - 1;
  return 0.5 * std::pow(10.0, -static_cast<double>(digits));
}

// (8.11 +- 0.005) GiB / (178 880 .. 178 880 + 16 tokens): memory is printed rounded, and what does not fill a
// block is not handed out. Without logged memory, the swap space that all of vLLM's old versions take, 4 GiB.
std::optional<Range> printed_range(const Row& row) {
  const auto block = ms::parse_double(row.at("block_size"));
  if (!block) return std::nullopt;
  const auto tokens = ms::parse_double(row.at("kv_tokens"));
  const auto memory = ms::parse_double(row.at("kv_gib"));
  if (const auto bytes = ms::parse_double(row.at("kv_bytes")); bytes && tokens)
    return Range{.low = *bytes / (*tokens + *block), .high = *bytes / *tokens};
  if (memory && tokens) {
    const double half = half_digit(row.at("kv_gib"));
    return Range{.low = (*memory - half) * 0x1p30 / (*tokens + *block),
                 .high = (*memory + half) * 0x1p30 / *tokens};
  }
  const auto swapped = ms::parse_double(row.at("cpu_blocks"));
  if (!swapped) return std::nullopt;
  return Range{.low = 0x1p32 / ((*swapped + 1) * *block), .high = 0x1p32 / (*swapped * *block)};
}

// Every worker of vLLM before 0.11 logs memory and tokens of its own, and the scheduler takes the least; a
// log of several may pair lines of different workers, whose quotient is then too large.
std::string unlike_workers(const Row& row, double bytes_per_token) {
  const auto tokens = ms::parse_double(row.at("kv_tokens"));
  const auto memory = ms::parse_double(row.at("kv_gib"));
  if (row.at("tp") == "1" || !tokens || !memory) return "not explained";
  return fmt::format("memory and tokens of different workers: {:.0f} MiB apart",
                     *memory * 1024 - *tokens * bytes_per_token / 0x1p20);
}

// Layers of linear attention take blocks of the same pool: vLLM puts them into groups of as many layers as
// have full attention, and logs blocks / groups x block size as tokens. 1 for other models.
std::int64_t cache_groups(const ms::ModelSpec& spec) {
  std::int64_t full = 0;
  std::int64_t linear = 0;
  for (const ms::AttentionLayers& group : spec.attention) {
    if (group.kind == ms::LayerKind::linear) linear += group.layers;
    if (group.kind == ms::LayerKind::full || group.kind == ms::LayerKind::mla) full += group.layers;
  }
  return full == 0 ? 1 : 1 + (linear + full - 1) / full;
}

// Why a row says nothing of bytes per token.
bool comparable(const Row& row) {
  return row.at("check") == "ok" || row.at("check") == "ok_cpu_swap";
}

struct Report {
  Errors kv;
  int kv_printed = 0;     // rows whose log says between what digits
  int kv_as_printed = 0;  // of these the rows whose KV bytes per token are what the digits of the log allow
  Errors weights;
  Errors budget;
};

constexpr const char* kColumns =
    "{:5} {:30} {:>4} {:>9} {:>9} {:>15} {:>9} {:>9} {:>9} {:>9} {:>10} {:>10} {:>9}  {}\n";

std::string number(std::optional<double> value, int digits) {
  return value ? fmt::format("{:.{}f}", *value, digits) : "";
}

void compare(const Row& row, const ms::ModelSpec& spec, Report& report) {
  const ms::Parallelism parallelism{.tp = ms::parse_int(row.at("tp")).value_or(1)};
  const std::int64_t element_bytes = row.at("kv_cache_dtype").starts_with("fp8") ? 1 : 2;
  const auto kv = ms::kv_bytes_per_token_per_rank(spec, parallelism, {.element_bytes = element_bytes});
  auto logged_kv = ms::parse_double(row.at("log_bytes_per_token"));
  if (!logged_kv) logged_kv = ms::parse_double(row.at("cpu_swap_bytes_per_token"));
  const std::int64_t groups = cache_groups(spec);
  const auto kv_as_logged = static_cast<double>(kv * groups);
  const bool counts = logged_kv && (comparable(row) || groups > 1);
  // vLLM's log counts its rotary table among the weights.
  const double weights = gib(ms::weights_per_rank(spec, ms::weights_from_spec(spec), parallelism).bytes +
                             ms::rotary_table(spec).bytes);
  const auto logged_weights = ms::parse_double(row.at("weights_gib"));
  const auto plan = plan_of(row, spec, parallelism, element_bytes);
  std::optional<double> tokens;
  if (plan) {
    tokens = plan->kv_shortfall_bytes > 0
                 ? -static_cast<double>(plan->kv_shortfall_bytes) / static_cast<double>(kv)
                 : static_cast<double>(plan->tokens);
  }
  const auto logged_kv_tokens = logged_tokens(row, kv);
  const bool fitted = logged_kv_tokens && *logged_kv_tokens > 0;
  std::string budget_error;
  std::string note = counts || !logged_kv ? "" : "not compared: " + row.at("flag_reason");
  if (counts && groups > 1) note = fmt::format("KV B/tok x {} groups of layers, as logged", groups);
  std::string allowed;
  if (const auto range = printed_range(row); counts && range) {
    allowed = fmt::format("{:.0f}..{:.0f}", range->low, range->high);
    ++report.kv_printed;
    if (range->has(kv_as_logged)) {
      ++report.kv_as_printed;
    } else {
      note = "KV B/tok: " + unlike_workers(row, kv_as_logged);
    }
  }
  if (tokens && fitted) {
    budget_error = report.budget.add(*tokens, *logged_kv_tokens);
    if (std::abs(*tokens / *logged_kv_tokens - 1) > 0.05)
      note += (note.empty() ? "" : "; ") + reason_of(row.at("row_id"));
  } else if (tokens && logged_kv_tokens) {
    note = *tokens < 0 ? "does not fit, as predicted" : "does not fit; predicted to fit";
  } else if (logged_kv_tokens && note.empty()) {
    note = "tokens not predicted: the row states no memory utilisation";
  }
  fmt::print(fmt::runtime(kColumns), row.at("row_id"), row.at("model").substr(0, 30), row.at("tp"), kv,
             number(logged_kv, 0), allowed, counts ? report.kv.add(kv_as_logged, *logged_kv) : "",
             number(weights, 3), number(logged_weights, 3),
             logged_weights ? report.weights.add(weights, *logged_weights) : "", number(tokens, 0),
             number(logged_kv_tokens, 0), budget_error, note);
}

// What MindIE's guides say of a start: no log of one states memory, ranks and settings, so that neither bytes
// per token nor the budget can be compared. What its blocks mean for requests can: "with 1024 in/2048 out
// decode batch peaked at 185 before blocks ran out, then fell to 72".
void compare_mindie(const Row& row, const ms::ModelSpec& spec) {
  const auto blocks = ms::parse_int(row.at("num_blocks"));
  const auto block = ms::parse_int(row.at("block_size"));
  const auto tokens = ms::parse_int(row.at("kv_tokens"));
  if (!blocks || !block || !tokens) return;
  fmt::print(
      "\n{} MindIE: no KV memory, ranks or NPU_MEMORY_FRACTION in the row: bytes per token and blocks "
      "cannot be predicted\n",
      row.at("row_id"));
  fmt::print("  tokens = blocks x block size: {} x {} = {}, logged {}\n", *blocks, *block, *blocks * *block,
             *tokens);
  std::int64_t input = 0;
  std::int64_t output = 0;
  double peak = 0;
  double least = 0;
  if (!RE2::PartialMatch(row.at("note"), R"((\d+) in/(\d+) out decode batch peaked at (\d+) .*fell to (\d+))",
                         &input, &output, &peak, &least)) {
    return;
  }
  ms::PlanInputs inputs;
  inputs.spec = spec;
  inputs.weights = ms::weights_from_spec(spec);
  inputs.memory.total = {.value = ms::kGiB * 64, .source = "row"};
  inputs.block_size_tokens.value = *block;
  inputs.measured.blocks = {.value = *blocks, .source = "row", .assumed = false};
  const auto exactly = [](std::int64_t length) {
    return ms::Length{.mean = static_cast<double>(length), .max = length};
  };
  inputs.workload = {.input = exactly(input), .output = exactly(output), .requests = std::nullopt};
  const ms::MemoryPlan plan = ms::make_memory_plan(inputs);
  Errors errors;
  fmt::print("  the batch that never runs out of blocks: {}, logged {:.0f} after they ran out ({})\n",
             plan.max_batch_size.low, least, errors.add(static_cast<double>(plan.max_batch_size.low), least));
  fmt::print("  the batch beyond which prompts alone fill the cache: {}, logged peak {:.0f} ({})\n",
             plan.max_batch_size.high, peak,
             peak <= static_cast<double>(plan.max_batch_size.high) ? "below, as it must be" : "above");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: accuracy kv_startup_logs.csv\n");
    return 2;
  }
  const ms::Knowledge knowledge = ms::load_knowledge();
  Report report;
  std::vector<Row> of_mindie;
  fmt::print(fmt::runtime(kColumns), "row", "model", "tp", "KV B/tok", "logged", "its digits say", "error",
             "weights", "logged", "error", "KV tokens", "logged", "error", "note");
  for (const Row& row : ms::csv_rows(ms::read_document(argv[1]))) {
    if (row.at("framework").starts_with("MindIE")) of_mindie.push_back(row);
    if (row.at("evidence") != "independent") continue;
    if (const auto spec = spec_of(row, knowledge)) {
      compare(row, *spec, report);
    } else {
      fmt::print("{:5} {:30} {:>4} not predicted: the model is not in models.toml\n", row.at("row_id"),
                 row.at("model").substr(0, 30), row.at("tp"));
    }
  }
  fmt::print(
      "\nKV bytes per token: {}; {} of {} are what the digits of the log allow\n"
      "weights per rank:   {}\nKV tokens:          {}\n",
      report.kv.summary(), report.kv_as_printed, report.kv_printed, report.weights.summary(),
      report.budget.summary());
  for (const Row& row : of_mindie) {
    if (const auto spec = spec_of(row, knowledge)) compare_mindie(row, *spec);
  }
  return 0;
}
