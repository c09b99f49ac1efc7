#include <doctest/doctest.h>

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

TEST_CASE("brackets that no key follows, and letters outside of texts, are errors") {
  for (const char* text : {"[?", "a = 2\xe3\x80\x82", "\xc3\xa9 = 1", "[[\x10 share", "a = 1\n[="}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_toml(text, "x.toml"), InputError);
  }
}
