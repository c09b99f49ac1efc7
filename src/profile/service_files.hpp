#pragma once

#include "profile/input.hpp"

/// Files of service profiles that are no plain table. Formats: docs/profiles.md.
namespace ms::profile {

/// The database that a parser made: a table for each kind of record.
bool is_profiler_db(const Head& head);
void read_profiler_db(Input& input, Run& run, FileReport& report);

/// ms_service_*.db, which the collector writes for each process: events in `slice`, or in `Mstx` of old
/// versions.
bool is_raw_db(const Head& head);
void read_raw_db(Input& input, Run& run, FileReport& report);

/// chrome_tracing.json: the events as a trace viewer reads them.
bool is_service_trace(const Head& head);
void read_service_trace(Input& input, Run& run, FileReport& report);

/// tx_data_df.csv of the first versions: the events as a table.
bool is_event_table(const Head& head);
void read_event_table(Input& input, Run& run, FileReport& report);

/// Logs of vLLM and MindIE: throughput, running, waiting and KV use over time, and what they say at the
/// start.
bool is_engine_log(const Head& head);
void read_engine_log(Input& input, Run& run, FileReport& report);

/// Counts of tokens by layer and expert: prefill_0.csv, decode_0.csv.
bool is_expert_load(const Head& head);
void read_expert_load(Input& input, Run& run, FileReport& report);

/// Placements of experts: lists of devices and experts by layer, in JSON, as numpy arrays, or as text.
bool is_expert_placement(const Head& head);
void read_expert_placement(Input& input, Run& run, FileReport& report);

}  // namespace ms::profile
