#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/reading.hpp"
#include "probe/host.hpp"

namespace ms {

/// `pattern` with `${NAME}` and `${NAME:-default}` replaced from `variables`. Where a variable
/// without a default is not set or is empty, absent with its name as the reason.
Reading<std::string> replace_variables(std::string_view pattern,
                                       const std::map<std::string, std::string>& variables);

/// Whether `name` is what `pattern` says, in which '*' stands for any characters.
bool matches_wildcard(std::string_view pattern, std::string_view name);

/// The paths that are there for a path with '*' in its components, the last in natural order first, so that
/// "cann-10.0" comes before "cann-9.1"; the path itself where it has none.
std::vector<std::string> expand_wildcards(const std::string& path, const Host& host);

}  // namespace ms
