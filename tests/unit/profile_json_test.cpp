#include <doctest/doctest.h>

#include "base/byte_source.hpp"
#include "profile/json_cursor.hpp"
#include "profile/json_elements.hpp"
#include "profile/lines.hpp"

using namespace ms;
using namespace ms::profile;

namespace {

std::vector<std::string> elements(std::string_view text, FileReport& report, std::string_view member = {},
                                  std::size_t block = SIZE_MAX) {
  const auto source = text_source(text, block);
  JsonElements reader(*source, report, member);
  std::vector<std::string> found;
  while (reader.next()) {
    found.push_back(std::to_string(reader.line()) + ":" + std::string(reader.key()) + "=" +
                    std::string(reader.text()));
  }
  return found;
}

}  // namespace

TEST_CASE("elements of a JSON file, whatever the blocks that it is read in") {
  const std::string object = "{\n\"a\": {\"x\": \"}\\\"]\\\\\"},\n \"b\" : [1, [2]], \"c\":3.5 ,\"d\":\"s\"}";
  const std::vector<std::string> members = {"2:a={\"x\": \"}\\\"]\\\\\"}", "3:b=[1, [2]]", "3:c=3.5",
                                            "3:d=\"s\""};
  const std::string trace = "{\"meta\":{\"list\":[1]},\n\"traceEvents\":[{\"ph\":\"X\"},{}\n,7]}";
  const std::vector<std::string> events = {"2:={\"ph\":\"X\"}", "2:={}", "3:=7"};
  for (const std::size_t block : {std::size_t{1}, std::size_t{3}, std::size_t{11}, SIZE_MAX}) {
    FileReport report;
    CHECK(elements(object, report, {}, block) == members);
    CHECK(elements(trace, report, "traceEvents", block) == events);
    CHECK(elements("[{\"ph\":\"X\"}]", report, "traceEvents", block).size() == 1);
    CHECK(report.bad_records == 0);
  }
}

TEST_CASE("an element that is as long as its place in the block takes nothing of what follows") {
  // In blocks of four bytes 11 begins at the second and is two long when the next block moves it to the
  // front.
  for (std::size_t block = 1; block <= 5; ++block) {
    CAPTURE(block);
    FileReport report;
    CHECK(elements("[ 11][2]", report, {}, block) == std::vector<std::string>{"1:=11"});
    CHECK(report.notes.empty());
  }
}

TEST_CASE("a JSON file that is cut off or is none keeps what came before") {
  FileReport report;
  report.path = "r.json";
  CHECK(elements("{\"1\":{\"a\":1},\n\"2\":{\"a\":[1,", report).size() == 1);
  REQUIRE(report.bad_records == 1);
  CHECK(report.first_bad[0].place == "r.json:2");
  for (const char* text : {"", "  ", "7", "nonsense", "{\"a\"", "{\"a\":", "{\"a\" 1}", "[\"x"}) {
    FileReport one;
    INFO(text);
    CHECK(elements(text, one).empty());
    CHECK(one.bad_records >= 1);
  }
  // Chrome's traces may lack the last bracket.
  FileReport open;
  CHECK(elements("[{\"a\":1},", open).size() == 1);
  CHECK(open.bad_records == 0);
  CHECK(open.notes.size() == 1);
}

TEST_CASE("a walk through a JSON text") {
  JsonCursor json(
      R"({"n": -1.5e3, "i": 42, "s": "a\u00e9\n\ud83d\ude00", "nan": NaN, "list": [1, "2", {"x": []}], "t": true})");
  std::optional<double> n;
  std::optional<double> i;
  std::optional<double> nan = 1;
  std::optional<std::string> s;
  int count = 0;
  std::string rest;
  const bool whole = json.object([&](std::string_view name) {
    if (name == "n") {
      n = json.number();
    } else if (name == "i") {
      i = json.number();
    } else if (name == "nan") {
      nan = json.number();
    } else if (name == "s") {
      s = json.string();
    } else if (name == "list") {
      json.array([&] {
        ++count;
        json.skip();
      });
    } else {
      rest += json.skip();
    }
  });
  CHECK(whole);
  CHECK(json.at_end());
  CHECK(n == -1500);
  CHECK(i == 42);
  CHECK_FALSE(nan);
  CHECK(s == "a\xc3\xa9\n\xf0\x9f\x98\x80");
  CHECK(count == 3);
  CHECK(rest == "true");
}

TEST_CASE("a walk through a broken JSON text ends and says so") {
  for (const std::string& text : {std::string("{\"a\":1"), std::string("{\"a\" 1}"), std::string("[1 2]"),
                                  std::string("{\"a\":\"x}"), std::string(5000, '[')}) {
    JsonCursor json(text);
    json.skip();
    CHECK(json.failed());
  }
}

TEST_CASE("lines, whatever the blocks that they are read in") {
  for (const std::size_t block : {std::size_t{1}, std::size_t{4}, SIZE_MAX}) {
    const auto source = text_source("one\r\n\ntwo", block);
    LineReader reader(*source);
    std::string joined;
    while (reader.next()) joined += std::to_string(reader.line()) + ":" + std::string(reader.text()) + ";";
    CHECK(joined == "1:one;2:;3:two;");
  }
}
