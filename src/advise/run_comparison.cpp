#include "advise/run_comparison.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "advise/recorded_run.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "facts/redact.hpp"
#include "plan/facts.hpp"
#include "plan/vllm_arguments.hpp"
#include "serving/mindie_config.hpp"

namespace ms {
namespace {

/// Changes below this share are not worth a line.
constexpr double kLeastChange = 0.001;

/// A command, a script or a file of options is no larger.
constexpr std::size_t kMostCommandBytes = std::size_t{1} << 20;

struct Metric {
  const char* fact;
  const char* en;
  const char* zh;
  const char* unit;
  double scale;
  bool more_is_better;
};

constexpr std::array<Metric, 29> kMetrics = {{
    {"run.throughput.output_tokens_per_second", "output throughput", "输出吞吐", "tokens/s", 1, true},
    {"run.throughput.output_tokens_per_second_per_card", "output throughput per card", "单卡输出吞吐",
     "tokens/s", 1, true},
    {"run.model_throughput.non_first_tokens_per_second", "model alone, decode", "纯模型非首 token 吞吐",
     "tokens/s", 1, true},
    {"run.model_throughput.end_to_end_tokens_per_second", "model alone, all steps", "纯模型端到端吞吐",
     "tokens/s", 1, true},
    {"run.throughput.input_tokens_per_second", "input throughput", "输入吞吐", "tokens/s", 1, true},
    {"run.throughput.total_tokens_per_second", "total throughput", "总吞吐", "tokens/s", 1, true},
    {"run.throughput.requests_per_second", "requests", "请求吞吐", "1/s", 1, true},
    {"run.ttft_seconds.mean", "TTFT mean", "TTFT 均值", "ms", 1e3, false},
    {"run.ttft_seconds.p90", "TTFT P90", "TTFT P90", "ms", 1e3, false},
    {"run.tpot_seconds.mean", "TPOT mean", "TPOT 均值", "ms", 1e3, false},
    {"run.tpot_seconds.p90", "TPOT P90", "TPOT P90", "ms", 1e3, false},
    {"run.itl_seconds.p99", "ITL P99", "ITL P99", "ms", 1e3, false},
    {"run.latency_seconds.mean", "latency mean", "时延均值", "ms", 1e3, false},
    {"run.latency_seconds.p90", "latency P90", "时延 P90", "ms", 1e3, false},
    {"run.queue_seconds.mean", "queue mean", "排队均值", "ms", 1e3, false},
    {"run.concurrency.mean", "mean concurrency", "平均并发", "", 1, true},
    {"run.prefill.largest_batch", "largest prefill batch", "最大 prefill 批次", "", 1, true},
    {"run.decode.largest_batch", "largest decode batch", "最大 decode 批次", "", 1, true},
    {"run.kv.used_ratio.max", "highest KV use", "KV 最高使用率", "%", 100, false},
    {"run.kv.preemptions", "preemptions", "抢占次数", "", 1, false},
    {"run.gaps.ratio", "gaps between forward passes", "前向间隙占比", "%", 100, false},
    {"run.requests.failed", "failed requests", "失败请求", "", 1, false},
    {"device.compute_share", "computing", "计算占比", "%", 100, true},
    {"device.exposed_communication_share", "communication not hidden", "未掩盖通信占比", "%", 100, false},
    {"device.free_share", "free", "空闲占比", "%", 100, false},
    {"device.host_to_device.share", "copies to the device", "H2D 拷贝占比", "%", 100, false},
    {"device.gaps.count", "gaps of the card", "卡空泡数", "", 1, false},
    {"device.kernels.count", "kernels", "算子数", "", 1, false},
    {"device.kernels.short_share", "kernels below 5 us", "短于 5 us 的算子", "%", 100, false},
}};

/// Which settings of a serving config are told apart, by the name that the config has for them.
constexpr std::array<std::pair<const char*, const char*>, 14> kSettings = {{
    {"max_batch_size", "maxBatchSize"},
    {"max_prefill_batch_size", "maxPrefillBatchSize"},
    {"max_prefill_tokens", "maxPrefillTokens"},
    {"max_iter_times", "maxIterTimes"},
    {"max_seq_len_tokens", "maxSeqLen"},
    {"max_input_token_len_tokens", "maxInputTokenLen"},
    {"max_preempt_count", "maxPreemptCount"},
    {"support_select_batch", "supportSelectBatch"},
    {"prefill_time_ms_per_req", "prefillTimeMsPerReq"},
    {"decode_time_ms_per_req", "decodeTimeMsPerReq"},
    {"max_queue_delay_microseconds", "maxQueueDelayMicroseconds"},
    {"npu_mem_size_bytes", "npuMemSize"},
    {"tp", "tp"},
    {"world_size", "worldSize"},
}};

std::optional<double> number_at(const FactDocument& facts, const char* path) {
  const Json* value = facts.find(path);
  return value != nullptr && value->is_number() ? std::optional(value->get<double>()) : std::nullopt;
}

std::optional<double> change(std::optional<double> from, std::optional<double> to) {
  if (!from || !to || *from == 0) return std::nullopt;
  return *to / *from - 1;
}

MetricComparison compare_metric(const Metric& metric, const std::vector<ComparedRun>& runs) {
  MetricComparison row{.fact = metric.fact,
                       .name = {metric.en, metric.zh},
                       .unit = metric.unit,
                       .more_is_better = metric.more_is_better,
                       .values = {},
                       .over_first = {},
                       .over_previous = {}};
  for (const ComparedRun& run : runs) {
    auto value = number_at(run.facts, metric.fact);
    if (value) *value *= metric.scale;
    row.over_first.push_back(row.values.empty() ? std::nullopt : change(row.values.front(), value));
    row.over_previous.push_back(row.values.empty() ? std::nullopt : change(row.values.back(), value));
    row.values.push_back(value);
  }
  return row;
}

bool changed(const MetricComparison& row) {
  const std::optional<double>& first = row.values.front();
  for (const std::optional<double>& value : row.values) {
    if (value.has_value() != first.has_value()) return true;
    if (value && std::abs(*value - *first) > kLeastChange * std::abs(*first)) return true;
  }
  return false;
}

bool recorded(const MetricComparison& row) {
  for (const std::optional<double>& value : row.values) {
    if (value) return true;
  }
  return false;
}

using Settings = std::map<std::string, Json>;

void take_mindie(const std::string& file, Settings& settings) {
  const Json service = to_facts(read_mindie_config(read_document(file), file));
  for (const auto& [fact, name] : kSettings) {
    if (service.contains(fact)) settings[name] = service[fact];
  }
}

// An argument of vLLM as its command line names it, whether a command, a file or Python says it.
void take_argument(std::string name, std::string value, Settings& settings) {
  if (is_secret_name(name)) return;
  std::replace(name.begin(), name.end(), '_', '-');
  if (value == "True") value = "true";
  if (value == "False") value = "false";
  if (name == "model-tag") name = "model";
  settings["--" + name] = std::move(value);
}

void take_vllm(const std::string& file, Settings& settings) {
  const auto text = read_file(file, kMostCommandBytes);
  if (!text) return;
  const VllmArguments arguments = read_vllm_arguments(*text, file);
  // A map of YAML may be anything: it is of vLLM where it sets what vLLM knows.
  const bool known = arguments.model || arguments.tensor_parallel_size || arguments.max_model_len ||
                     arguments.max_num_seqs || arguments.max_num_batched_tokens;
  if (!known) return;
  if (arguments.model) take_argument("model", *arguments.model, settings);
  for (const auto& [name, value] : arguments.options) take_argument(name, value.value_or("true"), settings);
  FactDocument environment;
  for (const auto& [name, value] : arguments.environment) environment.set("env." + name, value, file);
  redact(environment);
  if (const Json* variables = environment.find("env")) {
    for (const auto& [name, value] : variables->items()) settings[name] = value;
  }
}

// What logs and benchmark clients say of how they were started.
void take_recorded(const FactDocument& facts, Settings& settings) {
  if (const Json* arguments = facts.find("run.log.arguments")) {
    for (const auto& [name, value] : arguments->items())
      take_argument(name, value.get<std::string>(), settings);
  }
  if (const Json* benchmarks = facts.find("run.benchmarks")) {
    for (const Json& benchmark : *benchmarks) {
      // The numbers of requests are settings below.
      for (const auto& [name, value] : benchmark["settings"].items()) {
        if (name != "num_prompts") settings["client " + name] = value;
      }
    }
  }
}

double number_of(const Settings& settings, const char* name, double otherwise) {
  const auto found = settings.find(name);
  if (found == settings.end()) return otherwise;
  if (found->second.is_number()) return found->second.get<double>();
  const auto number =
      found->second.is_string() ? parse_double(found->second.get<std::string>()) : std::nullopt;
  return number.value_or(otherwise);
}

// NPUs that served the run; 0 where its settings do not say.
double cards_of(const Settings& settings) {
  const double world = number_of(settings, "worldSize", 0);
  if (world > 0) return world;
  if (!settings.contains("--tensor-parallel-size")) return 0;
  return number_of(settings, "--tensor-parallel-size", 1) *
         number_of(settings, "--pipeline-parallel-size", 1) * number_of(settings, "--data-parallel-size", 1);
}

}  // namespace

std::map<std::string, Json> settings_of(const FactDocument& facts,
                                        const std::vector<std::string>& config_files) {
  std::map<std::string, Json> settings;
  take_recorded(facts, settings);
  for (const std::string& file : config_files) {
    try {
      (file.ends_with(".json") ? take_mindie : take_vllm)(file, settings);
    } catch (const InputError&) {
      // Another file of no known kind: it says nothing of the service.
    }
  }
  if (const Json* variables = facts.find("device.settings"); variables != nullptr && variables->is_object()) {
    for (const auto& [name, value] : variables->items()) settings[name] = value;
  }
  if (const Json* limit = facts.find("run.concurrency.limit")) settings["concurrency"] = *limit;
  if (const Json* count = facts.find("run.requests.count")) settings["requests"] = *count;
  for (const auto& [path, name] : {std::pair{"run.input_tokens.mean", "mean input tokens"},
                                   {"run.output_tokens.mean", "mean output tokens"}}) {
    if (const Json* mean = facts.find(path)) settings[name] = *mean;
  }
  return settings;
}

void add_throughput_per_card(ComparedRun& run) {
  if (const double cards = cards_of(run.settings); cards > 0) add_throughput_per_card(run.facts, cards);
}

RunComparison compare_runs(const std::vector<ComparedRun>& runs, std::optional<double> ceiling, bool all) {
  RunComparison comparison;
  comparison.ceiling = ceiling;
  std::set<std::string> names;
  for (const ComparedRun& run : runs) {
    comparison.names.push_back(run.name);
    for (const auto& [name, value] : run.settings) names.insert(name);
  }
  for (const std::string& name : names) {
    SettingDifference difference{.name = name, .values = {}};
    bool differs = false;
    for (const ComparedRun& run : runs) {
      const auto found = run.settings.find(name);
      difference.values.push_back(found == run.settings.end() ? Json() : found->second);
      differs = differs || difference.values.back() != difference.values.front();
    }
    if (differs) comparison.settings.push_back(std::move(difference));
  }
  for (const Metric& metric : kMetrics) {
    MetricComparison row = compare_metric(metric, runs);
    const bool throughput = comparison.metrics.empty() && &metric == kMetrics.data();
    if (throughput && ceiling) {
      for (const auto& value : row.values)
        comparison.ceiling_ratio.push_back(value ? std::optional(*value / *ceiling) : std::nullopt);
    }
    if (recorded(row) && (throughput || all || changed(row))) comparison.metrics.push_back(std::move(row));
  }
  return comparison;
}

}  // namespace ms
