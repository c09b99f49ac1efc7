#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.hpp"
#include "base/units.hpp"
#include "model/parameters.hpp"
#include "report/advice.hpp"
#include "report/advice_estimate.hpp"
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

// A part of the report whose first line stands beside its name.
std::string section(const TextStyle& style, std::string_view en, std::string_view zh,
                    const std::vector<std::string>& lines) {
  constexpr std::size_t kIndent = 11;
  if (lines.empty()) return {};
  std::string text = "\n";
  const std::string name = pad(style.pick(en, zh), kIndent);
  for (const std::string& line : lines) {
    const bool first = &line == &lines.front();
    const std::string wrapped = wrap(style, 0, first ? name : std::string(kIndent, ' '), line);
    text += first ? paint(style, Color::bold, name) + wrapped.substr(name.size()) : wrapped;
  }
  return text;
}

// A line of the table of settings; what is not there is empty.
struct Row {
  std::string name;
  std::string now;
  std::string advised;
  std::string range;
  std::string why;
  bool changes = true;
};

// Why to set it: in words, or the number of the symptom that asks for it.
std::string why_of(const Recommendation& recommendation, const std::vector<Diagnosis>& diagnoses,
                   const TextStyle& style) {
  if (recommendation.changes_nothing()) return std::string(style.pick("as it is", "已符合"));
  const auto asks = std::find_if(diagnoses.begin(), diagnoses.end(), [&](const Diagnosis& diagnosis) {
    return diagnosis.id == recommendation.id;
  });
  if (asks == diagnoses.end()) return recommendation.why.in(style.lang);
  return fmt::format(fmt::runtime(style.pick("see {} above", "见上文第 {} 条")),
                     asks - diagnoses.begin() + 1);
}

std::vector<Row> rows_of(const AdviseResult& result, const TextStyle& style) {
  std::vector<Row> rows;
  for (const Recommendation& r : result.recommendations) {
    const bool has_range = !r.low.is_null() && !r.high.is_null();
    rows.push_back(
        {.name = r.target + std::string(r.apply == "client" ? style.pick(" (client)", "（客户端）") : ""),
         .now = shown(r.current),
         .advised = shown(r.value),
         .range = has_range ? fmt::format("{} – {}", shown(r.low), shown(r.high)) : "",
         .why = why_of(r, result.diagnoses, style),
         .changes = !r.changes_nothing()});
  }
  return rows;
}

std::string table(const AdviseResult& result, const TextStyle& style) {
  constexpr std::string_view kGap = "   ";
  const Row head{.name = std::string(style.pick("Set", "建议设置")),
                 .now = std::string(style.pick("now", "当前")),
                 .advised = std::string(style.pick("advised", "建议")),
                 .range = std::string(style.pick("worth trying", "可探索范围")),
                 .why = std::string(style.pick("why", "依据"))};
  const std::vector<Row> rows = rows_of(result, style);
  std::size_t name = display_width(head.name);
  std::size_t now = display_width(head.now);
  std::size_t advised = display_width(head.advised);
  std::size_t range = display_width(head.range);
  for (const Row& row : rows) {
    name = std::max(name, display_width(row.name) + 2);
    now = std::max(now, display_width(row.now));
    range = std::max(range, display_width(row.range));
    if (!row.range.empty()) advised = std::max(advised, display_width(row.advised));
  }
  // What is longer than the numbers above it, such as a list of sizes, goes on into the column of ranges.
  for (const Row& row : rows) {
    const std::size_t width = display_width(row.advised);
    if (width > advised + kGap.size()) range = std::max(range, width - advised - kGap.size());
  }
  const bool has_now = std::any_of(result.recommendations.begin(), result.recommendations.end(),
                                   [](const Recommendation& r) { return !r.current.is_null(); });
  const auto before_why = [&](const Row& row) {
    std::string text;
    if (has_now) text += std::string(kGap) + right(row.now, now);
    std::string values = right(row.advised, advised);
    if (!row.range.empty()) values += std::string(kGap) + row.range;
    return text + std::string(kGap) + pad(values, advised + kGap.size() + range) + std::string(kGap);
  };
  std::string text = "\n" + paint(style, Color::bold, pad(head.name, name)) +
                     paint(style, Color::dim, before_why(head) + head.why) + "\n";
  for (const Row& row : rows) {
    const std::string label = pad("  " + row.name, name) + before_why(row);
    const std::string line = wrap(style, 0, label, row.why);
    const Color color = row.changes ? Color::green : Color::dim;
    text += style.color ? pad("  " + row.name, name) + paint(style, color, before_why(row)) +
                              line.substr(label.size())
                        : line;
  }
  return text;
}

// What is behind the table: what each setting does, and all arithmetic.
std::string reasons(const AdviseResult& result, const TextStyle& style) {
  std::string text = heading(style, "Why", "依据");
  for (const Recommendation& r : result.recommendations) {
    text += wrap(style, 2, r.target + "  ", r.why.in(style.lang));
    for (const Text& line : r.evidence) text += wrap(style, 4, "= ", line.in(style.lang));
    text += wrap(style, 4, style.pick("effect  ", "效果  "), r.effect.in(style.lang));
    if (!r.risk.en.empty()) text += wrap(style, 4, style.pick("risk    ", "风险  "), r.risk.in(style.lang));
    if (!style.verbose) continue;
    text += wrap(style, 4, style.pick("sure    ", "置信  "), r.confidence);
    text += wrap(style, 4, style.pick("source  ", "来源  "), fmt::format("{}", fmt::join(r.source, "; ")));
  }
  return text;
}

// A line of the budget: its arithmetic on one line, or all of it.
std::string budget_line(const TextStyle& style, std::int64_t bytes, std::string_view name,
                        const std::string& how, bool explain) {
  const std::string label = fmt::format("{}  {}  ", right(format_bytes(bytes), 11), pad(name, 22));
  std::string text = wrap(style, 2, label, how);
  const auto end = text.find('\n');
  if (explain || end == text.npos || end + 1 == text.size()) return text;
  return text.substr(0, end) + " …\n";
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
      explain);
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
  if (!result.recommendations.empty()) text += table(result, style);
  if (explain && !result.recommendations.empty()) text += reasons(result, style);
  text += section(style, "Estimated", "估算", estimate_lines(result.point, style, explain));
  text += budget(result, style, explain);
  text += section(style, "Assumed", "假定", other_assumptions(*result.plan));
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
  if (!explain) {
    text += paint(style, Color::dim,
                  style.pick("--explain shows the arithmetic, -v sources and every input as well",
                             "--explain 显示全部算式，-v 另附来源与所有输入")) +
            "\n";
  }
  return text;
}

}  // namespace ms
