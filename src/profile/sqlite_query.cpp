#include "profile/sqlite_query.hpp"

#include <sqlite3.h>

#include "base/text.hpp"

namespace ms::profile {
QueryRows::QueryRows(const Database& database, const std::string& query) : handle_(database.handle()) {
  if (sqlite3_prepare_v2(handle_, query.c_str(), static_cast<int>(query.size()), &statement_, nullptr) !=
      SQLITE_OK) {
    failure_ = failure_of(handle_);
  }
}

QueryRows::~QueryRows() {
  sqlite3_finalize(statement_);
}

bool QueryRows::next() {
  if (statement_ == nullptr || !failure_.empty()) return false;
  const int step = sqlite3_step(statement_);
  if (step != SQLITE_ROW && step != SQLITE_DONE) failure_ = failure_of(handle_);
  return step == SQLITE_ROW;
}

std::string_view QueryRows::text(int column) const {
  const auto* const bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return bytes == nullptr
             ? std::string_view()
             : std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

std::optional<std::int64_t> QueryRows::integer(int column) const {
  switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_INTEGER:
      return sqlite3_column_int64(statement_, column);
    case SQLITE_TEXT:
      return parse_int(text(column));
    default:
      return std::nullopt;
  }
}

std::optional<double> QueryRows::number(int column) const {
  switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_INTEGER:
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement_, column);
    case SQLITE_TEXT:
      return parse_double(text(column));
    default:
      return std::nullopt;
  }
}

}  // namespace ms::profile
