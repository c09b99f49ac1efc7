#include <doctest/doctest.h>

#include <set>
#include <string>

#include "cel/cpu_list.hpp"
#include "cel/program.hpp"

using namespace ms::cel;

TEST_CASE("the example of every function and operator in the documentation is true") {
  const Environment environment;
  for (const FunctionDoc& doc : function_docs()) {
    const std::string signature(doc.signature);
    const std::string example(doc.example);
    CAPTURE(signature);
    CAPTURE(example);
    REQUIRE_FALSE(doc.summary.empty());
    Arena arena;
    std::string shown;
    try {
      const Program program = compile(example, environment);
      shown = to_text(program.evaluate({}, arena));
    } catch (const CompileError& error) {
      shown = error.what();
    }
    CHECK(shown == "true");
  }
}

TEST_CASE("every entry of the documentation is there once") {
  std::set<std::string_view> signatures;
  for (const FunctionDoc& doc : function_docs()) CHECK(signatures.insert(doc.signature).second);
  CHECK(signatures.size() > 150);
}

TEST_CASE("CPU lists are read and written as Linux does") {
  const auto cpus = [](std::string_view text) { return parse_cpu_list(text); };
  CHECK(cpus("0-3,8") == std::vector<std::int64_t>{0, 1, 2, 3, 8});
  CHECK(cpus("") == std::vector<std::int64_t>{});
  CHECK(cpus("4,1-2, 2\n") == std::vector<std::int64_t>{1, 2, 4});
  CHECK_FALSE(cpus("3-1").has_value());
  CHECK_FALSE(cpus("1,").has_value());
  CHECK_FALSE(cpus("-1").has_value());
  CHECK_FALSE(cpus("0-99999999").has_value());
  CHECK(format_cpu_list({96, 97, 98, 0, 1, 5}) == "0-1,5,96-98");
  CHECK(format_cpu_list({}) == "");
}

TEST_CASE("functions of one's own join the table") {
  Environment environment;
  environment.add_function({.signature = "twice(int) -> int",
                            .summary = "",
                            .example = "",
                            .implementation = [](std::span<const Value> args, EvalContext&) {
                              return Value::integer(args[0].as_int() * 2);
                            }});
  environment.add_function(
      {.signature = "size(bool) -> int",
       .summary = "",
       .example = "",
       .implementation = [](std::span<const Value>, EvalContext&) { return Value::integer(1); }});
  Arena arena;
  CHECK(compile("twice(21)", environment).evaluate({}, arena).as_int() == 42);
  CHECK(compile("size(true) + size('ab')", environment).evaluate({}, arena).as_int() == 3);
  CHECK_THROWS_AS(compile("twice('a')", environment), CompileError);
  CHECK_THROWS_AS(environment.add_function({.signature = "nonsense", .summary = "", .example = ""}),
                  std::invalid_argument);
}
