#include <doctest/doctest.h>

#include "base/byte_source.hpp"
#include "profile/csv.hpp"
#include "profile/rows.hpp"

using namespace ms;
using namespace ms::profile;

namespace {

// All records of a text that is read in blocks of `block` bytes, cells joined by '|'.
std::vector<std::string> records(std::string_view text, FileReport& report, std::size_t block = SIZE_MAX) {
  const auto source = text_source(text, block);
  CsvReader reader(*source, report);
  std::vector<std::string> found;
  while (reader.next()) {
    std::string joined;
    for (const std::string_view cell : reader.cells()) joined += std::string(cell) + "|";
    found.push_back(std::to_string(reader.line()) + ":" + joined);
  }
  return found;
}

}  // namespace

TEST_CASE("CSV: quotes, line ends inside them, marks and blank lines") {
  const std::string text =
      "\xef\xbb\xbf"
      "a,b,c\r\n\r\n1,\"x,y\",3\n\"two\nlines\",\"he said \"\"no\"\"\",\n,,last";
  const std::vector<std::string> expected = {"1:a|b|c|", "3:1|x,y|3|", "4:two\nlines|he said \"no\"||",
                                             "6:||last|"};
  for (const std::size_t block : {std::size_t{1}, std::size_t{2}, std::size_t{7}, SIZE_MAX}) {
    FileReport report;
    CHECK(records(text, report, block) == expected);
    CHECK(report.bad_records == 0);
  }
}

TEST_CASE("CSV: a quote that is wrong costs its line only") {
  FileReport report;
  report.path = "batch.csv";
  const auto found = records("1,2\nx,\"cut off here\nBatch,\"[{'rid': 1}]\",3\n4,5\n\"open\n6,7\n", report);
  CHECK(found == std::vector<std::string>{"1:1|2|", "3:Batch|[{'rid': 1}]|3|", "4:4|5|", "6:6|7|"});
  CHECK(report.bad_records == 2);
  REQUIRE(report.first_bad.size() == 2);
  CHECK(report.first_bad[0].place == "batch.csv:2");
  CHECK(report.first_bad[1].place == "batch.csv:5");
}

TEST_CASE("CSV: with a header, records of too many cells and a last line that is cut off are left out") {
  FileReport report;
  report.path = "t.csv";
  const auto source = text_source("name,during_time(ms),dp rank\na,1,0\nb,2,0,9\nc,3\nd,4,,,\ne,5");
  CsvReader reader(*source, report);
  const CsvHeader header = reader.read_header();
  CHECK(header.column({"Duration", "During Time (ms)"}) == 1);
  CHECK(header.column({"dp_rank"}) == 2);
  CHECK_FALSE(header.column({"rank"}));
  std::string names;
  while (reader.next())
    names += std::string(cell_of(reader.cells(), 0)) + std::string(cell_of(reader.cells(), 2));
  CHECK(names == "a0cd");
  CHECK(report.bad_records == 2);
  CHECK(report.first_bad[0].reason == "4 cells, the header has 3");
}

TEST_CASE("CSV: a long record is passed over, and what follows is read") {
  FileReport report;
  const std::string text = "a,\"" + std::string(CsvReader::kMaxRecordBytes + 10, 'x') + "\nb,1\n";
  CHECK(records(text, report) == std::vector<std::string>{"2:b|1|"});
  CHECK(report.bad_records == 1);
}

TEST_CASE("CSV: how many rows there will be is told by what was parsed, not by what was read ahead") {
  std::string text = "a,b\n";
  constexpr std::size_t kRows = 50'000;
  for (std::size_t i = 0; i < kRows; ++i) text += "12345,67890\n";
  const auto source = text_source(text);
  FileReport report;
  report.bytes = text.size();
  CsvRows rows(*source, report);
  for (int i = 0; i < 4096; ++i) REQUIRE(rows.next());
  CHECK(rows.expected() >= kRows);
  CHECK(rows.expected() <= kRows * 11 / 10);
}

TEST_CASE("numbers of cells: units, blanks and words for nothing") {
  CHECK(parse_number("213.2031 ms") == 213.2031);
  CHECK(parse_quantity("213.2031 ms")->unit == "ms");
  CHECK(parse_number("3000( 100.0% )") == 3000);
  CHECK(parse_number(" +1e3\t") == 1000);
  CHECK(parse_number("-.5") == -0.5);
  for (const char* none : {"", " ", "/", "N/A", "nan", "None", "<NA>", "inf", "-inf", "1e999", "abc", "-"}) {
    INFO(none);
    CHECK_FALSE(parse_number(none));
  }
  CHECK(is_blank("<NA>"));
  CHECK_FALSE(is_blank("0"));
  CHECK(*parse_seconds("1369651.9990 us", 1e-3) == doctest::Approx(1.369651999));
  CHECK(*parse_seconds("12", 1e-3) == doctest::Approx(0.012));
  CHECK(*parse_seconds("49.0549 s", 1e-3) == doctest::Approx(49.0549));
}
