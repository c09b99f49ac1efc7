#pragma once

#include "profile/service_tables.hpp"

// The tables of service profiles by subject.
namespace ms::profile {

/// Whether a header has all of these columns.
bool has(const CsvHeader& header, std::initializer_list<std::string_view> columns);
/// Whether it has one of them.
bool has_any(const CsvHeader& header, std::initializer_list<std::string_view> columns);

/// Batches and forward passes.
std::span<const ServiceTable> batch_tables();
std::span<const ServiceTable> request_tables();
/// KV cache, queues and nodes over time.
std::span<const ServiceTable> queue_tables();
/// Spans and experts, and summaries that are counted alone.
std::span<const ServiceTable> span_tables();

}  // namespace ms::profile
