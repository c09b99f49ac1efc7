#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "profile/distribution.hpp"
#include "profile/run.hpp"

// The subjects that run_facts() is made of: each puts what its records say, and nothing where there are none.
namespace ms::profile {

void add_request_facts(const Run& run, Json& facts);
void add_benchmark_facts(const Run& run, Json& facts);
/// Prefill, decode and mixed batches, and the fits of their times. Takes the mean prompt from `facts`.
void add_batch_facts(const Run& run, Json& facts);
/// Time between the end of a batch and the start of the next one of the same process.
void add_gap_facts(const Run& run, Json& facts);
void add_forward_facts(const Run& run, Json& facts);
void add_cache_facts(const Run& run, Json& facts);
void add_queue_facts(const Run& run, Json& facts);
void add_node_facts(const Run& run, Json& facts);
void add_expert_facts(const Run& run, Json& facts);
void add_span_facts(const Run& run, Json& facts);
void add_speculation_facts(const Run& run, Json& facts);
void add_log_facts(const Run& run, Json& facts);

/// The members "count", "mean", "p50" ... "max" of a spread.
Json spread_json(const Spread& spread);

/// Sets `name` where there is a value.
void put(Json& facts, const char* name, const std::optional<Spread>& spread);
void put(Json& facts, const char* name, double value);

/// The first source that has any of these records; nullptr where none has.
template <class T>
const Records* source_of(const Run& run, std::vector<T> Records::*field) {
  for (const Records& records : run.service) {
    if (!(records.*field).empty()) return &records;
  }
  return nullptr;
}

/// The spread of what `value` gives of every row; NaN is left out.
template <class T, class F>
std::optional<Spread> spread_of_rows(const std::vector<T>& rows, F value) {
  Values values;
  for (const T& row : rows) values.add(value(row));
  return std::move(values).spread();
}

template <class T>
std::optional<Spread> spread_of_field(const std::vector<T>& rows, double T::*field) {
  return spread_of_rows(rows, [&](const T& row) { return row.*field; });
}

}  // namespace ms::profile
