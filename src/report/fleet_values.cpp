#include "report/fleet_values.hpp"

#include <fmt/format.h>

namespace ms {
namespace {

constexpr std::size_t kMaxReason = 120;  // bytes

}  // namespace

std::string value_text(const Difference& difference, const SharedValue& shared, const TextStyle& style) {
  if (shared.value != nullptr) return value_text(difference.pattern, *shared.value);
  if (shared.reason) {
    return fmt::format(fmt::runtime(style.pick("unknown: {}", "未知：{}")),
                       shortened(*shared.reason, kMaxReason));
  }
  const bool is_variable = difference.pattern.starts_with("env.");
  return std::string(is_variable ? style.pick("not set", "未设置") : style.pick("not there", "不存在"));
}

std::string markdown_cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') {
      escaped += "\\|";
    } else if (c == '\n') {
      escaped += "<br>";
    } else if (c == '<') {
      escaped += "&lt;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace ms
