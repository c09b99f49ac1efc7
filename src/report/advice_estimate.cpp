#include "report/advice_estimate.hpp"

#include <fmt/format.h>

#include <cmath>

namespace ms {
namespace {

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

}  // namespace

std::vector<std::string> estimate_lines(const OperatingPoint& point, const TextStyle& style, bool explain) {
  if (!point.tpot_seconds || point.batch == 0) return {};
  std::vector<std::string> lines = {
      fmt::format("TPOT {}, TTFT {}, {}, {}", band(*point.tpot_seconds, 1e3, "ms"),
                  band(*point.ttft_seconds, 1e3, "ms"), band(*point.output_tokens_per_second, 1, "tokens/s"),
                  band(*point.requests_per_second, 1, style.lang == Lang::zh ? "请求/s" : "requests/s"))};
  if (const auto& smaller = point.smaller) {
    lines.push_back(fmt::format(
        fmt::runtime(style.pick("a batch of {} would bring {:.0f} % of it, at TPOT {} ms",
                                "批次取 {} 可达其 {:.0f} % 的吞吐，TPOT {} ms")),
        smaller->batch, smaller->share * 100, three_digits(smaller->tpot_seconds.expected * 1e3)));
  }
  if (explain) {
    lines.push_back(fmt::format(fmt::runtime(style.pick("= batch {}: decode step {}, prefill step {}; {}",
                                                        "= 批次 {}：decode 单步 {}，prefill 单步 {}；{}")),
                                point.batch, band(*point.decode_seconds, 1e3, "ms"),
                                band(*point.prefill_seconds, 1e3, "ms"), point.time_assumptions));
  }
  return lines;
}

}  // namespace ms
