#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "base/units.hpp"
#include "model/parameters.hpp"
#include "report/advice.hpp"
#include "report/diagnosis.hpp"

namespace ms {
namespace {

std::string shown(const Json& value) {
  if (value.is_null()) return "–";
  if (value.is_number_float()) return fmt::format("{:g}", value.get<double>());
  if (value.is_array() && value.size() > 4) {
    return fmt::format("{}, {}, … {}", shown(value.front()), shown(value[1]), shown(value.back()));
  }
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string right(std::string_view text, std::size_t width) {
  const std::size_t taken = display_width(text);
  return std::string(taken < width ? width - taken : 0, ' ') + std::string(text);
}

std::string heading(const TextStyle& style, std::string_view en, std::string_view zh) {
  return "\n" + paint(style, Color::bold, style.pick(en, zh)) + "\n";
}

// "Qwen2.5-7B-Instruct (7.6 B parameters, bfloat16, gqa) on 910B4, 1 NPU, 256 tokens in, 256 out"
std::string subject(const AdviseResult& result, const TextStyle& style) {
  const PlanInputs& inputs = *result.plan_inputs;
  const double billions = static_cast<double>(count_parameters(inputs.spec).total()) / 1e9;
  const std::string device =
      (result.chip ? result.chip->id + " " : "") + format_bytes(inputs.memory.total.value);
  const auto npus = inputs.parallelism.world_size();
  return wrap(style, 0, "",
              fmt::format(fmt::runtime(style.pick(
                              "{} ({:.1f} B parameters, {}, {}) on {} x {}, {:g} tokens in, {:g} out",
                              "{}（{:.1f} B 参数，{}，{}），{} x {}，输入 {:g} token，输出 {:g} token")),
                          inputs.spec.name.empty() ? inputs.spec.model_type : inputs.spec.name, billions,
                          inputs.spec.dtype, attention_name(inputs.spec), npus, device,
                          inputs.workload.input.mean, inputs.workload.output.mean));
}

std::string table(const AdviseResult& result, const TextStyle& style) {
  std::size_t name_width = 0;
  for (const Recommendation& r : result.recommendations) name_width = std::max(name_width, r.target.size());
  name_width += 4;
  std::string text = heading(style, "Set", "建议设置");
  text +=
      paint(style, Color::dim,
            fmt::format("  {}{}{}   {}\n", pad("", name_width), right(style.pick("now", "当前"), 8),
                        right(style.pick("advised", "建议"), 10), style.pick("worth trying", "可探索范围")));
  for (const Recommendation& r : result.recommendations) {
    const std::string range =
        r.low.is_null() || r.high.is_null() ? "" : fmt::format("{} – {}", shown(r.low), shown(r.high));
    const std::string where = r.apply == "client" ? std::string(style.pick("  at the client", "  客户端"))
                              : r.apply == "env"
                                  ? std::string(style.pick("  in the environment", "  环境变量"))
                              : r.changes_nothing() ? std::string(style.pick("  as it is", "  已符合"))
                                                    : "";
    text += fmt::format(
        "  {}{}{}   {}{}\n", pad(r.target, name_width), right(shown(r.current), 8),
        paint(style, r.changes_nothing() ? Color::dim : Color::green, "  " + right(shown(r.value), 8)), range,
        where);
  }
  return text;
}

std::string reasons(const AdviseResult& result, const TextStyle& style, bool explain) {
  std::string text = heading(style, "Why", "依据");
  for (const Recommendation& r : result.recommendations) {
    if (r.changes_nothing() && !explain) continue;
    text += wrap(style, 2, r.target + "  ", r.why.in(style.lang));
    if (explain) {
      for (const Text& line : r.evidence) text += wrap(style, 4, "= ", line.in(style.lang));
    }
    if (!style.verbose) continue;
    text += wrap(style, 4, style.pick("effect  ", "效果  "), r.effect.in(style.lang));
    if (!r.risk.en.empty()) text += wrap(style, 4, style.pick("risk    ", "风险  "), r.risk.in(style.lang));
    text += wrap(style, 4, style.pick("sure    ", "置信  "), r.confidence);
    text += wrap(style, 4, style.pick("source  ", "来源  "), fmt::format("{}", fmt::join(r.source, "; ")));
  }
  return text;
}

// A line of the budget: its arithmetic on one line, or all of it.
std::string budget_line(const TextStyle& style, std::int64_t bytes, std::string_view name,
                        const std::string& how, bool explain) {
  const std::string label = fmt::format("{}  {}  ", right(format_bytes(bytes), 11), pad(name, 22));
  const std::string text = wrap(style, 2, label, how);
  const auto end = text.find('\n');
  if (explain || end == text.npos || end + 1 == text.size()) return text;
  return text.substr(0, end) + " …\n";
}

// Three digits, as an estimate has at most: "7.92", "132", "2030".
std::string three_digits(double value) {
  if (value < 100 || value > 1e15) return fmt::format("{:.3g}", value);
  const double step = std::pow(10, std::floor(std::log10(value)) - 2);
  return fmt::format("{:.0f}", std::round(value / step) * step);
}

std::string band(const Estimated& value, double unit, const char* name) {
  return fmt::format("{} {} ({} – {})", three_digits(value.expected * unit), name,
                     three_digits(value.low * unit), three_digits(value.high * unit));
}

// What the times of the operating point are estimated to be.
std::string speed(const AdviseResult& result, const TextStyle& style, bool explain) {
  const OperatingPoint& point = result.point;
  if (!point.tpot_seconds || point.batch == 0) return {};
  std::string text = heading(style, "Estimated, not measured", "估算（非实测）");
  text += wrap(
      style, 2, "",
      fmt::format("TPOT {}, TTFT {}, {}, {}", band(*point.tpot_seconds, 1e3, "ms"),
                  band(*point.ttft_seconds, 1e3, "ms"), band(*point.output_tokens_per_second, 1, "tokens/s"),
                  band(*point.requests_per_second, 1, style.lang == Lang::zh ? "请求/s" : "requests/s")));
  if (explain) {
    text += wrap(style, 2, "= ",
                 fmt::format(fmt::runtime(style.pick("batch {}: decode step {}, prefill step {}; {}",
                                                     "批次 {}：decode 单步 {}，prefill 单步 {}；{}")),
                             point.batch, band(*point.decode_seconds, 1e3, "ms"),
                             band(*point.prefill_seconds, 1e3, "ms"), point.time_assumptions));
  }
  return text;
}

std::string budget(const AdviseResult& result, const TextStyle& style, bool explain) {
  const MemoryPlan& plan = *result.plan;
  std::string text = heading(style, "Memory of one rank", "单个 rank 的显存");
  for (const BudgetLine& line : plan.lines) {
    const std::string how =
        line.how + (line.assumed ? std::string(style.pick("  (assumed)", "（假定）")) : "");
    text += budget_line(style, line.bytes, line.name, how, explain);
  }
  text += budget_line(
      style, plan.kv_budget_bytes, style.pick("= KV cache", "= KV 缓存"),
      fmt::format(fmt::runtime(style.pick("{} blocks of {} tokens; {} bytes a token: {}",
                                          "{} 块，每块 {} token；每 token {} 字节：{}")),
                  plan.blocks, plan.block_size_tokens, plan.kv_bytes_per_token_per_rank, plan.kv_formula),
      true);
  return text;
}

// What was assumed beside the lines of the budget, which say so themselves.
std::vector<std::string> other_assumptions(const MemoryPlan& plan) {
  std::vector<std::string> others;
  for (const std::string& assumption : plan.assumptions) {
    const bool in_budget = std::any_of(plan.lines.begin(), plan.lines.end(), [&](const BudgetLine& line) {
      return assumption.starts_with(line.name + ": ");
    });
    if (!in_budget) others.push_back(assumption);
  }
  return others;
}

std::string bullet_list(const TextStyle& style, std::string_view en, std::string_view zh,
                        const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  std::string text = heading(style, en, zh);
  for (const std::string& line : lines) text += wrap(style, 2, "- ", line);
  return text;
}

// A run without a memory plan.
std::string examined_run(const AdviseResult& result, const TextStyle& style) {
  std::string text = diagnoses_text(result.diagnoses, style);
  if (!result.recommendations.empty()) text += table(result, style);
  std::vector<std::string> missing;
  for (const Text& what : result.missing) missing.push_back(what.in(style.lang));
  return text + bullet_list(style, "Missing for a memory plan", "显存规划还缺少", missing) +
         bullet_list(style, "Warnings", "注意", result.warnings);
}

}  // namespace

std::string advice_text(const AdviseResult& result, const TextStyle& style, bool explain) {
  explain = explain || style.verbose;
  if (!result.plan) {
    if (result.examined) return examined_run(result, style);
    std::string text(style.pick("Nothing can be advised yet. Missing:\n", "暂时无法给出建议，缺少：\n"));
    for (const Text& what : result.missing) text += wrap(style, 2, "- ", what.in(style.lang));
    return text + bullet_list(style, "Warnings", "注意", result.warnings);
  }
  std::string text = subject(result, style);
  text += bullet_list(style, "Mind", "注意", result.warnings);
  if (result.examined) text += "\n" + diagnoses_text(result.diagnoses, style);
  if (!result.recommendations.empty()) text += table(result, style) + reasons(result, style, explain);
  text += speed(result, style, explain);
  text += budget(result, style, explain);
  text += bullet_list(style, "Assumed", "假定", other_assumptions(*result.plan));
  if (style.verbose) {
    std::vector<std::string> inputs;
    for (const ResolvedInput& input : result.inputs) {
      inputs.push_back(fmt::format("{} = {}  [{}]", input.name, shown(input.value), input.source));
    }
    text += bullet_list(style, "Inputs", "输入", inputs);
  }
  if (result.recommendations.empty()) return text;
  text += heading(style, "Apply", "应用");
  if (!result.patch.empty()) {
    text += wrap(
        style, 2, "",
        style.pick(
            "-s config.json --write-config new.json writes a patched copy; --format json has the JSON Patch.",
            "-s config.json --write-config new.json 写出修改后的副本；--format json 输出 JSON Patch。"));
  }
  for (const std::string_view line : split_lines(result.launch)) text += fmt::format("  {}\n", line);
  return text;
}

}  // namespace ms
