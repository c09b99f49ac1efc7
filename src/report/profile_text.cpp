#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "base/units.hpp"
#include "report/profile.hpp"
#include "report/profile_numbers.hpp"

namespace ms {
namespace {

std::string heading(const TextStyle& style, std::string_view en, std::string_view zh) {
  return "\n" + paint(style, Color::bold, style.pick(en, zh)) + "\n";
}

std::string right(std::string_view text, std::size_t width) {
  const std::size_t taken = display_width(text);
  return std::string(taken < width ? width - taken : 0, ' ') + std::string(text);
}

std::string count_of(std::uint64_t count) {
  return format_count(static_cast<std::int64_t>(count));
}

std::string file_lines(const profile::FileReport& file, std::size_t width, const TextStyle& style,
                       bool stats) {
  std::string text =
      fmt::format("  {}  {}  {}", pad(file.kind, width), right(count_of(file.records), 11), file.path);
  if (stats) {
    const double speed = file.seconds > 0 ? static_cast<double>(file.bytes) / file.seconds : 0;
    text += fmt::format("  {}, {:.3f} s, {}/s", format_bytes(static_cast<std::int64_t>(file.bytes)),
                        file.seconds, format_bytes(static_cast<std::int64_t>(speed)));
  }
  text += '\n';
  if (file.bad_records > 0) {
    text +=
        wrap(style, 6, paint(style, Color::yellow, "! "),
             fmt::format(fmt::runtime(style.pick("{} bad records were left out", "{} 条记录有误，已跳过")),
                         count_of(file.bad_records)));
    for (const profile::BadRecord& bad : file.first_bad) {
      text += wrap(style, 8, "", sanitize_utf8(fmt::format("{}: {}", bad.place, bad.reason)));
    }
    if (file.bad_records > file.first_bad.size()) text += "        ...\n";
  }
  for (const Text& note : file.notes)
    text += wrap(style, 6, paint(style, Color::cyan, "* "), note.in(style.lang));
  return text;
}

std::string files_table(const ProfileResult& result, const TextStyle& style, bool stats) {
  std::string text = paint(style, Color::bold, style.pick("Files", "文件")) + "\n";
  std::size_t width = 12;
  for (const profile::FileReport& file : result.reading.files) width = std::max(width, file.kind.size());
  text += paint(style, Color::dim,
                fmt::format("  {}  {}  {}\n", pad(style.pick("kind", "类型"), width),
                            right(style.pick("records", "记录数"), 11), style.pick("file", "文件")));
  for (const profile::FileReport& file : result.reading.files) text += file_lines(file, width, style, stats);
  const std::size_t others = result.reading.others.size();
  if (others > 0) {
    text += fmt::format(fmt::runtime(style.pick("  {} files of no known kind\n", "  {} 个文件类型未知\n")),
                        others);
    if (style.verbose) {
      for (const std::string& other : result.reading.others) text += wrap(style, 4, "", sanitize_utf8(other));
    }
  }
  for (const std::string& file : result.reading.unreadable) {
    text += wrap(
        style, 2, paint(style, Color::yellow, "! "),
        fmt::format(fmt::runtime(style.pick("could not be read: {}", "无法读取：{}")), sanitize_utf8(file)));
  }
  if (result.reading.search_cut) {
    text +=
        style.pick("  the folder holds more files than are searched\n", "  文件数超出搜索上限，未全部搜索\n");
  }
  return text;
}

// A line of the table of metrics: where its spread is, and what its numbers are multiplied with to be shown.
struct Metric {
  const char* pointer;
  std::string_view en;
  std::string_view zh;
  double scale;
};

constexpr std::array<Metric, 24> kMetrics = {{
    {"/ttft_seconds", "TTFT, ms", "首 token 时延，ms", 1e3},
    {"/tpot_seconds", "TPOT, ms", "TPOT，ms", 1e3},
    {"/itl_seconds", "time between tokens, ms", "相邻 token 间隔，ms", 1e3},
    {"/latency_seconds", "latency, ms", "端到端时延，ms", 1e3},
    {"/queue_seconds", "time in the queue, ms", "排队时间，ms", 1e3},
    {"/input_tokens", "input tokens", "输入 token", 1},
    {"/output_tokens", "output tokens", "输出 token", 1},
    {"/cache_hit_ratio", "prefix cache hits, %", "前缀缓存命中率，%", 100},
    {"/prefill/batch_size", "prefill batch", "prefill batch", 1},
    {"/prefill/batch_size_by_request", "prefill batch, by request", "prefill batch（按请求）", 1},
    {"/prefill/tokens", "prefill tokens per batch", "prefill 每 batch token", 1},
    {"/prefill/seconds", "prefill time, ms", "prefill 耗时，ms", 1e3},
    {"/decode/batch_size", "decode batch", "decode batch", 1},
    {"/decode/batch_size_by_request", "decode batch, by token", "decode batch（按 token）", 1},
    {"/decode/seconds", "decode time, ms", "decode 耗时，ms", 1e3},
    {"/batch_size", "batch, any phase", "batch（全部）", 1},
    {"/batch_tokens", "tokens per batch", "每 batch token", 1},
    {"/forward_seconds", "forward pass, ms", "前向，ms", 1e3},
    {"/gaps/seconds", "gap between passes, ms", "前向间空隙，ms", 1e3},
    {"/kv/used_ratio", "KV cache used, %", "KV Cache 使用率，%", 100},
    {"/queue/waiting", "requests waiting", "等待请求数", 1},
    {"/queue/running", "requests running", "运行请求数", 1},
    {"/log/prompt_tokens_per_second", "logged input tokens/s", "日志输入 token/s", 1},
    {"/log/output_tokens_per_second", "logged output tokens/s", "日志输出 token/s", 1},
}};

constexpr std::array<const char*, 7> kStatistics = {"mean", "p50", "p90", "p95", "p99", "min", "max"};
constexpr std::size_t kNameWidth = 26;
constexpr std::size_t kNumberWidth = 9;

std::string metric_line(const Json& spread, const Metric& metric, const TextStyle& style) {
  std::string line = "  " + pad(style.pick(metric.en, metric.zh), kNameWidth);
  for (const char* statistic : kStatistics) {
    const auto value = spread.find(statistic);
    const std::string cell =
        value == spread.end() ? "\xe2\x80\x93" : shown_number(value->get<double>() * metric.scale);
    line += " " + right(cell, kNumberWidth);
  }
  return line + "\n";
}

std::string metrics_table(const ProfileResult& result, const TextStyle& style) {
  std::string lines;
  for (const Metric& metric : kMetrics) {
    const Json::json_pointer pointer(metric.pointer);
    if (result.facts.contains(pointer)) lines += metric_line(result.facts.at(pointer), metric, style);
  }
  if (lines.empty()) return {};
  std::string head = "  " + pad("", kNameWidth);
  for (const char* statistic : kStatistics) head += " " + right(statistic, kNumberWidth);
  return heading(style, "Metrics", "指标") + paint(style, Color::dim, head + "\n") + lines;
}

constexpr std::array<NumberPhrase, 19> kPhrases = {{
    {"/requests/count", "{} requests", "请求数 {}", 1},
    {"/requests/failed", "{} failed", "失败 {}", 1},
    {"/throughput/duration_seconds", "{} s", "时长 {} s", 1},
    {"/throughput/requests_per_second", "{} requests/s", "{} 请求/s", 1},
    {"/throughput/output_tokens_per_second", "{} output tokens/s", "输出 {} token/s", 1},
    {"/throughput/total_tokens_per_second", "{} tokens/s in all", "总计 {} token/s", 1},
    {"/throughput/output_tokens_per_second_per_request", "{} output tokens/s for one request",
     "单请求输出 {} token/s", 1},
    {"/model_throughput/non_first_tokens_per_second", "{} tokens/s in decode steps alone",
     "纯模型非首 token {} token/s", 1},
    {"/model_throughput/end_to_end_tokens_per_second", "{} in all steps", "纯模型端到端 {} token/s", 1},
    {"/concurrency/limit", "concurrency {}", "并发上限 {}", 1},
    {"/concurrency/mean", "{} at a time on average", "平均并发 {}", 1},
    {"/prefill/batches", "{} prefill batches", "prefill batch {} 个", 1},
    {"/decode/batches", "{} decode batches", "decode batch {} 个", 1},
    {"/mixed_batches", "{} mixed batches", "混合 batch {} 个", 1},
    {"/gaps/ratio", "gaps take {} % of the time", "空隙占 {} %", 100},
    {"/kv/total_blocks", "{} KV blocks", "KV 块 {} 个", 1},
    {"/kv/min_free_blocks", "at least {} free", "最少空闲 {}", 1},
    {"/kv/preemptions", "{} preemptions", "抢占 {} 次", 1},
    {"/speculative_acceptance_ratio", "{} % of drafted tokens accepted", "投机接受率 {} %", 100},
}};

std::string summary(const ProfileResult& result, const TextStyle& style) {
  std::string text = number_phrases(result.facts, kPhrases, style);
  if (text.empty()) return text;
  text = heading(style, "Run", "运行") + wrap(style, 2, "", text);
  const auto benchmarks = result.facts.find("benchmarks");
  if (benchmarks != result.facts.end() && benchmarks->size() > 1) {
    text +=
        wrap(style, 2, paint(style, Color::yellow, "! "),
             fmt::format(fmt::runtime(style.pick("{} benchmark results; what a tool states is taken from {}",
                                                 "共 {} 个压测结果；工具给出的数据取自 {}")),
                         benchmarks->size(), result.facts["benchmark_source"].get<std::string>()));
  }
  return text;
}

std::string groups(const ProfileResult& result, const TextStyle& style) {
  std::string text;
  const auto number = [](const Json& entry, const char* name) {
    const auto found = entry.find(name);
    return found == entry.end() ? std::string("\xe2\x80\x93") : shown_number(found->get<double>());
  };
  if (const auto ranks = result.facts.find("dp_ranks"); ranks != result.facts.end()) {
    text += heading(style, "Ranks", "DP rank");
    for (const Json& rank : *ranks) {
      text += fmt::format(fmt::runtime(style.pick("  rank {}: {} forward passes, {} ms, batch {}\n",
                                                  "  rank {}：前向 {} 次，{} ms，batch {}\n")),
                          rank["rank"].get<int>(), number(rank, "forwards"),
                          shown_number(rank["mean_seconds"].get<double>() * 1e3),
                          number(rank, "mean_batch_size"));
    }
  }
  if (const auto nodes = result.facts.find("nodes"); nodes != result.facts.end()) {
    text += heading(style, "Nodes", "节点");
    for (const Json& node : *nodes) {
      text += fmt::format(fmt::runtime(style.pick("  {} {}: {} requests added, {} ended\n",
                                                  "  {} {}：新增 {} 个请求，结束 {} 个\n")),
                          node["role"].get<std::string>(), node["node"].get<std::string>(),
                          number(node, "added"), number(node, "ended"));
    }
  }
  for (const char* list : {"experts", "expert_ranks"}) {
    const auto experts = result.facts.find(list);
    if (experts == result.facts.end()) continue;
    const bool ranks = std::string_view(list) == "expert_ranks";
    text += heading(style, ranks ? "Experts between ranks" : "Experts", ranks ? "卡间专家负载" : "专家负载");
    for (const Json& entry : *experts) {
      if (!entry.contains("balance_ratio")) continue;
      const Json& ratio = entry["balance_ratio"];
      text += fmt::format(fmt::runtime(style.pick("  {} {}: busiest over mean {} on average, {} at most\n",
                                                  "  {} {}：最大/均值 平均 {}，最高 {}\n")),
                          entry["phase"].get<std::string>(),
                          ranks ? number(entry, "ranks") : entry["rank"].get<std::string>(),
                          number(ratio, "mean"), number(ratio, "max"));
    }
  }
  return text;
}

}  // namespace

std::string profile_text(const ProfileResult& result, const TextStyle& style, bool stats) {
  return files_table(result, style, stats) + summary(result, style) + metrics_table(result, style) +
         groups(result, style) + device_text(result.device.value("device", Json::object()), style);
}

}  // namespace ms
