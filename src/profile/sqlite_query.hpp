#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "profile/sqlite.hpp"

namespace ms::profile {

/// The rows of a query over the tables of a database.
class QueryRows {
 public:
  QueryRows(const Database& database, const std::string& query);
  ~QueryRows();
  QueryRows(const QueryRows&) = delete;
  QueryRows& operator=(const QueryRows&) = delete;

  /// Goes to the next row; false at the end, and where the file is damaged: failure() then says how.
  bool next();

  /// The cell as text; valid until next(). Empty for NULL.
  std::string_view text(int column) const;
  /// Nothing for NULL and for text that is no number.
  std::optional<std::int64_t> integer(int column) const;
  std::optional<double> number(int column) const;

  const std::string& failure() const { return failure_; }

 private:
  sqlite3* handle_;
  sqlite3_stmt* statement_ = nullptr;
  std::string failure_;
};

}  // namespace ms::profile
