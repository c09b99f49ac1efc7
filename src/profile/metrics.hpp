#pragma once

#include "base/json.hpp"
#include "profile/run.hpp"

namespace ms::profile {

/// The facts of a run, as the tree `run` of knowledge/facts.toml declares them. What was not recorded is not
/// there.
///
/// Where a folder holds the same run several times, a quantity is taken from the first of these that has it:
/// CSV files of a parsed profile, profiler.db, raw databases, chrome_tracing.json, logs. What a client
/// measured comes before what the service recorded.
Json run_facts(const Run& run);

/// Gives forward passes without a phase that of the batch that was scheduled last before them, of as many
/// requests and the same rank.
void assign_phases(Records& records);

}  // namespace ms::profile
