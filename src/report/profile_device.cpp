#include <fmt/format.h>

#include <array>

#include "report/profile.hpp"
#include "report/profile_numbers.hpp"

namespace ms {
namespace {

constexpr std::array<NumberPhrase, 17> kPhrases = {{
    {"/ranks", "{} cards", "{} 张卡", 1},
    {"/compute_share", "computing {} % of the steps", "计算占 {} %", 100},
    {"/exposed_communication_share", "communication that nothing hides {} %", "未掩盖通信占 {} %", 100},
    {"/free_share", "free {} %", "空闲占 {} %", 100},
    {"/balance/compute_spread", "computing differs by {} % between ranks", "卡间计算差异 {} %", 100},
    {"/balance/communication_spread", "communication by {} %", "卡间通信差异 {} %", 100},
    {"/kernels/count", "{} kernels", "{} 个算子", 1},
    {"/kernels/mean_seconds", "{} us each on average", "平均 {} us", 1e6},
    {"/kernels/short_share", "{} % of them shorter than 5 us", "其中 {} % 短于 5 us", 100},
    {"/gaps/count", "{} gaps between them", "算子间空隙 {} 个", 1},
    {"/gaps/share", "{} % of the time", "占时间 {} %", 100},
    {"/host_to_device/count", "{} copies from the host", "主机到设备拷贝 {} 次", 1},
    {"/host_to_device/share", "{} % of the time", "占时间 {} %", 100},
    {"/aicpu/count", "{} kernels on the AI CPU", "AI CPU 算子 {} 个", 1},
    {"/dispatch/mean_host_seconds", "{} us of the host for an operator", "每个框架算子主机耗时 {} us", 1e6},
    {"/slow_link/spread", "links differ by {} % in bandwidth", "链路带宽差异 {} %", 100},
    {"/memory/peak_reserved_bytes", "at most {} GiB reserved", "内存预留峰值 {} GiB", 1.0 / (1 << 30)},
}};

constexpr std::size_t kTypesShown = 10;

}  // namespace

std::string device_text(const Json& device, const TextStyle& style) {
  if (device.empty()) return {};
  const std::string text = number_phrases(device, kPhrases, style);
  std::string out =
      "\n" + paint(style, Color::bold, style.pick("Cards", "设备")) + "\n" + wrap(style, 2, "", text);
  const Json::json_pointer types("/kernels/types");
  if (!device.contains(types) || !device.at(types).is_array()) return out;
  out += "\n" + paint(style, Color::bold, style.pick("Kernels", "算子")) + "\n";
  std::size_t shown = 0;
  for (const Json& type : device.at(types)) {
    if (shown++ == kTypesShown) break;
    out += fmt::format(
        fmt::runtime(style.pick("  {} {} {} times, {} us each, {} %\n", "  {} {} {} 次，每次 {} us，{} %\n")),
        pad(type["type"].get<std::string>(), 32), pad(type["core"].get<std::string>(), 16),
        type["count"].get<std::uint64_t>(), shown_number(type["mean_seconds"].get<double>() * 1e6),
        shown_number(type["share"].get<double>() * 100));
  }
  return out;
}

}  // namespace ms
