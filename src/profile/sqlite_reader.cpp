#include "profile/sqlite_reader.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/error.hpp"
#include "base/text.hpp"

namespace ms::profile {
namespace {

// "file:" URIs take a path with the bytes that mean something in them escaped.
std::string uri_of(const std::filesystem::path& path) {
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(path).string()) {
    if (c == '?' || c == '#' || c == '%') {
      uri += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      uri += c;
    }
  }
  // immutable: no lock, and no journal beside the file is looked for.
  return uri + "?mode=ro&immutable=1";
}

}  // namespace

SqliteFile::SqliteFile(const std::filesystem::path& path) {
  const int opened = sqlite3_open_v2(uri_of(path).c_str(), &handle_,
                                     SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
  if (opened == SQLITE_OK) {
    sqlite3_exec(handle_, "PRAGMA trusted_schema=OFF", nullptr, nullptr, nullptr);
    if (sqlite3_exec(handle_, "SELECT count(*) FROM sqlite_master", nullptr, nullptr, nullptr) == SQLITE_OK)
      return;
  }
  const std::string reason = handle_ != nullptr ? sqlite3_errmsg(handle_) : "out of memory";
  sqlite3_close(handle_);
  throw InputError(path.string(), "not a readable SQLite database: " + reason);
}

SqliteFile::~SqliteFile() {
  sqlite3_close(handle_);
}

bool SqliteFile::has_table(std::string_view table) const {
  SqliteRows rows(
      *this,
      fmt::format("SELECT 1 FROM sqlite_master WHERE type IN ('table','view') AND name = '{}'", table));
  return rows.next();
}

bool SqliteFile::has_column(std::string_view table, std::string_view column) const {
  SqliteRows rows(*this,
                  fmt::format("SELECT 1 FROM pragma_table_info('{}') WHERE name = '{}'", table, column));
  return rows.next();
}

SqliteRows::SqliteRows(const SqliteFile& file, const std::string& query) : handle_(file.handle_) {
  if (sqlite3_prepare_v2(handle_, query.c_str(), static_cast<int>(query.size()), &statement_, nullptr) !=
      SQLITE_OK) {
    failure_ = sqlite3_errmsg(handle_);
  }
}

SqliteRows::~SqliteRows() {
  sqlite3_finalize(statement_);
}

bool SqliteRows::next() {
  if (statement_ == nullptr || !failure_.empty()) return false;
  const int step = sqlite3_step(statement_);
  if (step != SQLITE_ROW && step != SQLITE_DONE) failure_ = sqlite3_errmsg(handle_);
  return step == SQLITE_ROW;
}

std::string_view SqliteRows::text(int column) const {
  const auto* const bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return bytes == nullptr
             ? std::string_view()
             : std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

std::optional<std::int64_t> SqliteRows::integer(int column) const {
  switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_INTEGER:
      return sqlite3_column_int64(statement_, column);
    case SQLITE_TEXT:
      return parse_int(text(column));
    default:
      return std::nullopt;
  }
}

std::optional<double> SqliteRows::number(int column) const {
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
