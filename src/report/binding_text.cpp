#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "cel/cpu_list.hpp"
#include "report/binding.hpp"

namespace ms {
namespace {

const std::string& pick(const Text& text, Lang lang) {
  return text.in(lang);
}

std::string cpu_text(const CpuList& cpus) {
  return cel::format_cpu_list(cpus);
}

char mark_of(const BindCore& core) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  switch (core.role) {
    case BindRole::unusable:
      return 'x';
    case BindRole::unassigned:
      return '.';
    case BindRole::os:
      return 'o';
    case BindRole::irq:
      return '!';
    case BindRole::service:
      return 'S';
    case BindRole::worker:
      break;
  }
  const auto owner = static_cast<std::size_t>(core.owner);
  return owner < kDigits.size() ? kDigits[owner] : '#';
}

CpuList cpus_of(const BindNodePlan& node) {
  CpuList cpus;
  for (const BindCore& core : node.cores) cpus.insert(cpus.end(), core.cpus.begin(), core.cpus.end());
  return cpus;
}

// Whether to bind at all.
std::vector<Text> verdict_lines(const BindReport& report) {
  const Text published = {
      "Published: +18 % tokens/s for 8 NPUs at concurrency 1 (vLLM-Ascend #6966), -1 % for one NPU with its "
      "service "
      "moved to a node of its own.",
      "公开数据：8 卡、并发 1 时吞吐 +18 %（vLLM-Ascend #6966）；单卡、服务绑到独立节点时 -1 %。"};
  const Text how = {
      "To measure: run the same benchmark three times as it is and three times bound. Keep the binding if "
      "the "
      "slowest bound run beats the fastest unbound one.",
      "测量方法：同一压测不绑核跑三次、绑核跑三次；若绑核后最慢的一次仍优于不绑核最快的一次，再保留。"};
  switch (report.verdict) {
    case BindVerdict::worthwhile:
      return {
          {fmt::format("Worth doing: the NPU waits for the host {:g} % of the time, and binding is for that.",
                       report.free_percent.value_or(0)),
           fmt::format("值得尝试：NPU 有 {:g} % 的时间在等待主机，绑核正是为此。",
                       report.free_percent.value_or(0))},
          how};
    case BindVerdict::not_advised:
      return {
          {fmt::format(
               "Not advised: the NPU waits for the host only {:g} % of the time. Where the host is not the "
               "bottleneck binding gains nothing and may cost a little.",
               report.free_percent.value_or(0)),
           fmt::format(
               "不建议：NPU 仅有 {:g} % 的时间在等待主机。主机不是瓶颈时绑核没有收益，还可能略有损失。",
               report.free_percent.value_or(0))},
          published};
    case BindVerdict::experiment:
      break;
  }
  return {{"An experiment: binding helps only where the NPUs wait for the host, and nothing here says "
           "whether they "
           "do (--free-time PERCENT, from a profile, says it).",
           "仅作为实验：只有 NPU 等待主机时绑核才有效，而此处没有相应证据（可用 --free-time 给出 profiling "
           "中的空闲占比）。"},
          published,
          how};
}

std::size_t active_binders(const BindReport& report) {
  return static_cast<std::size_t>(std::count_if(report.binders.begin(), report.binders.end(),
                                                [](const Binder& binder) { return binder.active; }));
}

std::vector<Text> binder_lines(const BindReport& report) {
  std::vector<Text> lines;
  for (const Binder& binder : report.binders) {
    lines.push_back({binder.name + ": " + binder.state.en, binder.name + "：" + binder.state.zh});
  }
  if (active_binders(report) > 1) {
    lines.push_back({"CONFLICT: more than one of them binds, and the last one to act wins. Leave one on.",
                     "冲突：有多个绑核者同时生效，最后执行者覆盖其他。请只保留一个。"});
  } else if (active_binders(report) == 1) {
    lines.push_back({"One binds already: turn it off before you bind in another way.",
                     "已有一个绑核者：改用其他方式前请先关闭它。"});
  }
  return lines;
}

std::string owner_text(const BindWorker& worker, Lang lang) {
  std::string text = fmt::format("CPU {}", cpu_text(worker.cpus));
  if (!worker.irq_cpus.empty()) {
    text += fmt::format("{}{}", lang == Lang::zh ? "，中断 " : ", interrupts ", cpu_text(worker.irq_cpus));
  }
  const std::string source = worker.npu.near_source;
  if (!source.empty()) text += fmt::format("  [{}]", source);
  return text;
}

struct Row {
  std::string who;
  std::string where;
  std::string what;
};

std::vector<Row> rows_of(const BindPlan& plan, Lang lang) {
  const bool zh = lang == Lang::zh;
  std::vector<Row> rows;
  const auto node = [&](std::int64_t id) { return fmt::format("{} {}", zh ? "节点" : "node", id); };
  rows.push_back({zh ? "系统" : "system", "", fmt::format("CPU {}", cpu_text(plan.os_cpus))});
  for (const BindService& service : plan.services) {
    rows.push_back({fmt::format("{} {}", zh ? "服务" : "service", service.instance), node(service.node),
                    fmt::format("CPU {}", cpu_text(service.cpus))});
  }
  for (const BindWorker& worker : plan.workers) {
    const std::string instance =
        plan.services.size() > 1 ? fmt::format("{} {}", zh ? "，实例" : ", instance", worker.instance) : "";
    rows.push_back(
        {fmt::format("NPU {}{}", worker.npu.id, instance), node(worker.node), owner_text(worker, lang)});
  }
  return rows;
}

std::vector<Text> warning_lines(const BindReport& report) {
  std::vector<Text> lines = report.plan.warnings;
  if (report.irqbalance_running.value_or(false)) {
    lines.push_back(
        {"irqbalance runs: it moves interrupts that were bound by hand; stop it first, or leave them to it",
         "irqbalance 正在运行：会改动手工绑定的中断；请先停止它，或不绑定中断"});
  }
  return lines;
}

std::string title(Lang lang) {
  return lang == Lang::zh ? "绑核规划" : "Core binding";
}

std::string section(const TextStyle& style, std::string_view en, std::string_view zh) {
  return "\n" + paint(style, Color::bold, style.pick(en, zh)) + "\n";
}

std::string bullets(const TextStyle& style, const std::vector<Text>& lines) {
  std::string text;
  for (const Text& line : lines) text += wrap(style, 2, "- ", pick(line, style.lang));
  return text;
}

}  // namespace

std::string binding_picture(const BindPlan& plan, Lang lang, std::size_t width) {
  std::vector<std::string> labels;
  std::size_t label_width = 0;
  for (const BindNodePlan& node : plan.nodes) {
    labels.push_back(
        fmt::format("{} {}  {}", lang == Lang::zh ? "节点" : "node", node.id, cpu_text(cpus_of(node))));
    label_width = std::max(label_width, display_width(labels.back()));
  }
  label_width = std::min(label_width, width / 3);
  // Groups of eight with a space between: nine columns each.
  const std::size_t per_line = std::max<std::size_t>(8, (width - label_width - 2 - 1) / 9 * 8);
  std::string text;
  for (std::size_t n = 0; n < plan.nodes.size(); ++n) {
    const auto& cores = plan.nodes[n].cores;
    std::string label = labels[n];
    if (display_width(label) > label_width) {  // a list of many ranges has a line of its own
      text += label.substr(0, width) + "\n";
      label.clear();
    }
    if (cores.empty()) text += pad(label, label_width) + "  -\n";
    for (std::size_t start = 0; start < cores.size(); start += per_line) {
      text += pad(start == 0 ? label : "", label_width) + "  ";
      for (std::size_t i = start; i < std::min(start + per_line, cores.size()); ++i) {
        if (i > start && (i - start) % 8 == 0) text += ' ';
        text += mark_of(cores[i]);
      }
      text += '\n';
    }
  }
  return text +
         (lang == Lang::zh
              ? "每个字符为一个物理核：o 系统  ! 中断  0-f 该 NPU 的 worker  S 服务  . 空闲  x 不可用\n"
              : "a mark is a core: o system  ! interrupts  0-f worker of that NPU  S service  . free  x "
                "unusable\n");
}

std::string binding_text(const BindReport& report, const TextStyle& style) {
  const Lang lang = style.lang;
  std::string text =
      paint(style, Color::bold, title(lang)) + (report.host.empty() ? "" : "  " + report.host) + "\n";
  if (!report.plan.problem.en.empty()) {
    text += wrap(style, 2, "", pick(report.plan.problem, lang));
    text += section(style, "Set already", "当前设置") + bullets(style, binder_lines(report));
    if (!report.plan.warnings.empty())
      text += section(style, "Mind", "注意") + bullets(style, report.plan.warnings);
    return text;
  }
  for (const Text& line : verdict_lines(report)) text += wrap(style, 2, "", pick(line, lang));
  text += "\n" + binding_picture(report.plan, lang, std::min<std::size_t>(style.width, 100)) + "\n";
  const auto rows = rows_of(report.plan, lang);
  std::size_t who = 0;
  std::size_t where = 0;
  for (const Row& row : rows) {
    who = std::max(who, display_width(row.who));
    where = std::max(where, display_width(row.where));
  }
  for (const Row& row : rows)
    text += fmt::format("  {}  {}  {}\n", pad(row.who, who), pad(row.where, where), row.what);
  text += section(style, "Set already", "当前设置") + bullets(style, binder_lines(report));
  text += section(style, "Ways to do it: use one", "实施方式：任选其一");
  for (const BindAlternative& way : report.alternatives) {
    const std::string note = pick(way.note, lang);
    const std::string_view state = way.available ? "" : style.pick("not here: ", "不适用：");
    text += wrap(style, 2, way.name + "  ", fmt::format("{}{}", state, note));
    for (const std::string& line : way.lines) text += "    " + line + "\n";
  }
  if (const auto lines = warning_lines(report); !lines.empty())
    text += section(style, "Mind", "注意") + bullets(style, lines);
  if (!report.plan.assumptions.empty())
    text += section(style, "Assumed", "假定") + bullets(style, report.plan.assumptions);
  return text;
}

std::string binding_markdown(const BindReport& report, Lang lang) {
  const bool zh = lang == Lang::zh;
  std::string text = fmt::format("# {}{}\n\n", title(lang), report.host.empty() ? "" : ": " + report.host);
  const auto list = [&](std::string_view heading, const std::vector<Text>& lines) {
    if (lines.empty()) return;
    text += fmt::format("\n## {}\n\n", heading);
    for (const Text& line : lines) text += fmt::format("* {}\n", pick(line, lang));
  };
  if (!report.plan.problem.en.empty()) {
    text += pick(report.plan.problem, lang) + "\n";
  } else {
    for (const Text& line : verdict_lines(report)) text += pick(line, lang) + "\n";
    text += fmt::format("\n```text\n{}```\n\n| {} | {} | {} |\n|---|---|---|\n",
                        binding_picture(report.plan, lang, 100), zh ? "对象" : "what", zh ? "位置" : "where",
                        "CPU");
    for (const Row& row : rows_of(report.plan, lang))
      text += fmt::format("| {} | {} | {} |\n", row.who, row.where, row.what);
  }
  list(zh ? "当前设置" : "Set already", binder_lines(report));
  if (!report.alternatives.empty())
    text += fmt::format("\n## {}\n", zh ? "实施方式：任选其一" : "Ways to do it: use one");
  for (const BindAlternative& way : report.alternatives) {
    text += fmt::format("\n**{}**: {}{}\n", way.name,
                        way.available ? ""
                        : zh          ? "不适用："
                                      : "not here: ",
                        pick(way.note, lang));
    if (way.lines.empty()) continue;
    text += "\n```sh\n";
    for (const std::string& line : way.lines) text += line + "\n";
    text += "```\n";
  }
  list(zh ? "注意" : "Mind", warning_lines(report));
  list(zh ? "假定" : "Assumed", report.plan.assumptions);
  return text;
}

}  // namespace ms
