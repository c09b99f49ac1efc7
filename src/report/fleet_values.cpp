#include "report/fleet_values.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.hpp"

namespace ms {
namespace {

constexpr std::size_t kMaxShown = 120;  // bytes

std::string shortened(std::string text) {
  if (text.size() <= kMaxShown) return text;
  std::size_t end = kMaxShown;
  // Not inside a character.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

bool is_plain(std::string_view text) {
  return !text.empty() && text.front() != ' ' && text.back() != ' ' &&
         std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

}  // namespace

std::string value_text(std::string_view path, const Json& value) {
  if (value.is_string() && is_plain(value.get_ref<const std::string&>())) {
    return shortened(value.get<std::string>());
  }
  if (value.is_number_integer() && path.ends_with("_bytes") && value.get<std::int64_t>() >= 1024) {
    return fmt::format("{} ({})", value.get<std::int64_t>(), format_bytes(value.get<std::int64_t>()));
  }
  return shortened(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string value_text(const Difference& difference, const SharedValue& shared, const TextStyle& style) {
  if (shared.value != nullptr) return value_text(difference.pattern, *shared.value);
  if (shared.reason) {
    return fmt::format(fmt::runtime(style.pick("unknown: {}", "未知：{}")), shortened(*shared.reason));
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
