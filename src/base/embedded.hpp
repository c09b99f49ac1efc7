#pragma once

#include <span>
#include <string_view>

namespace ms {

/// A file that was compiled into the program. The views live as long as the program.
struct EmbeddedFile {
  std::string_view name;  ///< path below the folder that was embedded: "precheck/env.toml"
  std::string_view text;
  std::string_view packed;  ///< of a TOML file its tree (base/toml_tree.hpp); empty otherwise
};

}  // namespace ms
