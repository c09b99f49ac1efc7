#include "fleet/value_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.hpp"

namespace ms {
namespace {

constexpr std::size_t kMaxShown = 120;  // bytes

bool is_plain(std::string_view text) {
  return !text.empty() && text.front() != ' ' && text.back() != ' ' &&
         std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

}  // namespace

std::string shortened(std::string text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

std::string value_text(std::string_view path, const Json& value) {
  if (value.is_string() && is_plain(value.get_ref<const std::string&>())) {
    return shortened(value.get<std::string>(), kMaxShown);
  }
  if (value.is_number_integer() && path.ends_with("_bytes") && value.get<std::int64_t>() >= 1024) {
    return fmt::format("{} ({})", value.get<std::int64_t>(), format_bytes(value.get<std::int64_t>()));
  }
  return shortened(value.dump(-1, ' ', false, Json::error_handler_t::replace), kMaxShown);
}

}  // namespace ms
