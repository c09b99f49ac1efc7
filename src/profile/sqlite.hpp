#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "profile/rows.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace ms::profile {

/// A database that is only read: its tables, no views. What is wrong with it is an InputError. A query that
/// takes far more work than a file of that size explains is given up, and those after it are as well.
class Database {
 public:
  /// Throws InputError when the file is no database or is damaged at its start.
  explicit Database(const std::filesystem::path& path);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  /// Names of its tables.
  const std::set<std::string>& tables() const { return tables_; }
  bool has_table(const std::string& name) const { return tables_.contains(name); }
  std::vector<std::string> columns(const std::string& table) const;

  sqlite3* handle() const { return database_; }

 private:
  sqlite3* database_ = nullptr;
  std::string path_;
  std::int64_t work_left_ = 0;  ///< before queries are given up, in thousands of steps of SQLite's machine
  std::set<std::string> tables_;
};

/// Why the last call failed.
std::string failure_of(sqlite3* database);

/// The rows of a table, in the order they are stored in. Where the database is damaged the rows end, and that
/// is counted as a bad record.
class TableRows final : public Rows {
 public:
  /// `columns` is an SQL list of columns, "*" for all.
  TableRows(const Database& database, const std::string& table, FileReport& report,
            const std::string& columns = "*");
  TableRows(const TableRows&) = delete;
  TableRows& operator=(const TableRows&) = delete;
  ~TableRows() override;

  const CsvHeader& header() const override { return header_; }
  bool next() override;
  std::span<const std::string_view> cells() const override { return cells_; }
  void bad(std::string reason) override;

  /// The whole number in a column of the current row; nullopt where it holds NULL or no number.
  std::optional<std::int64_t> integer(int column) const;
  /// The text of a column; empty for NULL.
  std::string_view text(int column) const;
  /// Goes to the next row without making its cells, for readers that take columns by themselves.
  bool step();

 private:
  std::string table_;
  FileReport& report_;
  sqlite3_stmt* statement_ = nullptr;
  std::uint64_t row_ = 0;
  CsvHeader header_;
  std::vector<std::string_view> cells_;
};

}  // namespace ms::profile
