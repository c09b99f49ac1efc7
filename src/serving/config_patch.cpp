#include "serving/config_patch.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/error.hpp"
#include "document/json_position.hpp"

namespace ms {
namespace {

// The text with the value at `pointer` replaced; nullopt where that is not a plain number or word.
std::optional<std::string> replace_value(const std::string& text, const std::string& pointer,
                                         const OrderedJson& value) {
  const auto position = json_position(text, pointer);
  if (!position || !value.is_primitive()) return std::nullopt;
  std::size_t begin = 0;
  for (int line = 1; line < position->line; ++line) begin = text.find('\n', begin) + 1;
  begin += static_cast<std::size_t>(position->column - 1);
  const std::size_t end = text.find_first_of(" \t\r\n,]}/", begin);
  if (end == text.npos || text.find_first_of("\"[{", begin) < end) return std::nullopt;
  return text.substr(0, begin) + value.dump() + text.substr(end);
}

std::optional<std::string> patch_text(const std::string& text, const OrderedJson& patch) {
  std::optional<std::string> patched = text;
  for (const OrderedJson& operation : patch) {
    if (operation.at("op") != "replace") return std::nullopt;
    patched = replace_value(*patched, operation.at("path"), operation.at("value"));
    if (!patched) return std::nullopt;
  }
  return patched;
}

}  // namespace

OrderedJson make_patch(const MindieConfig& config, const std::vector<SettingChange>& changes) {
  OrderedJson patch = OrderedJson::array();
  for (const auto& [field, value] : changes) {
    const std::string pointer = mindie_pointer(config, field);
    const OrderedJson::json_pointer path{pointer};
    const bool exists = config.document.contains(path);
    if (exists && config.document.at(path) == value) continue;
    patch.push_back({{"op", exists ? "replace" : "add"}, {"path", pointer}, {"value", value}});
  }
  return patch;
}

std::string apply_patch(const MindieConfig& config, const OrderedJson& patch) {
  try {
    const OrderedJson patched = config.document.patch(patch);
    const auto text = patch_text(config.text, patch);
    if (text && parse_ordered_json(*text, config.source) == patched) return *text;
    // Strings that are not valid UTF-8 must not stop a person from getting the rest of the file.
    return patched.dump(4, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
  } catch (const OrderedJson::exception& e) {
    throw InputError(config.source, fmt::format("the patch does not fit: {}", e.what()));
  }
}

}  // namespace ms
