#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cel/program.hpp"

namespace ms::cel {

/// A message with values in it: "{{plan.kv.blocks}} blocks of {{human_bytes(x)}}". Between the braces stands
/// any expression; "{{{{" is a pair of braces.
class Template {
 public:
  /// Throws CompileError; its offset counts from the start of the whole text.
  static Template compile(std::string_view text, const Environment& environment);

  struct Result {
    std::string text;                  ///< with "?" where a value is unknown or an error
    std::vector<std::string> reasons;  ///< why, each once: "npu.health: npu-smi: not found on PATH"
  };
  Result evaluate(const Activation& activation, Arena& arena) const;

  /// The facts that the template names, each once.
  std::vector<std::string> references() const;

 private:
  struct Part {
    std::string text;  ///< before the hole
    Program program;
  };
  std::vector<Part> parts_;
  std::string tail_;
};

}  // namespace ms::cel
