#include <fmt/format.h>

#include <algorithm>

#include "cel/cpu_list.hpp"
#include "report/binding.hpp"

namespace ms {
namespace {

// What goes into a path of the script comes from outside.
bool is_bus_id(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
  });
}

constexpr const char* kHead = R"(set -eu

bind_process() {  # PID CPUS
  taskset -acp "$2" "$1"
}

bind_interrupts() {  # PCI-BUS-ID CPUS
  for irq in /sys/bus/pci/devices/"$1"/msi_irqs/*; do
    [ -e "$irq" ] || continue
    number=${irq##*/}
    echo "$2" > /proc/irq/"$number"/smp_affinity_list || echo "interrupt $number of $1 cannot be bound" >&2
  done
}

)";

constexpr const char* kUsageEn =
    "usage: sh bind.sh service INSTANCE PID | worker NPU PID | irq   (PID of a worker: npu-smi info shows it "
    "on its NPU)";
constexpr const char* kUsageZh =
    "用法: sh bind.sh service 实例号 PID | worker NPU号 PID | irq   (worker 的 PID 见 npu-smi info 中该 NPU "
    "的进程)";

}  // namespace

std::string binding_script(const BindReport& report, Lang lang) {
  const bool zh = lang == Lang::zh;
  const char* usage = zh ? kUsageZh : kUsageEn;
  std::string text = "#!/bin/sh\n";
  text += zh ? "# msadvisor bind 生成：按规划绑定进程与中断。请先阅读；需要 root。\n"
             : "# Written by msadvisor bind: binds processes and interrupts as planned. Read it first; it "
               "needs root.\n";
  text += zh ? "# 其他绑核者须关闭：BIND_CPU=0，不设置 CPU_AFFINITY_CONF，vLLM-Ascend 的 enable_cpu_binding "
               "为 false。\n"
             : "# Turn the other binders off: BIND_CPU=0, no CPU_AFFINITY_CONF, enable_cpu_binding false for "
               "vLLM-Ascend.\n";
  text += fmt::format("# {}\n{}case \"${{1:-}} ${{2:-}}\" in\n", usage, kHead);
  for (const BindService& service : report.plan.services) {
    text += fmt::format("  \"service {}\") bind_process \"$3\" {} ;;\n", service.instance,
                        cel::format_cpu_list(service.cpus));
  }
  for (const BindWorker& worker : report.plan.workers) {
    text += fmt::format("  \"worker {}\") bind_process \"$3\" {} ;;\n", worker.npu.id,
                        cel::format_cpu_list(worker.cpus));
  }
  text += "  \"irq \")\n    if pidof irqbalance > /dev/null 2>&1; then\n";
  text += fmt::format("      echo \"{}\" >&2\n    fi\n",
                      zh ? "irqbalance 正在运行，会改动这里的设置：请先 systemctl stop irqbalance"
                         : "irqbalance runs and will undo this: systemctl stop irqbalance first");
  for (const BindWorker& worker : report.plan.workers) {
    if (worker.irq_cpus.empty() || !is_bus_id(worker.npu.bus_id)) {
      text +=
          fmt::format("    # NPU {}: {}\n", worker.npu.id,
                      worker.irq_cpus.empty() ? (zh ? "没有为中断预留核" : "no cores are kept for interrupts")
                                              : (zh ? "PCI 总线号未知" : "its PCI bus id is not known"));
    } else {
      text += fmt::format("    bind_interrupts {} {}  # NPU {}\n", worker.npu.bus_id,
                          cel::format_cpu_list(worker.irq_cpus), worker.npu.id);
    }
  }
  text += fmt::format("    ;;\n  *) echo \"{}\" >&2; exit 2 ;;\nesac\n", usage);
  return text;
}

}  // namespace ms
