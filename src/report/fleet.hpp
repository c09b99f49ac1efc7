#pragma once

#include <string>

#include "base/json.hpp"
#include "fleet/fleet.hpp"
#include "report/text_style.hpp"

namespace ms {

/// What a person wants first: how many hosts pass, the outliers with what sets them apart, what could not be
/// read; then the matrix of rules by groups of hosts, and the facts that differ. `style.verbose` shows all of
/// what is otherwise cut.
std::string fleet_text(const Fleet& fleet, const TextStyle& style);

/// The same as tables.
std::string fleet_markdown(const Fleet& fleet, const TextStyle& style);

/// docs/schema/fleet.schema.json: nothing is cut.
OrderedJson fleet_json(const Fleet& fleet, Lang lang);

/// The names of some hosts of the fleet.
std::vector<std::string> names_of(const Fleet& fleet, const std::vector<std::uint32_t>& hosts);

}  // namespace ms
