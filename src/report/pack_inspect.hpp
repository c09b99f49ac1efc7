#pragma once

#include <string>

#include "base/json.hpp"
#include "report/text_style.hpp"
#include "rule/library.hpp"

namespace ms {

/// What one pack needs and holds, for a person.
std::string pack_text(const RuleLibrary& library, const TextStyle& style);

/// docs/schema/inspect.schema.json.
OrderedJson pack_json(const RuleLibrary& library);

}  // namespace ms
