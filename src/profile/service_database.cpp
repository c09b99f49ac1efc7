#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/file.hpp"
#include "base/text.hpp"
#include "profile/csv.hpp"
#include "profile/run.hpp"
#include "profile/service_events.hpp"
#include "profile/service_files.hpp"
#include "profile/service_tables.hpp"
#include "profile/sqlite.hpp"

namespace ms::profile {
namespace {

constexpr double kNanosecond = 1e-9;
// No span lasts longer, and none has less than no time: such rows are mistakes.
constexpr double kLongestSpan = 30 * 86400.0;

// Whether a file of such a name is read as a database: one that is damaged or empty is reported, not passed
// over.
bool is_database(const Head& head) {
  return head.text.starts_with(std::string_view("SQLite format 3\0", 16)) || head.name.ends_with(".db");
}

// A writer that has not ended keeps its last rows beside the file.
void note_unfinished(const Input& input, FileReport& report) {
  for (const char* suffix : {"-wal", "-journal"}) {
    const auto size = ms::file_size(input.path.string() + suffix);
    if (!size || *size == 0) continue;
    report.note({fmt::format("{0}{1} lies beside it: its writer had not ended, and what is there is not read",
                             input.path.filename().string(), suffix),
                 fmt::format("旁边有 {0}{1}：写入程序尚未结束，其中的数据未读取",
                             input.path.filename().string(), suffix)});
  }
}

// What a collector says of its process.
struct Process {
  std::string name;
  std::int32_t dp_rank = -1;
};

Process read_meta(const Database& database, const Input& input, FileReport& report) {
  Process process{.name = input.name.substr(0, input.name.rfind(".db"))};
  if (!database.has_table("Meta")) return process;
  TableRows rows(database, "Meta", report, "name, value");
  while (rows.step()) {
    if (rows.text(0) != "dpRankId") continue;
    const auto rank = parse_int(trim(rows.text(1)));
    if (rank && *rank >= 0 && *rank < 1'000'000) {
      process.dp_rank = static_cast<std::int32_t>(*rank);
    } else {
      rows.bad(fmt::format("dpRankId '{}' is no number", rows.text(1).substr(0, 40)));
    }
  }
  return process;
}

// Adds an event that takes `duration` ns from `start`, or says why it is none.
bool add_timed(Rows& rows, ServiceEvent& event, std::int64_t start, std::int64_t duration, Records& records) {
  event.start = static_cast<double>(start) * kNanosecond;
  event.seconds = static_cast<double>(duration) * kNanosecond;
  if (event.seconds < 0 || event.seconds > kLongestSpan) {
    rows.bad(event.seconds < 0 ? "it ends before it starts" : "it lasts longer than 30 days");
    return false;
  }
  if (!add_event(event, records)) {
    rows.bad("its attributes are no JSON object");
    return false;
  }
  return true;
}

void read_slices(const Database& database, const Process& process, Records& records, FileReport& report) {
  TableRows rows(database, "slice", report, "timestamp, duration, name, args");
  const std::uint32_t index = records.process(process.name);
  while (rows.step()) {
    const auto start = rows.integer(0);
    const auto duration = rows.integer(1);
    ServiceEvent event{
        .name = rows.text(2), .args = rows.text(3), .process = index, .dp_rank = process.dp_rank};
    if (!start || !duration) {
      rows.bad("no times");
    } else if (event.args.empty() && event.name.empty()) {
      rows.bad("no name and no attributes");
    } else if (add_timed(rows, event, *start, *duration, records)) {
      ++report.records;
    }
  }
}

// `^name^: ^encode^, ^type^: 2,` as a JSON object: quotes for '^', braces where there are none, no last
// comma.
void message_to_json(std::string_view message, std::string& json) {
  message = trim(message);
  json.clear();
  if (!message.starts_with('{')) json += '{';
  json += message;
  std::replace(json.begin(), json.end(), '^', '"');
  const bool closed = json.ends_with('}');
  if (closed) json.pop_back();
  while (!json.empty() && (json.back() == ',' || json.back() == ' ')) json.pop_back();
  json += '}';
}

// The name of the event in such an object.
std::string_view name_in(std::string_view json) {
  for (std::size_t at = json.find("\"name\""); at != std::string_view::npos;
       at = json.find("\"name\"", at + 1)) {
    const std::size_t colon = json.find_first_not_of(" ", at + 6);
    if (colon == std::string_view::npos || json[colon] != ':') continue;
    const std::size_t quote = json.find_first_not_of(" ", colon + 1);
    if (quote == std::string_view::npos || json[quote] != '"') return {};
    return json.substr(quote + 1, json.find('"', quote + 1) - quote - 1);
  }
  return {};
}

void read_mstx(const Database& database, const Process& process, Records& records, FileReport& report) {
  TableRows rows(database, "Mstx", report, "message, timestamp, endTimestamp");
  const std::uint32_t index = records.process(process.name);
  std::string json;
  while (rows.step()) {
    const std::string_view message = rows.text(0);
    if (message.empty()) {
      rows.bad("no message");
      continue;
    }
    message_to_json(message, json);
    ServiceEvent event{.name = name_in(json), .args = json, .process = index, .dp_rank = process.dp_rank};
    const auto start = rows.integer(1);
    const auto end = rows.integer(2);
    if (!start || !end || *start < 0 || *end < 0) {
      rows.bad("no times");
    } else if (add_timed(rows, event, *start, *end - *start, records)) {
      ++report.records;
    }
  }
}

bool is_table_name(const std::string& name) {
  const auto tables = service_tables();
  return std::any_of(tables.begin(), tables.end(),
                     [&](const ServiceTable& table) { return table.name == name; });
}

}  // namespace

bool is_profiler_db(const Head& head) {
  return is_database(head) && head.name == "profiler.db";
}

void read_profiler_db(Input& input, Run& run, FileReport& report) {
  const Database database(input.path);
  note_unfinished(input, report);
  bool any = false;
  for (const std::string& table : database.tables()) {
    std::vector<std::string> columns = database.columns(table);
    const std::vector<std::string_view> views(columns.begin(), columns.end());
    const CsvHeader header(views);
    bool known = false;
    for (const ServiceTable& reader : service_tables()) {
      // Curves of the viewer have names of their own, and the columns of no table here.
      if (!reader.recognise(header, table)) continue;
      TableRows rows(database, table, report);
      reader.read(rows, run.of(Origin::profiler_db), report);
      any = known = true;
      break;
    }
    if (!known && is_table_name(table)) {
      report.bad_at(fmt::format("{}: {}", report.path, table),
                    "columns that a table of this name needs are missing");
    }
  }
  if (!any) report.bad_at(report.path, "no table of a service profile");
}

bool is_raw_db(const Head& head) {
  return is_database(head) && head.name.starts_with("ms_service_");
}

void read_raw_db(Input& input, Run& run, FileReport& report) {
  const Database database(input.path);
  note_unfinished(input, report);
  Records& records = run.of(Origin::raw_db);
  const Process process = read_meta(database, input, report);
  if (database.has_table("slice")) {
    read_slices(database, process, records, report);
  } else if (database.has_table("Mstx")) {
    read_mstx(database, process, records, report);
  } else {
    report.bad_at(report.path, "neither a table 'slice' nor a table 'Mstx'");
  }
}

}  // namespace ms::profile
