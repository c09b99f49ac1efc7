#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "serving/mindie_config.hpp"

namespace ms {

/// A setting by its name in config.json, and its new value.
using SettingChange = std::pair<std::string, OrderedJson>;

/// The changes as operations of a JSON Patch (RFC 6902), in their order: "replace" where the document has the
/// setting, "add" where not, nothing where it has that value already. Throws InputError as mindie_pointer
/// does.
OrderedJson make_patch(const MindieConfig& config, const std::vector<SettingChange>& changes);

/// The config after a patch that make_patch made. Where all operations replace numbers and the like, the text
/// is kept as it was written but for those values, comments included; otherwise the document is written anew,
/// indented by four, members in their order. Throws InputError when an operation does not fit the document.
std::string apply_patch(const MindieConfig& config, const OrderedJson& patch);

}  // namespace ms
