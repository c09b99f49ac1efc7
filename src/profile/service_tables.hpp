#pragma once

#include <span>
#include <string_view>

#include "base/lang.hpp"
#include "profile/rows.hpp"
#include "profile/run.hpp"

namespace ms::profile {

/// A table of a service profile, in a CSV file or in profiler.db: how it is told by its columns, and how it
/// is read.
struct ServiceTable {
  std::string_view name;  ///< as the table is named in profiler.db, and the file without ".csv"
  Text doc;
  bool (*recognise)(const CsvHeader& header, std::string_view file_name);
  void (*read)(Rows& rows, Records& records, FileReport& report);
};

/// All of them. A table is the first one that recognises it.
std::span<const ServiceTable> service_tables();

}  // namespace ms::profile
