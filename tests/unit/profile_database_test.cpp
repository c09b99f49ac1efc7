#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "profile/csv.hpp"
#include "profile/input.hpp"
#include "profile/metrics.hpp"
#include "profile/run.hpp"
#include "support/sqlite_file.hpp"
#include "support/temporary_folder.hpp"

using namespace ms;
using namespace ms::profile;

namespace {

constexpr const char* kSlice =
    "CREATE TABLE slice (id INTEGER PRIMARY KEY, timestamp INTEGER, duration INTEGER, name TEXT, cat TEXT, "
    "args TEXT);"
    "CREATE TABLE Meta (name TEXT, value TEXT, slice TEXT);";

// A row of `slice` that is as it should be: a forward pass of 20 ms.
std::string slice(int index) {
  return fmt::format(
      "INSERT INTO slice VALUES ({}, {}, 20000000, 'forward', 'ModelExecute', "
      "'{{\"rid\":[{{\"rid\":\"a\"}}]}}');",
      index, 1765000000000000000 + index * 30000000LL);
}

FolderReading read(const TemporaryFolder& folder, Run& run) {
  return read_profiles(folder.path(), run);
}

struct BadRow {
  std::string what;
  std::string insert;
  bool usable;
};

// Rows that a collector may leave behind, one among two good ones.
const std::vector<BadRow> kRows = {
    {"NULL for the attributes", "(9, 1, 1, 'forward', 'x', NULL)", true},
    {"a list for the attributes", "(9, 1, 1, 'forward', 'x', '[1, 2]')", false},
    {"broken JSON", "(9, 1, 1, 'forward', 'x', '{\"rid\": ')", false},
    {"JSON without end",
     "(9, 1, 1, 'forward', 'x', '{\"rid\":' || replace(hex(zeroblob(200)), '0', '[') || '}')", false},
    {"no attributes and no name", "(9, 1, 1, '', '', '')", false},
    {"NULL for the start", "(9, NULL, 1, 'forward', 'x', '{}')", false},
    {"NULL for the duration", "(9, 1, NULL, 'forward', 'x', '{}')", false},
    {"NULL for everything", "(9, NULL, NULL, NULL, NULL, NULL)", false},
    {"text for the start", "(9, 'soon', 1, 'forward', 'x', '{}')", false},
    {"a blob for the start", "(9, x'00ff', 1, 'forward', 'x', '{}')", false},
    {"a negative duration", "(9, 1, -5, 'forward', 'x', '{}')", false},
    {"a huge duration", "(9, 1, 9223372036854775807, 'forward', 'x', '{}')", false},
    {"a start of 0", "(9, 0, 5, 'forward', 'x', '{}')", true},
    {"a huge start", "(9, 9223372036854775807, 5, 'forward', 'x', '{}')", true},
    {"a huge id", "(9223372036854775807, 1, 5, 'forward', 'x', '{\"rid\":\"18446744073709551616\"}')", true},
    {"a fraction for the start", "(9, 1.5, 5, 'forward', 'x', '{}')", true},
    {"a name that nobody knows", "(9, 1, 5, 'somethingElse', 'x', '{}')", true},
    {"a name that is no UTF-8", "(9, 1, 5, CAST(x'ff00fe' AS TEXT), 'x', '{}')", true},
};

}  // namespace

TEST_CASE("a bad row of a raw database costs itself, and is counted with its place") {
  for (const BadRow& bad : kRows) {
    INFO(bad.what);
    const TemporaryFolder folder;
    SqliteFile(folder.at("ms_service_host-1.db"))
        .run(kSlice + slice(1) + "INSERT INTO slice VALUES " + bad.insert + ";" + slice(20));
    Run run;
    const FolderReading reading = read(folder, run);
    REQUIRE(reading.files.size() == 1);
    CHECK(reading.files[0].kind == "service.raw_db");
    CHECK(reading.files[0].records == (bad.usable ? 3 : 2));
    CHECK(reading.files[0].bad_records == (bad.usable ? 0 : 1));
    if (!bad.usable)
      CHECK(reading.files[0].first_bad.at(0).place.starts_with("ms_service_host-1.db: slice row "));
    CHECK(run.of(Origin::raw_db).forwards.size() >= 2);
    CHECK(run_facts(run).is_object());
  }
}

TEST_CASE("what a collector says of its process may be wrong or missing") {
  const auto read_meta = [](const std::string& script) {
    const TemporaryFolder folder;
    SqliteFile(folder.at("ms_service_host-1.db")).run(script);
    Run run;
    return read(folder, run).files.at(0);
  };
  const FileReport wrong = read_meta(kSlice + slice(1) + "INSERT INTO Meta VALUES ('dpRankId', 'x', '');");
  CHECK(wrong.records == 1);
  CHECK(wrong.bad_records == 1);
  CHECK(wrong.first_bad[0].reason == "dpRankId 'x' is no number");
  const FileReport none = read_meta(kSlice + slice(1));
  CHECK(none.records == 1);
  CHECK(none.bad_records == 0);
  const FileReport no_table = read_meta(
      "CREATE TABLE slice (id INTEGER PRIMARY KEY, timestamp INTEGER, duration INTEGER, name TEXT, cat TEXT, "
      "args TEXT);" +
      slice(1));
  CHECK(no_table.records == 1);
  CHECK(no_table.bad_records == 0);
}

TEST_CASE("a raw database without its table, without a column, or empty is reported") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"CREATE TABLE other (a);", "neither a table 'slice' nor a table 'Mstx'"},
      {"CREATE TABLE slice (timestamp, duration, name); INSERT INTO slice VALUES (1, 2, 'forward');",
       "no such column: args"},
      {"CREATE TABLE Mstx (message, timestamp); INSERT INTO Mstx VALUES ('x', 1);",
       "no such column: endTimestamp"},
      {"CREATE VIEW slice AS SELECT 1 AS timestamp;", "neither a table 'slice' nor a table 'Mstx'"},
  };
  for (const auto& one : cases) {
    const std::string& script = one.first;
    INFO(script);
    const TemporaryFolder folder;
    SqliteFile(folder.at("ms_service_host-1.db")).run(script);
    SqliteFile(folder.at("ms_service_host-2.db")).run(kSlice + slice(1));
    Run run;
    const FolderReading reading = read(folder, run);
    REQUIRE(reading.files.size() == 2);
    CHECK(reading.files[0].bad_records == 1);
    CHECK(reading.files[0].first_bad.at(0).reason == one.second);
    CHECK(reading.files[1].records == 1);  // the good one beside it is not lost
  }
}

TEST_CASE("files that are no databases, though they are named so, are reported beside the good one") {
  const std::vector<std::string> contents = {
      "", "nothing of the kind", std::string(5000, '\xa5'), std::string("SQLite format 3\0", 16),
      std::string("SQLite format 3\0", 16) + std::string(4000, '\x07')};
  for (const std::string& content : contents) {
    for (const char* name : {"ms_service_host-0.db", "profiler.db", "ascend_pytorch_profiler_0.db"}) {
      INFO(std::string(name), " of ", content.size(), " bytes");
      const TemporaryFolder folder;
      folder.write(name, content);
      SqliteFile(folder.at("ms_service_host-2.db")).run(kSlice + slice(1));
      Run run;
      const FolderReading reading = read(folder, run);
      REQUIRE(reading.files.size() == 2);
      for (const FileReport& file : reading.files) {
        CHECK((file.bad_records + file.notes.size() == 1) == (file.path == name));
        CHECK(file.records == (file.path == name ? 0 : 1));
      }
    }
  }
}

TEST_CASE("a database that is cut off anywhere ends no run") {
  const TemporaryFolder source;
  std::string script = kSlice;
  for (int i = 1; i < 400; ++i) script += slice(i);
  SqliteFile(source.at("whole.db")).run("BEGIN;" + script + "COMMIT;");
  std::ifstream file(source.at("whole.db"), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  REQUIRE(bytes.size() > 20000);
  for (std::size_t size = 0; size < bytes.size(); size += 1777) {
    CAPTURE(size);
    const TemporaryFolder folder;
    folder.write("ms_service_host-1.db", bytes.substr(0, size));
    Run run;
    const FolderReading reading = read(folder, run);
    REQUIRE(reading.files.size() == 1);
    CHECK(reading.files[0].bad_records >= 1);
    CHECK(reading.files[0].records < 399);
  }
}

TEST_CASE("a database that another process has locked is read") {
  const TemporaryFolder folder;
  SqliteFile writer(folder.at("ms_service_host-1.db"));
  writer.run(kSlice + slice(1));
  writer.run("BEGIN EXCLUSIVE;");
  Run run;
  CHECK(read(folder, run).files.at(0).records == 1);
  writer.run("ROLLBACK;");
}

TEST_CASE("rows that still lie in the log of a writer are said to be missing") {
  const TemporaryFolder folder;
  SqliteFile writer(folder.at("ms_service_host-1.db"));
  writer.run(kSlice + slice(1));
  writer.run("PRAGMA journal_mode = WAL;" + slice(2));
  Run run;
  const FolderReading reading = read(folder, run);
  REQUIRE(reading.files.size() == 1);
  CHECK(reading.files[0].records == 1);
  REQUIRE(reading.files[0].notes.size() == 1);
  CHECK(reading.files[0].notes[0].en ==
        "ms_service_host-1.db-wal lies beside it: its writer had not ended, and what is there is not read");
}

namespace {

struct Table {
  std::string name;
  std::string csv_columns;
  std::string db_columns;
  std::vector<std::string> rows;
};

// The same rows as the parser of the profiler writes them to CSV files and to profiler.db, which names
// columns without their units.
const std::vector<Table> kTables = {
    {"batch",
     "name,res_list,start_datetime,end_datetime,during_time(ms),batch_type,prof_id,batch_size,total_blocks,"
     "used_blocks,free_blocks,blocks_allocated,blocks_freed,kvcache_usage_rate,prefill_batch_size,decode_"
     "batch_size,prefill_scheduled_tokens,decode_scheduled_tokens,total_scheduled_tokens,dp_rank,start_time("
     "ms),end_time(ms)",
     "name,res_list,start_datetime,end_datetime,during_time,batch_type,prof_id,batch_size,total_blocks,used_"
     "blocks,free_blocks,blocks_allocated,blocks_freed,kvcache_usage_rate,prefill_batch_size,decode_batch_"
     "size,prefill_scheduled_tokens,decode_scheduled_tokens,total_scheduled_tokens,dp_rank,start_time,end_"
     "time",
     {"BatchSchedule|[{'rid': 'a', 'iter': 0}]|2025-12-06 13:46:40:000999|2025-12-06 "
      "13:46:40:001156|0.157|Prefill|n-1|1|2000|6|1994|3|0|0.003|1|0|256|0|256|0|1765000000000999|"
      "1765000000001156",
      "modelExec|[{'rid': 'a', 'iter': 0}]|2025-12-06 13:46:40:001200|2025-12-06 "
      "13:46:40:051200|50.0|Prefill|n-1|1|0|0|0|0|0|0|1|0|256|0|256|0|1765000000001200|1765000000051200",
      "BatchSchedule|[{'rid': 'a', 'iter': 1}]|2025-12-06 13:46:40:060000|2025-12-06 "
      "13:46:40:060100|0.1|Decode|n-1|1|2000|7|1993|1|0|0.0035|0|1|0|1|1|0|1765000000060000|1765000000060100",
      "modelExec|[{'rid': 'a', 'iter': 1}]|2025-12-06 13:46:40:060200|2025-12-06 "
      "13:46:40:080200|20.0|Decode|n-1|1|0|0|0|0|0|0|0|1|0|1|1|0|1765000000060200|1765000000080200"}},
    {"request",
     "http_rid,start_datetime,recv_token_size,reply_token_size,execution_time(ms),queue_wait_time(ms),first_"
     "token_latency(ms),cache_hit_rate,start_time(ms)",
     "http_rid,start_datetime,recv_token_size,reply_token_size,execution_time,queue_wait_time,first_token_"
     "latency,cache_hit_rate,start_time",
     {"req-0|2025-12-06 13:46:40:000000|256|8|338|0.8465|52.45675|N/A|1765000000000",
      "req-1|2025-12-06 13:46:40:001000|128|16|500|10|80|0.5|1765000000001"}},
    {"kvcache",
     "name,start_time,total_blocks,used_blocks,free_blocks,blocks_allocated,blocks_freed,kvcache_usage_rate",
     "name,start_time,total_blocks,used_blocks,free_blocks,blocks_allocated,blocks_freed,kvcache_usage_rate",
     {"KVCacheStatus|2025-12-06 13:46:40|2000|6|1994|0|0|0.003",
      "KVCacheStatus|2025-12-06 13:46:41|2000|1000|1000|0|0|0.5"}},
    {"forward",
     "name,relative_start_time(ms),start_datetime,end_datetime,during_time(ms),bubble_time(ms),batch_size,"
     "batch_type,forward_iter,dp_rank,prof_id,hostname,start_time(ms),end_time(ms)",
     "name,relative_start_time,start_datetime,end_datetime,during_time,bubble_time,batch_size,batch_type,"
     "forward_iter,dp_rank,prof_id,hostname,forward.start_time,forward.end_time",
     {"forward|0.0|2025-12-06 13:46:40:001356|2025-12-06 "
      "13:46:40:052256|50.9|0.79|3|Prefill|1|0|p-1|node0|1765000000001.3567|1765000000052.2567",
      "forward|60.0|2025-12-06 13:46:40:061356|2025-12-06 "
      "13:46:40:081356|20.0||3|Decode|2|1|p-1|node0|1765000000061.3567|1765000000081.3567"}},
    {"request_status",
     "hostuid,pid,start_datetime,relative_timestamp(ms),waiting,running,swapped,timestamp(ms)",
     "timestamp,WAITING,RUNNING,PENDING",
     {"h|1|2025-12-06 13:46:40:000000|0|7|3|0|1765000000000",
      "h|1|2025-12-06 13:46:41:000000|1000|2|8|1|1765000001000"}},
    {"coordinator",
     "time,address,node_type,add_count,end_count,running_count",
     "time,address,node_type,add_count,end_count,running_count",
     {"2025-12-06 13:46:40:000000|10.0.0.1:80|prefill|5|3|2",
      "2025-12-06 13:46:45:000000|10.0.0.2:80|decode|1|2|1"}},
};

std::vector<std::string> split_row(const std::string& row) {
  std::vector<std::string> cells;
  std::string cell;
  for (const char byte : row + "|") {
    if (byte == '|') {
      cells.push_back(cell);
      cell.clear();
    } else {
      cell += byte;
    }
  }
  return cells;
}

// profiler.db of old versions holds what vLLM's queues are under other names, in another order.
std::vector<std::string> db_cells(const Table& table, const std::string& row) {
  std::vector<std::string> cells = split_row(row);
  if (table.name == "request_status") return {cells[7], cells[4], cells[5], cells[6]};
  return cells;
}

std::string sql_text(const std::string& text) {
  std::string quoted = "'";
  for (const char byte : text) quoted += byte == '\'' ? std::string("''") : std::string(1, byte);
  return quoted + "'";
}

}  // namespace

TEST_CASE("profiler.db gives what the CSV files of the same run give") {
  const TemporaryFolder csv;
  const TemporaryFolder database;
  std::string script;
  std::uint64_t rows = 0;
  for (const Table& table : kTables) {
    std::string text = table.csv_columns + "\n";
    std::string columns;
    for (const std::string& column : split_row(table.db_columns)) {
      std::string list = column;
      for (std::size_t at = 0; (at = list.find(',', at)) != std::string::npos; at += 3)
        list.replace(at, 1, "\",\"");
      columns = "\"" + list + "\"";
    }
    script += fmt::format("CREATE TABLE {} ({});", table.name, columns);
    for (const std::string& row : table.rows) {
      ++rows;
      std::string line;
      for (const std::string& cell : split_row(row)) line += (line.empty() ? "\"" : ",\"") + cell + "\"";
      text += line + "\n";
      std::string values;
      for (const std::string& cell : db_cells(table, row)) {
        values += (values.empty() ? "" : ",") +
                  (parse_quantity(cell) && parse_quantity(cell)->unit.empty() ? cell : sql_text(cell));
      }
      script += fmt::format("INSERT INTO {} VALUES ({});", table.name, values);
    }
    csv.write(table.name + ".csv", text);
  }
  // Tables of the viewer, which are of no use here.
  script +=
      "CREATE TABLE data_table (id, name, view_name); INSERT INTO data_table VALUES (1, 'batch', 'Batch');"
      "CREATE TABLE slice (id, timestamp, duration, name, depth, track_id, cat, args); INSERT INTO slice "
      "VALUES (1,1,1,'x',0,0,'','');";
  SqliteFile(database.at("profiler.db")).run(script);

  Run from_csv;
  Run from_database;
  const FolderReading files = read(csv, from_csv);
  const FolderReading reading = read(database, from_database);
  REQUIRE(files.files.size() == kTables.size());
  REQUIRE(reading.files.size() == 1);
  CHECK(reading.files[0].kind == "service.profiler_db");
  CHECK(reading.files[0].records == rows);
  CHECK(reading.files[0].bad_records == 0);
  Json expected = run_facts(from_csv);
  Json facts = run_facts(from_database);
  CHECK(expected["requests"]["source"] == "csv");
  CHECK(facts["requests"]["source"] == "profiler.db");
  expected["requests"].erase("source");
  facts["requests"].erase("source");
  // Requests between two steps, which profiler.db counts, are not swapped out.
  CHECK(facts["queue"].erase("swapped") == 0);
  expected["queue"].erase("swapped");
  CHECK(facts == expected);
  // By hand, so that both are not wrong together.
  CHECK(facts["requests"]["count"] == 2);
  CHECK(facts["decode"]["seconds"]["mean"].get<double>() == doctest::Approx(0.020));
  CHECK(facts["forward_seconds"]["max"].get<double>() == doctest::Approx(0.0509));
  CHECK(facts["kv"]["min_free_blocks"] == 1000);
  CHECK(facts["queue"]["waiting"]["max"] == 7);
}

TEST_CASE("MindIE's profiler.db has a row for each queue") {
  const TemporaryFolder folder;
  SqliteFile(folder.at("profiler.db"))
      .run(
          "CREATE TABLE request_status (timestamp, \"QueueSize=\", status);"
          "INSERT INTO request_status VALUES (1765000000000, 7, 'waiting'), (1765000000100, 3, 'running'),"
          "(1765000000200, 5, 'waiting'), (1765000000300, NULL, 'waiting'), (1765000000400, 9, "
          "'detokenize');");
  Run run;
  const FolderReading reading = read(folder, run);
  CHECK(reading.files.at(0).records == 4);
  CHECK(reading.files.at(0).bad_records == 1);
  const Json facts = run_facts(run);
  CHECK(facts["queue"]["waiting"]["max"] == 7);
  CHECK(facts["queue"]["running"]["max"] == 3);
}

TEST_CASE("a damaged profiler.db: tables missing, columns missing, cells of another type") {
  const TemporaryFolder none;
  SqliteFile(none.at("profiler.db")).run("CREATE TABLE other (a);");
  Run ignored;
  CHECK(read(none, ignored).files.at(0).first_bad.at(0).reason == "no table of a service profile");

  const TemporaryFolder folder;
  SqliteFile(folder.at("profiler.db"))
      .run(
          "CREATE TABLE forward (name, during_time, batch_size);"  // bubble_time is missing
          "INSERT INTO forward VALUES ('forward', 1, 2);"
          "CREATE TABLE request (http_rid, recv_token_size, execution_time);"
          "INSERT INTO request VALUES ('a', 5, 10), ('b', NULL, NULL), ('c', 5, x'00'), ('d', 'x', 10), "
          "('e', 5, -1),"
          "(99999999999999999999, 5, 10);");
  Run run;
  const FolderReading reading = read(folder, run);
  const FileReport& report = reading.files.at(0);
  CHECK(report.records == 3);      // a, d and the one with the huge id
  CHECK(report.bad_records == 4);  // b, c, e, and the table
  CHECK(report.first_bad.at(0).place == "profiler.db: forward");
  CHECK(report.first_bad.at(1).place == "profiler.db: request row 2");
  CHECK(run.of(Origin::profiler_db).requests.size() == 3);
}
