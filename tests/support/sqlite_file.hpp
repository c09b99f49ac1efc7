#pragma once

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <string>

namespace ms {

/// A database that a test writes.
class SqliteFile {
 public:
  explicit SqliteFile(const std::string& path) {
    REQUIRE(sqlite3_open(path.c_str(), &database_) == SQLITE_OK);
  }
  SqliteFile(const SqliteFile&) = delete;
  SqliteFile& operator=(const SqliteFile&) = delete;
  ~SqliteFile() { sqlite3_close(database_); }

  void run(const std::string& script) {
    char* message = nullptr;
    const int status = sqlite3_exec(database_, script.c_str(), nullptr, nullptr, &message);
    const std::string reason = message == nullptr ? "" : message;
    sqlite3_free(message);
    REQUIRE_MESSAGE(status == SQLITE_OK, reason);
  }

 private:
  sqlite3* database_ = nullptr;
};

}  // namespace ms
