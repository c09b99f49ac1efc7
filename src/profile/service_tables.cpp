#include "profile/service_tables.hpp"

#include <algorithm>

#include "profile/service_table_groups.hpp"

namespace ms::profile {

bool has(const CsvHeader& header, std::initializer_list<std::string_view> columns) {
  return std::all_of(columns.begin(), columns.end(),
                     [&](std::string_view column) { return header.column({column}).has_value(); });
}

bool has_any(const CsvHeader& header, std::initializer_list<std::string_view> columns) {
  return header.column(columns).has_value();
}

std::span<const ServiceTable> service_tables() {
  static const std::vector<ServiceTable> tables = [] {
    std::vector<ServiceTable> all;
    for (const auto group : {batch_tables(), request_tables(), queue_tables(), span_tables()}) {
      all.insert(all.end(), group.begin(), group.end());
    }
    return all;
  }();
  return tables;
}

}  // namespace ms::profile
