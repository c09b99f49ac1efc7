#include "probe/stress_npu.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "probe/outliers.hpp"

namespace ms {
namespace {

constexpr const char* kCpuSource = "msprecheck precheck --hardware";
constexpr const char* kNpuSource = "msprecheck precheck --npu-stress-command";

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n';
}

std::string replace_all(std::string text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

// The last line that is not blank.
std::string_view last_line(std::string_view text) {
  text = trim(text);
  const auto end = text.rfind('\n');
  return trim(end == text.npos ? text : text.substr(end + 1));
}

NpuStress measure_npu(const Host& host, const std::vector<std::string>& command, std::int64_t npu,
                      std::chrono::milliseconds timeout, const std::function<double()>& now) {
  std::vector<std::string> argv;
  for (const std::string& word : command) argv.push_back(replace_all(word, "{id}", fmt::format("{}", npu)));
  NpuStress result{.npu = npu, .value = Absent{""}, .printed = false, .percent = std::nullopt};
  const double start = now();
  const auto output = host.run(argv, timeout);
  const double seconds = now() - start;
  if (!output) {
    result.value = output.absent();
  } else if (output->status != 0) {
    result.value = Absent{fmt::format("{}: ended with status {}: {}", fmt::join(argv, " "), output->status,
                                      sanitize_utf8(last_line(output->text).substr(0, 120)))};
  } else if (const auto number = parse_double(last_line(output->text))) {
    result.printed = true;
    if (*number > 0) {
      result.value = *number;
    } else {
      result.value = Absent{fmt::format("{}: printed {}, where a number above 0 is expected",
                                        fmt::join(argv, " "), last_line(output->text))};
    }
  } else {
    result.value = seconds;
  }
  return result;
}

double tenths(double value) {
  return std::round(value * 10) / 10;
}

}  // namespace

std::vector<std::string> split_command(std::string_view text, const std::string& option) {
  std::vector<std::string> words;
  bool inside = false;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\0' && is_space(c)) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      words.back() += text[++i];
    } else {
      words.back() += c;
    }
  }
  if (quote != '\0') throw InputError(option, fmt::format("the quote {} is not closed", quote));
  if (words.empty() || words.front().empty()) throw InputError(option, "names no command");
  return words;
}

Reading<std::vector<std::int64_t>> stress_devices(const FactDocument& facts) {
  const Json* devices = facts.find("npu.devices");
  if (devices == nullptr) return Absent{"npu.devices is not known"};
  if (const auto reason = absent_reason(*devices)) return Absent{*reason};
  std::vector<std::int64_t> ids;
  for (const Json& device : *devices) {
    for (const char* field : {"phy_id", "id"}) {
      const auto found = device.find(field);
      if (found == device.end() || !found->is_number_integer()) continue;
      ids.push_back(found->get<std::int64_t>());
      break;
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (ids.empty()) return Absent{"there is no NPU"};
  return ids;
}

std::vector<NpuStress> measure_npus(const Host& host, const std::vector<std::string>& command,
                                    const std::vector<std::int64_t>& npus, std::chrono::milliseconds timeout,
                                    const std::function<double()>& now, const StressProgress& progress) {
  std::vector<NpuStress> results;
  for (const std::int64_t npu : npus) {
    if (interrupt_requested()) break;
    progress(StressPhase::npu, static_cast<double>(results.size()) / static_cast<double>(npus.size()));
    results.push_back(measure_npu(host, command, npu, timeout, now));
  }
  // A time and a number of the command's own are not to be compared.
  const bool any_printed = std::any_of(
      results.begin(), results.end(), [](const NpuStress& result) { return result.value && result.printed; });
  for (NpuStress& result : results) {
    if (any_printed && result.value && !result.printed) {
      result.value = Absent{"its last line is no number, unlike that of another NPU"};
    }
  }
  std::vector<Measurement> measurements;
  for (const NpuStress& result : results) {
    if (result.value) measurements.push_back({.seconds = *result.value, .group = ""});
  }
  const auto percents = percent_over_median(measurements);
  std::size_t next = 0;
  for (NpuStress& result : results) {
    if (result.value) result.percent = percents[next++];
  }
  return results;
}

void set_npu_stress_facts(FactDocument& facts, const Reading<std::vector<NpuStress>>& results,
                          double threshold_percent) {
  facts.set("stress.npu.requested", Json(true), kNpuSource);
  if (!results) {
    for (const char* fact : {"stress.npu.devices", "stress.npu.slow"}) {
      facts.set_absent(fact, results.reason(), kNpuSource);
    }
    return;
  }
  Json devices = Json::array();
  Json slow = Json::array();
  for (const NpuStress& result : *results) {
    const std::string reason =
        result.value ? "no other NPU was measured to compare with" : result.value.reason();
    devices.push_back(
        {{"npu", result.npu},
         {"problem", result.value ? "" : result.value.reason()},
         {"value", result.value ? Json(*result.value) : absent_marker(reason, kNpuSource)},
         {"printed", result.printed},
         {"percent", result.percent ? Json(tenths(*result.percent)) : absent_marker(reason, kNpuSource)}});
    if (result.percent && *result.percent > threshold_percent) {
      slow.push_back({{"npu", result.npu}, {"percent", tenths(*result.percent)}});
    }
  }
  facts.set("stress.npu.devices", std::move(devices), kNpuSource);
  facts.set("stress.npu.slow", std::move(slow), kNpuSource);
}

void set_stress_not_asked(FactDocument& facts) {
  constexpr const char* kNotGiven = "not measured: --hardware was not given";
  facts.set("stress.cpu.requested", Json(false), kCpuSource);
  for (const char* fact : {"stress.threshold_percent", "stress.cpu.cores", "stress.cpu.slow_single",
                           "stress.cpu.slow_all", "stress.cpu.untested"}) {
    facts.set_absent(fact, kNotGiven, kCpuSource);
  }
  facts.set("stress.npu.requested", Json(false), kNpuSource);
  for (const char* fact : {"stress.npu.devices", "stress.npu.slow"}) {
    facts.set_absent(fact, "not measured: --npu-stress-command was not given", kNpuSource);
  }
}

void read_stress(const Host&, std::chrono::milliseconds, FactDocument& facts) {
  set_stress_not_asked(facts);
}

}  // namespace ms
