#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace ms::profile {

/// A SQLite file, opened for reading only: nothing beside it is read or written.
class SqliteFile {
 public:
  /// Throws InputError where the file is none, or damaged at its start.
  explicit SqliteFile(const std::filesystem::path& path);
  ~SqliteFile();
  SqliteFile(const SqliteFile&) = delete;
  SqliteFile& operator=(const SqliteFile&) = delete;

  bool has_table(std::string_view table) const;
  bool has_column(std::string_view table, std::string_view column) const;

 private:
  friend class SqliteRows;
  sqlite3* handle_ = nullptr;
};

/// The rows of a query.
class SqliteRows {
 public:
  SqliteRows(const SqliteFile& file, const std::string& query);
  ~SqliteRows();
  SqliteRows(const SqliteRows&) = delete;
  SqliteRows& operator=(const SqliteRows&) = delete;

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
