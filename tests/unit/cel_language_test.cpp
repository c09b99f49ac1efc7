#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "cel/program.hpp"

using namespace ms::cel;

namespace {

std::string evaluated(std::string_view source, const Environment& environment = {}) {
  try {
    const Program program = compile(source, environment);
    Arena arena;
    return to_text(program.evaluate({}, arena));
  } catch (const CompileError& error) {
    return std::string("refused: ") + error.what();
  }
}

std::string repeated(std::string_view part, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += part;
  return text;
}

}  // namespace

TEST_CASE("operators bind as the definition says") {
  CHECK(evaluated("1 + 2 * 3 - 4 / 2") == "5");
  CHECK(evaluated("-2 * -3") == "6");
  CHECK(evaluated("!true || true") == "true");
  CHECK(evaluated("1 < 2 == true") == "true");
  CHECK(evaluated("false ? 1 : true ? 2 : 3") == "2");
  CHECK(evaluated("true || false && false") == "true");
  CHECK(evaluated("10 - 3 - 2") == "5");
  CHECK(evaluated("-9223372036854775808") == "-9223372036854775808");
  CHECK(evaluated("- -5") == "5");
}

TEST_CASE("literals are what the definition says") {
  CHECK(evaluated("0xFF") == "255");
  CHECK(evaluated(".5 + 1e3") == "1000.5");
  CHECK(evaluated(R"('\x41\u00e9\U0001F600\101\n' == "A\u00e9\U0001F600A\n")") == "true");
  CHECK(evaluated(R"(r'\d' == '\\d')") == "true");
  CHECK(evaluated("'''a'b\n''' == 'a\\'b\\n'") == "true");
  CHECK(evaluated(R"(b'\377' == b'\xff')") == "true");
  CHECK(evaluated("'a' // the rest is a comment") == "a");
  CHECK(evaluated(R"('\uD83D\uDE00' == '\U0001F600')") == "true");
}

TEST_CASE("arithmetic that does not fit is an error") {
  CHECK(evaluated("9223372036854775807 + 1") == "error (9223372036854775807 + 1 does not fit into int)");
  CHECK(evaluated("0u - 1u") == "error (0 - 1 does not fit into uint)");
  CHECK(evaluated("-9223372036854775808 / -1") == "error (-9223372036854775808 / -1 does not fit into int)");
  CHECK(evaluated("1 % 0") == "error (modulus by zero)");
  CHECK(evaluated("1 / 0") == "error (division by zero)");
  CHECK(evaluated("1.0 / 0.0") == "Infinity");
}

TEST_CASE("numbers of different types compare by value") {
  CHECK(evaluated("dyn(1) == 1.0 && dyn(1u) == 1 && 1 < 1.5 && 2u > 1") == "true");
  CHECK(evaluated("9007199254740993 > 9007199254740992.0") == "true");
  CHECK(evaluated("18446744073709551615u > 9223372036854775807") == "true");
  CHECK(evaluated("-1 < 0u") == "true");
  CHECK(evaluated("0.0 / 0.0 == 0.0 / 0.0") == "false");
  CHECK(evaluated("1.0 < 0.0 / 0.0") == "false");
  CHECK(evaluated("{1: 'a'}[dyn(1.0)]") == "a");
}

TEST_CASE("macros with two variables") {
  CHECK(evaluated("[1, 2].all(i, x, x == i + 1)") == "true");
  CHECK(evaluated("{'a': 1}.exists(k, v, k == 'a' && v == 1)") == "true");
  CHECK(evaluated("[5, 6].existsOne(i, x, i == 1)") == "true");
  CHECK(evaluated("[5, 6].transformList(i, x, i > 0, x * 2)") == "[12]");
  CHECK(evaluated("[5, 6].transformMap(i, x, x)") == "{0: 5, 1: 6}");
  CHECK(evaluated("{'a': 1, 'b': 1}.transformMapEntry(k, v, {v: k})") ==
        "error (the map has the key 1 twice)");
}

TEST_CASE("a syntax error says what was expected, and where") {
  CHECK(evaluated("1 +") == "refused: expected a value, but the expression ends here");
  CHECK(evaluated("(1") == "refused: expected ')', but the expression ends here");
  CHECK(evaluated("a b") == "refused: expected an operator or the end, not 'b'");
  CHECK(evaluated("a = 1") == "refused: '=' is not an operator; '==' compares");
  CHECK(evaluated("'abc") == "refused: this string is not closed");
  CHECK(evaluated("for") == "refused: 'for' is a reserved word");
  CHECK(evaluated("9223372036854775808") == "refused: this int does not fit into 64 bits");
  CHECK(evaluated("'\\q'") == "refused: no such escape; a backslash itself is written \\\\");
  CHECK(evaluated("[1].all(1, true)") == "refused: all() takes the name of a variable here");
  CHECK(evaluated("has(1)") == "refused: has() takes a selection: has(a.b)");
  CHECK(evaluated("1foo") == "refused: a number must not run into a name");
}

TEST_CASE("hostile nesting is refused, not followed") {
  Environment environment;
  environment.limits.source_bytes = 10'000'000;
  for (const std::string& source :
       {repeated("(", 1'000'000), repeated("-", 1'000'000), repeated("!", 1'000'000),
        repeated("[", 1'000'000), repeated("{1:", 300'000), "1" + repeated("+1", 500'000),
        "dyn(1)" + repeated(".a", 500'000), "dyn(1)" + repeated("[0]", 300'000),
        repeated("true ? 1 : ", 90'000) + "1"}) {
    CHECK(evaluated(source, environment).starts_with("refused: "));
  }
  CHECK(evaluated(repeated("(", 1'000'000), environment) ==
        "refused: nested more than 128 deep (limit nesting)");
  CHECK(evaluated(repeated("-", 1'000'000), environment) ==
        "refused: more than 512 operators in a row (limit chain)");
  CHECK(evaluated(repeated(" ", 70'000)) ==
        "refused: the expression is longer than 65536 bytes (limit source_bytes)");
}

TEST_CASE("what the definition asks for at least is within the limits") {
  CHECK(evaluated(repeated("(", 32) + "7" + repeated(")", 32)) == "7");
  CHECK(evaluated(repeated("false || ", 5000) + "true") == "true");
  CHECK(evaluated("1" + repeated(" + 1", 400)) == "401");
}

TEST_CASE("an evaluation that costs too much ends in an error that names the limit") {
  Environment environment;
  environment.limits.steps = 10'000;
  const std::string loops = "lists.range(1000).all(a, lists.range(1000).all(b, a + b >= 0))";
  CHECK(evaluated(loops, environment) == "error (more than 10000 evaluation steps (limit steps))");
  std::string doubling = "size(x0)";
  for (int i = 1; i <= 40; ++i) {
    const std::string before = "x" + std::to_string(i);
    const std::string name = "x" + std::to_string(i - 1);
    doubling = "cel.bind(" + name + ", " + before + " + " + before + ", " + doubling + ")";
  }
  CHECK(evaluated("cel.bind(x40, string([1].map(x, x)[0]), " + doubling + ")").find("limit memory_bytes") !=
        std::string::npos);
  const std::string deep =
      "[1].all(a, [1].all(b, [1].all(c, [1].all(d, [1].all(e, [1].all(f, [1].all(g, [1].all(h, [1].all(i, "
      "true)))))))))";
  CHECK(evaluated(deep) ==
        "refused: more than 8 comprehensions inside each other (limit comprehension_nesting)");
}

TEST_CASE("a name is looked up in the container first, and from the root after a dot") {
  Environment environment;
  environment.set_container("a.b").declare("a.b.x", Type::integer()).declare("x", Type::string());
  const Value one = Value::integer(1);
  const Value root = Value::string("root");
  Activation activation;
  activation.bind("a.b.x", one).bind("x", root);
  Arena arena;
  CHECK(compile("x + 1", environment).evaluate(activation, arena).as_int() == 2);
  CHECK(compile(".x + '!'", environment).evaluate(activation, arena).as_string() == "root!");
  CHECK(compile("[5].exists(x, x == 5)", environment).evaluate(activation, arena).is_true());
}

TEST_CASE("without checking, what does not fit is an error of the evaluation") {
  Environment environment;
  environment.set_checking(false);
  CHECK(evaluated("nothing || true", environment) == "true");
  CHECK(evaluated("nothing", environment) == "error (nothing is called 'nothing')");
  CHECK(evaluated("f(1) || true", environment) == "true");
  CHECK(evaluated("'a' < 1", environment) == "error ('<' does not take string and int)");
}

TEST_CASE("constants are computed once, but an error among them still can be absorbed") {
  CHECK(evaluated("true || 1 / 0 == 1") == "true");
  CHECK(evaluated("[1 + 1, 2 * 3][1]") == "6");
  CHECK(evaluated("2 in [1, 2, 3]") == "true");
}

TEST_CASE("an arena serves one evaluation after another") {
  const Environment environment;
  const Program program = compile("lists.range(2000).map(x, string(x)).join(',').size()", environment);
  Arena arena;
  for (int i = 0; i < 50; ++i) {
    CHECK(program.evaluate({}, arena).as_int() == 8889);
    arena.reset();
  }
}
