#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace ms {

/// Names that differ in a number, folded as clusters write them: node001 to node009 and node012 are
/// "node[001-009,012]". Leading zeros are kept; where names have several numbers, the one that folds most.
std::vector<std::string> fold_names(const std::vector<std::string>& names);

/// The folded names on one line of at most about `max_bytes`: what does not fit is counted ("..., +12").
std::string joined_names(const std::vector<std::string>& names, std::size_t max_bytes = 160);

}  // namespace ms
