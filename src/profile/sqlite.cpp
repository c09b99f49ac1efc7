#include "profile/sqlite.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/error.hpp"
#include "base/file.hpp"

namespace ms::profile {
namespace {

// A name as SQL writes it: with quotes, those in it doubled.
std::string sql_name(std::string_view name) {
  std::string text = "\"";
  for (const char byte : name) {
    text += byte;
    if (byte == '"') text += byte;
  }
  return text + '"';
}

// The path as a URI, so that nothing is written beside the file: no journal, no lock.
std::string uri_of(const std::string& path) {
  std::string uri = "file:";
  for (const char byte : path) {
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '?' || byte == '#' || byte == '%' || code < 0x20) {
      uri += fmt::format("%{:02X}", code);
    } else {
      uri += byte;
    }
  }
  return uri + "?mode=ro&immutable=1";
}

constexpr int kStepsOfWork = 1000;

// Reading, joining and sorting the rows of a profile takes a few steps for each of its bytes.
std::int64_t work_for(std::int64_t file_bytes) {
  constexpr std::int64_t kLeast = 10'000;
  constexpr std::int64_t kStepsPerByte = 200;
  return kLeast + file_bytes / kStepsOfWork * kStepsPerByte;
}

// Called after each piece of work; what it returns says whether to give up.
int spend(void* work_left) {
  return --*static_cast<std::int64_t*>(work_left) < 0 ? 1 : 0;
}

}  // namespace

std::string failure_of(sqlite3* database) {
  return sqlite3_errcode(database) == SQLITE_INTERRUPT
             ? "its tables belong together in more ways than those of a profile: given up"
             : sqlite3_errmsg(database);
}

Database::Database(const std::filesystem::path& path) : path_(path.string()) {
  const auto fail = [&] {
    std::string reason = database_ == nullptr ? "out of memory" : failure_of(database_);
    sqlite3_close(database_);
    database_ = nullptr;
    throw InputError(path_, "is no usable database: " + reason);
  };
  if (sqlite3_open_v2(uri_of(path_).c_str(), &database_,
                      SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK) {
    fail();
  }
  // A hostile file may hold a view without end, tables that multiply each other, or a value of any size.
  constexpr int kMaxCellBytes = 64 << 20;
  sqlite3_limit(database_, SQLITE_LIMIT_LENGTH, kMaxCellBytes);
  sqlite3_db_config(database_, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  const auto bytes = ms::file_size(path);
  work_left_ = work_for(bytes ? *bytes : 0);
  sqlite3_progress_handler(database_, kStepsOfWork, spend, &work_left_);
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database_, "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0",
                         -1, &statement, nullptr) != SQLITE_OK) {
    fail();
  }
  int status = SQLITE_ROW;
  while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
    const auto* name = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    if (name != nullptr) tables_.insert(name);
  }
  sqlite3_finalize(statement);
  if (status != SQLITE_DONE) fail();
}

Database::~Database() {
  sqlite3_close(database_);
}

std::vector<std::string> Database::columns(const std::string& table) const {
  std::vector<std::string> names;
  sqlite3_stmt* statement = nullptr;
  const std::string sql = fmt::format("SELECT * FROM {}", sql_name(table));
  if (sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) return names;
  for (int i = 0; i < sqlite3_column_count(statement); ++i)
    names.emplace_back(sqlite3_column_name(statement, i));
  sqlite3_finalize(statement);
  return names;
}

TableRows::TableRows(const Database& database, const std::string& table, FileReport& report,
                     const std::string& columns)
    : table_(table), report_(report) {
  const std::string sql = fmt::format("SELECT {} FROM {}", columns, sql_name(table));
  if (sqlite3_prepare_v2(database.handle(), sql.c_str(), -1, &statement_, nullptr) != SQLITE_OK) {
    report_.bad_at(fmt::format("{}: {}", report_.path, table_), failure_of(database.handle()));
    return;
  }
  std::vector<std::string_view> names;
  const int count = sqlite3_column_count(statement_);
  for (int i = 0; i < count; ++i) names.emplace_back(sqlite3_column_name(statement_, i));
  header_ = CsvHeader(names);
  cells_.resize(names.size());
}

TableRows::~TableRows() {
  sqlite3_finalize(statement_);
}

bool TableRows::step() {
  if (statement_ == nullptr) return false;
  ++row_;
  const int status = sqlite3_step(statement_);
  if (status == SQLITE_ROW) return true;
  if (status != SQLITE_DONE) bad(failure_of(sqlite3_db_handle(statement_)));
  return false;
}

bool TableRows::next() {
  if (!step()) return false;
  for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] = text(static_cast<int>(i));
  return true;
}

std::optional<std::int64_t> TableRows::integer(int column) const {
  const int type = sqlite3_column_type(statement_, column);
  if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) return std::nullopt;
  return sqlite3_column_int64(statement_, column);
}

std::string_view TableRows::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

void TableRows::bad(std::string reason) {
  report_.bad_at(fmt::format("{}: {} row {}", report_.path, table_, row_), std::move(reason));
}

}  // namespace ms::profile
