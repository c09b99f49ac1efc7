#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include "facts/document.hpp"
#include "probe/host.hpp"

namespace ms {

/// A probe that needs more than a file and a pattern. probes/*.toml name it: `builtin = "npu_smi"`.
struct Builtin {
  /// How it may run beside the others.
  enum class Kind {
    reads_files,          ///< one after the other, while declared probes and commands run
    runs_commands,        ///< on a thread of its own
    changes_environment,  ///< on the calling thread, before any thread is started
  };

  std::string_view name;
  /// What it reads, as a person would look it up; the provenance where nothing more exact is known.
  std::string_view source;
  Kind kind;
  /// The facts that it gives: each is set, to a value or to an absence with its reason.
  std::vector<std::string_view> facts;
  void (*read)(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);
};

/// All builtin probes, in the order in which they run.
const std::vector<Builtin>& builtins();

/// nullptr when there is none of that name.
const Builtin* find_builtin(std::string_view name);

}  // namespace ms
