#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/error.hpp"
#include "base/json.hpp"
#include "fleet/record_scan.hpp"

using namespace ms;

namespace {

std::string record_with(const std::string& bytes) {
  return fmt::format(R"({{"schema": "msprecheck.facts/1", "facts": {{"memory": {{"total_bytes": {}}}}}}})",
                     bytes);
}

}  // namespace

TEST_CASE("a number of a record that fits no double is refused, as by the reader of whole documents") {
  const std::vector<FactSpec> facts = {
      {.path = "memory.total_bytes", .type_text = "int", .unit = "bytes", .doc = {}}};
  const DifferenceTable table = DifferenceTable::builtin();
  RecordScanner scanner(facts, table);
  // The largest double is 1.797...e308.
  for (const std::string& number : {std::string("1.9e308"), std::string("1e999"), std::string(400, '9')}) {
    const std::string text = record_with(number);
    CHECK_THROWS_AS(scanner.scan(text, "a.json"), InputError);
    CHECK_THROWS_AS(parse_json(text, "a.json"), InputError);
  }
  for (const char* number : {"1.7e308", "-0.5", "540000000000"}) {
    const std::string text = record_with(number);
    scanner.scan(text, "a.json");
    CHECK(scanner.fact(scanner.slot("memory.total_bytes")).present);
  }
}
