#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "profile/csv.hpp"
#include "profile/lines.hpp"
#include "profile/run.hpp"
#include "profile/service_files.hpp"

namespace ms::profile {
namespace {

// The number behind `label`, with commas between thousands left out; nullopt where the line has none.
std::optional<double> number_behind(std::string_view line, std::string_view label) {
  const std::size_t at = line.find(label);
  if (at == std::string_view::npos) return std::nullopt;
  std::string digits;
  for (const char byte : line.substr(at + label.size(), 32)) {
    if (byte == ',' && !digits.empty()) continue;
    if (byte == ' ' && digits.empty()) continue;
    if ((byte < '0' || byte > '9') && byte != '.' && byte != '-') break;
    digits += byte;
  }
  // A sentence may end behind the number.
  while (digits.ends_with('.')) digits.pop_back();
  return parse_number(digits);
}

// What a log says once, at the start of the engine.
struct StartLine {
  std::string_view label;
  std::string_view value;  ///< in Run::start_values
  double unit;
};

constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
constexpr std::array<StartLine, 9> kStartLines = {{{"KV cache size:", "kv_tokens", 1},
                                                   {"# NPU blocks:", "kv_blocks", 1},
                                                   {"# GPU blocks:", "kv_blocks", 1},
                                                   {"npuBlockNum:", "kv_blocks", 1},
                                                   {"Available KV cache memory:", "kv_bytes", kGiB},
                                                   {"Model weights take", "weights_bytes", kGiB},
                                                   {"Loading model weights took", "weights_bytes", kGiB},
                                                   {"Maximum concurrency for", "max_concurrency_tokens", 1},
                                                   {"tokens per request:", "max_concurrency", 1}}};

std::string_view unquoted(std::string_view text) {
  const bool quoted =
      text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

// The members of a dictionary that Python printed, up to its closing brace: commas in strings, lists and
// dictionaries within do not part them.
std::vector<std::string_view> members_of(std::string_view text) {
  std::vector<std::string_view> members;
  std::size_t start = 0;
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char byte = text[i];
    if (quote != 0) {
      if (byte == '\\') ++i;
      if (byte == quote) quote = 0;
    } else if (byte == '\'' || byte == '"') {
      quote = byte;
    } else if (byte == '[' || byte == '(' || byte == '{') {
      ++depth;
    } else if (depth > 0 && (byte == ']' || byte == ')' || byte == '}')) {
      --depth;
    } else if (depth == 0 && (byte == ',' || byte == '}')) {
      members.push_back(text.substr(start, i - start));
      start = i + 1;
      if (byte == '}') break;
    }
  }
  return members;
}

// Periodic lines: "Avg prompt throughput: 272.5 tokens/s, ..., Running: 1 reqs, Waiting: 0 reqs, GPU KV cache
// usage: 6.4%". vLLM 0.x also says "Pending" and "Swapped".
bool take_periodic(std::string_view line, Run& run) {
  const auto prompt = number_behind(line, "prompt throughput:");
  const auto generation = number_behind(line, "generation throughput:");
  const auto running = number_behind(line, "Running:");
  if (!prompt && !generation && !running) return false;
  Records& records = run.of(Origin::log);
  if (prompt) run.log_prompt_tokens_per_second.add(*prompt);
  if (generation) run.log_output_tokens_per_second.add(*generation);
  auto waiting = number_behind(line, "Waiting:");
  if (!waiting) waiting = number_behind(line, "Pending:");
  if (running || waiting) {
    records.queue.push_back({.time = kNone,
                             .waiting = waiting.value_or(kNone),
                             .running = running.value_or(kNone),
                             .swapped = number_behind(line, "Swapped:").value_or(kNone)});
  }
  if (const auto usage = number_behind(line, "KV cache usage:")) {
    records.kv.push_back({kNone, kNone, kNone, *usage / 100});
  }
  if (const auto hits = number_behind(line, "Prefix cache hit rate:")) run.log_prefix_hit_ratio = *hits / 100;
  return true;
}

bool take_start(std::string_view line, Run& run) {
  bool taken = false;
  for (const StartLine& known : kStartLines) {
    if (const auto value = number_behind(line, known.label)) {
      run.start_values[std::string(known.value)] = *value * known.unit;
      taken = true;
    }
  }
  return taken;
}

// "non-default args: {'model': '/m', 'max_model_len': 8192, 'served_model_name': ['a']}" as vLLM says what it
// was started with, in the way Python prints it.
bool take_arguments(std::string_view line, Run& run) {
  constexpr std::string_view kLabel = "non-default args: {";
  const std::size_t at = line.find(kLabel);
  if (at == std::string_view::npos) return false;
  bool taken = false;
  for (const std::string_view member : members_of(line.substr(at + kLabel.size()))) {
    const std::size_t colon = member.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = unquoted(trim(member.substr(0, colon)));
    if (name.empty()) continue;
    run.start_arguments[std::string(name)] = unquoted(trim(member.substr(colon + 1)));
    taken = true;
  }
  return taken;
}

bool mentions(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

}  // namespace

bool is_engine_log(const Head& head) {
  const bool named =
      head.name.ends_with(".log") || head.name.ends_with(".txt") || head.name.ends_with(".out");
  if (!named || head.first_byte() == '{') return false;
  const bool levels = mentions(head.text, {"INFO ", "[INFO]", "[info]", "[WARN]", "[DEBUG]", "[ERROR]"});
  return levels && mentions(head.text, {".py:", "throughput:", "non-default args:", "KV cache size",
                                        "NPU blocks", "npuBlockNum", "mindie", "MindIE"});
}

void read_engine_log(Input& input, Run& run, FileReport& report) {
  LineReader lines(input.bytes);
  std::uint64_t count = 0;
  while (lines.next()) {
    ++count;
    const std::string_view line = lines.text();
    if (line.find("reempt") != std::string_view::npos &&
        mentions(line, {"is preempted", "preempted by", "Preempted"})) {
      ++run.of(Origin::log).preemptions;
    }
    if (take_periodic(line, run) || take_start(line, run) || take_arguments(line, run)) ++report.records;
  }
  if (report.records == 0) {
    report.note({fmt::format("{} lines, none with throughput, queues or KV use", count),
                 fmt::format("共 {} 行，其中没有吞吐、队列或 KV 使用信息", count)});
  }
}

}  // namespace ms::profile
