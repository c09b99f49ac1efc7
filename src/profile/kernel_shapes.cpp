#include "profile/kernel_shapes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace ms::profile {
namespace {

// The cell may have quotes of its own within those of the table.
std::vector<std::string_view> parts(std::string_view cell) {
  cell = trim(cell);
  if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"') cell = cell.substr(1, cell.size() - 2);
  return split(cell, ';');
}

bool is_plain(std::string_view format) {
  return format.empty() || format == "ND" || format == "FORMAT_ND";
}

}  // namespace

std::optional<std::int64_t> element_bytes(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 12> kTypes = {{{"FLOAT", 4},
                                                                                 {"FLOAT16", 2},
                                                                                 {"BF16", 2},
                                                                                 {"BFLOAT16", 2},
                                                                                 {"INT8", 1},
                                                                                 {"UINT8", 1},
                                                                                 {"BOOL", 1},
                                                                                 {"INT16", 2},
                                                                                 {"INT32", 4},
                                                                                 {"UINT32", 4},
                                                                                 {"INT64", 8},
                                                                                 {"DOUBLE", 8}}};
  if (type.starts_with("DT_")) type.remove_prefix(3);
  const auto found =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& known) { return known.first == type; });
  return found == kTypes.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string> unaligned_input(std::string_view shapes, std::string_view types,
                                           std::string_view formats) {
  const std::vector<std::string_view> shape = parts(shapes);
  const std::vector<std::string_view> type = parts(types);
  const std::vector<std::string_view> format = parts(formats);
  bool told = false;
  for (std::size_t i = 0; i < shape.size() && i < type.size(); ++i) {
    const std::vector<std::string_view> axes = split(shape[i], ',');
    const auto bytes = element_bytes(trim(type[i]));
    const auto row = axes.size() < 2 ? std::nullopt : parse_int(trim(axes.back()));
    if (!bytes || !row || *row <= 0 || *row > (std::int64_t{1} << 40)) continue;
    if (i < format.size() && !is_plain(trim(format[i]))) continue;
    told = true;
    if (*row * *bytes % kAlignedBytes != 0) return fmt::format("{} {}", fmt::join(axes, "x"), trim(type[i]));
  }
  return told ? std::optional<std::string>("") : std::nullopt;
}

}  // namespace ms::profile
