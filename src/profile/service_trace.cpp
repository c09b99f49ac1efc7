#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "profile/batch_items.hpp"
#include "profile/csv.hpp"
#include "profile/json_cursor.hpp"
#include "profile/json_elements.hpp"
#include "profile/rows.hpp"
#include "profile/run.hpp"
#include "profile/service_events.hpp"
#include "profile/service_files.hpp"

namespace ms::profile {
namespace {

constexpr double kMicrosecond = 1e-6;

// The members of an event that are used.
struct TraceEvent {
  std::string_view name;
  std::string_view phase;
  std::string_view args;
  std::optional<double> time;
  std::optional<double> duration;
  std::string_view process;
};

bool parse_event(std::string_view text, TraceEvent& event) {
  JsonCursor json(text);
  return json.object([&](std::string_view name) {
    if (name == "name") {
      event.name = json.raw_string().value_or("");
    } else if (name == "ph") {
      event.phase = json.raw_string().value_or("");
    } else if (name == "ts") {
      event.time = json.number_or_text();
    } else if (name == "dur") {
      event.duration = json.number_or_text();
    } else if (name == "pid") {
      event.process = json.skip();
    } else if (name == "args") {
      event.args = json.skip();
    } else {
      json.skip();
    }
  });
}

}  // namespace

bool is_service_trace(const Head& head) {
  if (head.first_byte() != '[' && head.first_byte() != '{') return false;
  if (head.name == "chrome_tracing.json") return true;
  // A device profile has "trace_view.json"; what is left is told by the events of a service.
  if (!head.has_member("ph") || !(head.first_byte() == '[' || head.has_member("traceEvents"))) return false;
  return head.text.find("\"httpReq\"") != std::string::npos ||
         head.text.find("\"BatchSchedule\"") != std::string::npos ||
         head.text.find("\"batchFrameworkProcessing\"") != std::string::npos;
}

void read_service_trace(Input& input, Run& run, FileReport& report) {
  JsonElements elements(input.bytes, report, "traceEvents");
  Records& records = run.of(Origin::trace);
  while (elements.next()) {
    TraceEvent trace;
    if (!parse_event(elements.text(), trace)) {
      report.bad(elements.line(), "the event is no JSON object");
      continue;
    }
    // Names, flows and counters show the same once more.
    const bool is_event = trace.phase == "X" || trace.phase == "I" || trace.phase == "i";
    if (!is_event) {
      ++report.records;
      continue;
    }
    if (!trace.time || trace.duration.value_or(0) < 0) {
      report.bad(elements.line(), trace.time ? "a negative duration" : "no time");
      continue;
    }
    const ServiceEvent event{.name = trace.name,
                             .start = *trace.time * kMicrosecond,
                             .seconds = trace.duration.value_or(0) * kMicrosecond,
                             .args = trace.args,
                             .process = records.process(trace.process)};
    if (add_event(event, records)) {
      ++report.records;
    } else {
      report.bad(elements.line(), "its attributes are no JSON object");
    }
  }
}

bool is_event_table(const Head& head) {
  return head.has_columns({"event_type", "mark_id", "message", "start_time"});
}

void read_event_table(Input& input, Run& run, FileReport& report) {
  Records& records = run.of(Origin::csv);
  CsvReader csv(input.bytes, report);
  const CsvHeader header = csv.read_header();
  const auto name = header.column({"name"});
  const auto message = header.column({"message"});
  const auto process = header.column({"pid"});
  TimeColumn start(header, {"start_time"});
  const NumberColumn start_us(header, {"start_time"});
  const NumberColumn end_us(header, {"end_time"});
  std::string json;
  while (csv.next()) {
    const auto cells = csv.cells();
    const double seconds = (end_us.at(cells) - start_us.at(cells)) * kMicrosecond;
    if (std::isnan(seconds) || seconds < 0) {
      csv.bad(std::isnan(seconds) ? "no times" : "it ends before it starts");
      continue;
    }
    // As Python prints a dictionary.
    json = cell_of(cells, message);
    std::replace(json.begin(), json.end(), '\'', '"');
    const ServiceEvent event{.name = cell_of(cells, name),
                             .start = start.at(cells),
                             .seconds = seconds,
                             .args = json,
                             .process = records.process(cell_of(cells, process))};
    if (add_event(event, records)) {
      ++report.records;
    } else {
      csv.bad("its message is no dictionary");
    }
  }
}

}  // namespace ms::profile
