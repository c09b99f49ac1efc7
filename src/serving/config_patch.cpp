#include "serving/config_patch.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace ms {

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
    // Strings that are not valid UTF-8 must not stop a person from getting the rest of the file.
    return config.document.patch(patch).dump(4, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
  } catch (const OrderedJson::exception& e) {
    throw InputError(config.source, fmt::format("the patch does not fit: {}", e.what()));
  }
}

}  // namespace ms
