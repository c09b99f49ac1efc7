#pragma once

#include <optional>

#include "base/json.hpp"
#include "facts/document.hpp"
#include "plan/lengths.hpp"
#include "plan/operating_point.hpp"
#include "profile/run.hpp"

namespace ms {

/// `run` and `device` of a run, for rules to speak of. `source` is where it was recorded.
FactDocument facts_of(const profile::Run& run, const std::string& source);

/// Adds the throughput of a card to a run that `cards` NPUs served.
void add_throughput_per_card(FactDocument& recorded, double cards);

/// The lengths of the requests that a run recorded, or of their means where nothing else was; nullopt where
/// it says nothing of one of the two.
std::optional<RequestLengths> lengths_of(const profile::Run& run, const FactDocument& recorded);

/// `run.best`: the decode batch that the fit of a run's step times advises, within the TPOT goal. nullopt
/// without a fit, or where no batch keeps the goal.
std::optional<Json> best_batch_of_run(const FactDocument& recorded, const Goals& goals);

}  // namespace ms
