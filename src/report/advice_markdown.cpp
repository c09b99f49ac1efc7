#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/units.hpp"
#include "report/advice.hpp"
#include "report/advice_estimate.hpp"
#include "report/diagnosis.hpp"

namespace ms {
namespace {

// Text in a cell of a table: no bar ends it, no line does.
std::string cell(std::string text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n') text[at] = ' ';
    if (text[at] == '|') text.insert(at++, 1, '\\');
  }
  return text;
}

std::string shown(const Json& value) {
  if (value.is_null()) return "–";
  if (value.is_number_float()) return fmt::format("{:g}", value.get<double>());
  return cell(value.is_string() ? value.get<std::string>() : value.dump());
}

std::string bullets(const TextStyle& style, std::string_view en, std::string_view zh,
                    const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  std::string text = fmt::format("\n## {}\n\n", style.pick(en, zh));
  for (const std::string& line : lines) text += fmt::format("- {}\n", line);
  return text;
}

std::string settings(const AdviseResult& result, const TextStyle& style) {
  std::string text =
      fmt::format("\n| {} | {} | {} | {} | {} |\n|---|---:|---:|---|---|\n", style.pick("setting", "设置"),
                  style.pick("now", "当前"), style.pick("advised", "建议"),
                  style.pick("worth trying", "可探索范围"), style.pick("why", "依据"));
  for (const Recommendation& r : result.recommendations) {
    const std::string range =
        r.low.is_null() || r.high.is_null() ? "" : fmt::format("{} – {}", shown(r.low), shown(r.high));
    std::string why = r.why.in(style.lang);
    for (const Text& line : r.evidence) why += " = " + line.in(style.lang);
    text += fmt::format("| `{}` | {} | **{}** | {} | {} |\n", r.target, shown(r.current), shown(r.value),
                        range, cell(why));
  }
  return text;
}

std::string budget(const AdviseResult& result, const TextStyle& style) {
  const MemoryPlan& plan = *result.plan;
  std::string text = fmt::format("\n## {}\n\n| | | |\n|---:|---|---|\n",
                                 style.pick("Memory of one rank", "单个 rank 的显存"));
  for (const BudgetLine& line : plan.lines) {
    text += fmt::format("| {} | {} | {}{} |\n", format_bytes(line.bytes), line.name, cell(line.how),
                        line.assumed ? style.pick(" (assumed)", "（假定）") : "");
  }
  text += fmt::format("| **{}** | {} | {} x {} tokens; {} |\n", format_bytes(plan.kv_budget_bytes),
                      style.pick("KV cache", "KV 缓存"), plan.blocks, plan.block_size_tokens,
                      cell(plan.kv_formula));
  return text;
}

}  // namespace

std::string advice_markdown(const AdviseResult& result, const TextStyle& style) {
  std::string text = fmt::format("# {}\n", style.pick("How to serve", "服务配置建议"));
  if (!result.plan) {
    std::vector<std::string> missing;
    for (const Text& what : result.missing) missing.push_back(what.in(style.lang));
    if (result.examined) {
      text += diagnoses_markdown(result.diagnoses, style);
      if (!result.recommendations.empty()) text += settings(result, style);
    }
    return text +
           bullets(style, result.examined ? "Missing for a memory plan" : "Missing",
                   result.examined ? "显存规划还缺少" : "缺少", missing) +
           bullets(style, "Mind", "注意", result.warnings);
  }
  const PlanInputs& inputs = *result.plan_inputs;
  text += fmt::format("\n{}, {} x {}{}, {}\n",
                      inputs.spec.name.empty() ? inputs.spec.model_type : inputs.spec.name,
                      inputs.parallelism.world_size(), result.chip ? result.chip->id + " " : "",
                      format_bytes(inputs.memory.total.value), result.engine);
  text += bullets(style, "Mind", "注意", result.warnings);
  if (result.examined) text += diagnoses_markdown(result.diagnoses, style);
  if (!result.recommendations.empty()) text += settings(result, style);
  text += bullets(style, "Estimated", "估算", estimate_lines(result.point, style, true));
  text += budget(result, style);
  text += bullets(style, "Assumed", "假定", result.plan->assumptions);
  if (!result.recommendations.empty())
    text += fmt::format("\n## {}\n\n```sh\n{}```\n", style.pick("Launch", "启动"), result.launch);
  return text;
}

}  // namespace ms
