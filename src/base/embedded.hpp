#pragma once

#include <span>
#include <string_view>

namespace ms {

/// A file that was compiled into the program. Both views live as long as the program.
struct EmbeddedFile {
  std::string_view name;  ///< path below the folder that was embedded: "precheck/env.toml"
  std::string_view text;
};

}  // namespace ms
