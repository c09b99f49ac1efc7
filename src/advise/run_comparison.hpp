#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/lang.hpp"
#include "facts/document.hpp"

namespace ms {

/// A run to be compared: its name, its facts, and the settings that lie beside it.
struct ComparedRun {
  std::string name;
  FactDocument facts;                    ///< `run` and `device`
  std::map<std::string, Json> settings;  ///< "maxBatchSize", "TASK_QUEUE_ENABLE", "concurrency"
};

/// A setting that the runs do not share; null where a run does not say.
struct SettingDifference {
  std::string name;
  std::vector<Json> values;
};

/// What a metric was in every run.
struct MetricComparison {
  std::string fact;  ///< "run.throughput.output_tokens_per_second"
  Text name;
  std::string unit;  ///< of the values: "tokens/s", "ms", "%", ""
  bool more_is_better = true;
  std::vector<std::optional<double>> values;         ///< in `unit`
  std::vector<std::optional<double>> over_first;     ///< change as a share of the first run
  std::vector<std::optional<double>> over_previous;  ///< likewise of the run before
};

/// Runs side by side.
struct RunComparison {
  std::vector<std::string> names;
  std::vector<SettingDifference> settings;
  std::vector<MetricComparison> metrics;  ///< that changed, and always the output throughput
  std::optional<double> ceiling;          ///< output tokens a second of the model alone
  std::vector<std::optional<double>> ceiling_ratio;
};

/// The settings of a run: of a MindIE config.json or a command or script or YAML of vLLM beside it, of the
/// arguments in the log of the engine, the variables that a device profile recorded, and what the client was
/// set to and allowed.
std::map<std::string, Json> settings_of(const FactDocument& facts,
                                        const std::vector<std::string>& config_files);

/// Adds the throughput of a card where the settings of the run say how many there are.
void add_throughput_per_card(ComparedRun& run);

/// `all` lists metrics that did not change, too.
RunComparison compare_runs(const std::vector<ComparedRun>& runs, std::optional<double> ceiling, bool all);

}  // namespace ms
