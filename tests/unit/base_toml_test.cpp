#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/toml.hpp"

using namespace ms;

namespace {

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

// A file of `count` rules of four lines each, long enough to be read in several pieces from some 200 on. The
// rule with number `odd` has these lines more.
std::string many_rules(int count, int odd, const std::string& more) {
  std::string text = "[constants]\nlimit = 1\n";
  for (int i = 0; i < count; ++i) {
    text += fmt::format("[[rule]]\nid = \"R-{}\"\nnote = \"{}\"\n{}  [rule.fix]\n  unset = {}\n", i,
                        std::string(300, 'x'), i == odd ? more : "", i);
  }
  return text;
}

}  // namespace

TEST_CASE("an unknown key is an error with its place and the closest key") {
  const TomlTable root = parse_toml("[rule]\nid = 'X'\nseverty = 'error'\n", "rules/mine.toml");
  const TomlTable rule = *root.optional_table("rule");
  rule.string("id");
  rule.optional_string("severity");
  CHECK(message_of([&] { rule.finish(); }) ==
        "rules/mine.toml:3:1: unknown key 'severty'; did you mean 'severity'?");
}

TEST_CASE("a value of the wrong type is an error at the value") {
  const TomlTable root = parse_toml("a = 1\nb = \"x\"\n", "f.toml");
  CHECK(message_of([&] { root.string("a"); }) == "f.toml:1:5: 'a' must be a string, not an integer");
  CHECK(message_of([&] { root.optional_int("b"); }) == "f.toml:2:5: 'b' must be an integer, not a string");
  CHECK(message_of([&] { root.string("c"); }) == "f.toml:1:1: 'c' is missing");
}

TEST_CASE("a text must be there in both languages") {
  const TomlTable root = parse_toml("t = { en = \"a\" }\nu = { en = \"a\", zh = \"\" }\n", "f.toml");
  CHECK(message_of([&] { root.text("t"); }).find("'zh' is missing") != std::string::npos);
  CHECK(message_of([&] { root.text("u"); }) == "f.toml:2:5: 'u' is empty in one language");
}

TEST_CASE("an error inside a string is placed at the byte that it is about") {
  // Column 9 is the opening quote; offset 4 in the value is the 'X'.
  const TomlTable literal = parse_toml("check = 'a + X'\n", "f.toml");
  CHECK(message_of([&] { literal.fail_in_string("check", 4, "no X"); }) == "f.toml:1:14: no X");
  // An escaped quote takes two bytes in the file and one in the value.
  const TomlTable basic = parse_toml("check = \"\\\"a\\\" X\"\n", "f.toml");
  CHECK(message_of([&] { basic.fail_in_string("check", 4, "no X"); }) == "f.toml:1:16: no X");
  const TomlTable block = parse_toml("check = '''\na &&\n X'''\n", "f.toml");
  CHECK(message_of([&] { block.fail_in_string("check", 6, "no X"); }) == "f.toml:3:2: no X");
}

TEST_CASE("text that is not TOML is an error with line, column and caret") {
  try {
    parse_toml("a = 1\nb = [\n", "f.toml");
    FAIL("accepted");
  } catch (const InputError& e) {
    CHECK(e.position()->line >= 2);
    CHECK(e.excerpt().find('^') != std::string::npos);
  }
}

TEST_CASE("a long file is read as a short one is: order, places and tables below an element") {
  const TomlTable root = parse_toml(many_rules(1000, -1, ""), "f.toml");
  CHECK(*root.optional_table("constants")->optional_int("limit") == 1);
  const std::vector<TomlTable> rules = root.tables("rule");
  REQUIRE(rules.size() == 1000);
  for (int i = 0; i < 1000; ++i) {
    const TomlTable& rule = rules[static_cast<std::size_t>(i)];
    CHECK(rule.string("id") == fmt::format("R-{}", i));
    CHECK(*rule.optional_table("fix")->optional_int("unset") == i);
    // Two lines of constants, five of each rule before; the table begins at "[[rule]]".
    CHECK(rule.position().line == 3 + 5 * i);
    CHECK(rule.position("id").column == 6);
  }
}

TEST_CASE("a text of several lines that looks like an element is a text in a long file as well") {
  std::string lines = "why = \"\"\"\n";
  for (int i = 0; i < 3000; ++i) lines += "[[rule]]\nid = 'not a rule'\n";
  const TomlTable root = parse_toml(many_rules(100, 50, lines + "\"\"\"\n"), "f.toml");
  const std::vector<TomlTable> rules = root.tables("rule");
  REQUIRE(rules.size() == 100);
  CHECK(rules[50].string("why").size() == 3000 * std::string("[[rule]]\nid = 'not a rule'\n").size());
  CHECK(rules[51].position().line == 3 + 5 * 51 + 6002);
}

TEST_CASE("a mistake in a long file is at its line; a table that comes twice is one") {
  const std::string source = "f.toml";
  // Rule 900 begins at line 3 + 4500; the lines of its id and note follow it.
  const auto message = message_of([&] { parse_toml(many_rules(1000, 900, "bad = \n"), source); });
  CHECK(message.find("f.toml:4506:") == 0);
  CHECK(message_of([&] {
          parse_toml(many_rules(1000, -1, "") + "[constants]\nlimit = 2\n", source);
        }).find("f.toml:5003:") == 0);
}

TEST_CASE("brackets that no key follows, and letters outside of texts, are errors") {
  for (const char* text : {"[?", "a = 2\xe3\x80\x82", "\xc3\xa9 = 1", "[[\x10 share", "a = 1\n[="}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_toml(text, "x.toml"), InputError);
  }
}
