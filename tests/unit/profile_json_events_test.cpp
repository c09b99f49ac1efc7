#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/byte_source.hpp"
#include "profile/json_events.hpp"
#include "profile/microseconds.hpp"

using namespace ms::profile;

namespace {

struct Result {
  std::vector<std::string> names;
  FileReport report;
  bool truncated = false;
};

// Reads a text that comes in pieces of `piece` bytes.
Result read(const std::string& text, std::size_t piece = SIZE_MAX) {
  Result result;
  result.report.path = "trace_view.json";
  const auto source = ms::text_source(text, piece);
  JsonEvents events(*source, result.report);
  TraceEvent event;
  while (events.next(event)) {
    result.names.emplace_back(event.name);
  }
  result.truncated = events.truncated();
  return result;
}

// What `take` takes of the only event of a document.
template <class Take>
auto only(const std::string& text, Take take) {
  FileReport report;
  const auto source = ms::text_source(text);
  JsonEvents events(*source, report);
  TraceEvent event;
  REQUIRE(events.next(event));
  return take(event);
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("an event of a trace gives its fields, whether numbers stand in quotes or not") {
  const std::string text =
      R"([{"ph": "X", "name": "MatMulV2", "cat": "kernel", "pid": 800, "tid": "3", "ts": "1736405443863674.400",)"
      R"( "dur": 12.5, "args": {"Task Type": "AI_CORE", "Stream Id": 3}}])";
  only(text, [](const TraceEvent& event) {
    CHECK(event.phase == 'X');
    CHECK(event.name == "MatMulV2");
    CHECK(event.category == "kernel");
    CHECK(event.pid == "800");
    CHECK(event.tid == "3");
    CHECK(event.start_ns == 1736405443863674400);
    CHECK(event.duration_ns == 12500);
    CHECK(find_member(event.args, "Task Type") == "AI_CORE");
    CHECK(find_member(event.args, "Stream Id") == "3");
    CHECK_FALSE(find_member(event.args, "Task Id"));
    return 0;
  });
}

TEST_CASE("escapes in names are resolved") {
  CHECK(only(R"([{"name": "a\"b\\c\n\u4e2d\ud83d\ude00\ud800x"}])", [](const TraceEvent& event) {
          return std::string(event.name);
        }) == "a\"b\\c\n\xE4\xB8\xAD\xF0\x9F\x98\x80\xEF\xBF\xBDx");
}

TEST_CASE("the array may be the document or its member traceEvents, behind a byte order mark or not") {
  CHECK(read("\xEF\xBB\xBF [ {\"name\":\"a\"} , {\"name\":\"b\"} ] ").names == Names{"a", "b"});
  CHECK(read(R"({"meta": {"traceEvents": 1}, "traceEvents" : [{"name":"a"}], "x": [1]})").names ==
        Names{"a"});
  CHECK(read("[]").names.empty());
  CHECK_FALSE(read("[]").truncated);
}

TEST_CASE("a document that is no trace is said to be none") {
  CHECK(read("{\"a\": [1]}").report.first_bad.at(0).reason == "an object without the array traceEvents");
  CHECK(read("Step,Computing").report.first_bad.at(0).reason == "neither an array nor an object");
  CHECK(read("").truncated);
}

TEST_CASE("a broken event is reported with its place, and the events around it are kept") {
  const struct {
    std::string broken;
    std::string reason;
  } cases[] = {
      {R"({"name": bad bad, "ph": "X"})", "not valid JSON"},
      {R"({"name": "x" "ph": "X"})", "not valid JSON"},
      {R"({"name": "x, "ph": "X", "args": {"k": "v"}})", "not valid JSON"},
      {R"({"name": "x", "args": {"k": [1, 2}})", "not valid JSON"},
      {R"({"name": "x", "args": {"list": [{"rid": 1}, {"rid": 2}, ]}})", "not valid JSON"},
      {R"({"name": "x",, "ph": "X"})", "not valid JSON"},
      {R"({"name"})", "not valid JSON"},
      {R"({"name": "x")", "not valid JSON"},
      {R"(})", "not an object"},
      {R"(17)", "not an object"},
      {R"("text")", "not an object"},
      {R"([{"ph": "X"}])", "not an object"},
      {R"(null)", "not an object"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.broken);
    const std::string before = R"([{"ph":"X","name":"a"}, )";
    const std::string text = before + c.broken + R"(, {"ph":"X","name":"b"}, {"ph":"X","name":"c"}])";
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, text.size()}) {
      const Result result = read(text, piece);
      CHECK(result.names == Names{"a", "b", "c"});
      REQUIRE(result.report.bad_records == 1);
      CHECK(result.report.first_bad[0].place ==
            "trace_view.json: event 2 at byte " + std::to_string(before.size()));
      CHECK(result.report.first_bad[0].reason == c.reason);
      CHECK_FALSE(result.truncated);
    }
  }
}

TEST_CASE("an event with an open bracket does not swallow those behind it") {
  const Result result =
      read(R"([{"ph":"X","name":"a","args":{"k":[1, {"ph":"X","name":"b"}, {"ph":"X","name":"c"}])");
  CHECK(result.names == Names{"b", "c"});
  CHECK(result.report.bad_records == 1);
}

TEST_CASE("a broken last event does not make the file cut off") {
  const Result result = read(R"([{"ph":"X","name":"a"}, {"ph":"X" "name":"b"}])");
  CHECK(result.names == Names{"a"});
  CHECK(result.report.bad_records == 1);
  CHECK_FALSE(result.truncated);
}

TEST_CASE("a file cut off anywhere gives every event before the cut") {
  const std::string event = R"({"ph":"X","name":"kernel","ts":"17.5","args":{"a":"b\"c"}})";
  const std::string text = "[" + event + "," + event + "," + event + "]";
  for (std::size_t length = 1; length < text.size(); ++length) {
    CAPTURE(length);
    const Result result = read(text.substr(0, length));
    const std::size_t whole = std::min<std::size_t>(3, length / (event.size() + 1));
    CHECK(result.names.size() == whole);
    CHECK(result.truncated);
    const bool inside =
        (length - 1) % (event.size() + 1) != 0 && whole < 3 && length != whole * (event.size() + 1);
    CHECK(result.report.bad_records == (inside ? 1 : 0));
  }
}

TEST_CASE("an event longer than 1 MiB and one nested deeper than 64 levels are skipped") {
  const std::string long_name(JsonEvents::kMaxEventBytes + 10, 'x');
  for (const std::size_t piece : {std::size_t{100'000}, std::size_t{5'000'000}}) {
    const Result result =
        read("[{\"name\":\"a\"},{\"name\":\"" + long_name + "\"},{\"ph\":\"X\",\"name\":\"b\"}]", piece);
    CHECK(result.names == Names{"a", "b"});
    REQUIRE(result.report.bad_records == 1);
    CHECK(result.report.first_bad[0].reason == "longer than 1 MiB");
  }
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const Result result = read("[{\"ph\":\"X\",\"args\":{\"k\":" + deep + "}},{\"ph\":\"X\",\"name\":\"b\"}]");
  CHECK(result.names == Names{"b"});
  CHECK(result.report.first_bad.at(0).reason == "nested deeper than 64 levels");
}

TEST_CASE("events that lie across blocks are read as one") {
  std::string text = "[";
  for (int i = 0; i < 30'000; ++i) {
    text += (i == 0 ? "" : ",") + std::string(R"({"ph":"X","name":"k)") + std::to_string(i) +
            R"(","ts":1.5,"args":{"Input Dims":"[1,2];[3]","s":"a\\"}})";
  }
  text += "]";
  REQUIRE(text.size() > 2'000'000);
  const Result result = read(text, 4099);
  CHECK(result.names.size() == 30'000);
  CHECK(result.names.back() == "k29999");
  CHECK(result.report.bad_records == 0);
}

TEST_CASE("microseconds are read to the nanosecond") {
  CHECK(parse_microseconds("1736405443863674.400") == 1736405443863674400);
  CHECK(parse_microseconds("1736405443863674.400\t") == 1736405443863674400);
  CHECK(parse_microseconds("996.9599375") == 996960);
  CHECK(parse_microseconds("0.0004") == 0);
  CHECK(parse_microseconds("0.0005") == 1);
  CHECK(parse_microseconds("0.00049") == 0);
  CHECK(parse_microseconds("-1.5") == -1500);
  CHECK(parse_microseconds("7") == 7000);
  CHECK(parse_microseconds("1.69512E+15") == 1695120000000000000);
  for (const char* text :
       {"", "N/A", "nan", "1e300", "12x", "9999999999999999", "-9e15", "99999999999999999999", "-"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_microseconds(text));
  }
}
