#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "facts/document.hpp"
#include "probe/host.hpp"
#include "probe/probe_set.hpp"

namespace ms {

struct CollectOptions {
  /// How long one command may take.
  std::chrono::milliseconds probe_timeout{5000};
  /// How long all of it may take; what has not started by then is absent.
  std::chrono::milliseconds run_timeout{15000};
  /// The facts that are wanted; a path wants what is inside it and what it is inside of. Not set: all facts.
  std::optional<std::set<std::string, std::less<>>> needed;
};

/// What one probe cost. A builtin counts once, whatever facts it gives.
struct ProbeCost {
  std::string name;  ///< the fact of a declared probe, the name of a builtin
  double seconds = 0;
};

/// Whether `fact` is among what `needed` wants.
bool is_needed(std::string_view fact, const CollectOptions& options);

/// Reads the host: every fact that is declared and needed ends as a value, or as absent with a reason. Probes
/// that run commands run at the same time; a probe that fails costs its own facts only. Never throws for what
/// the host holds.
FactDocument collect(const Host& host, const ProbeSet& probes, const CollectOptions& options = {},
                     std::vector<ProbeCost>* costs = nullptr);

}  // namespace ms
