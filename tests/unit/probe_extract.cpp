#include <doctest/doctest.h>
#include <fmt/format.h>

#include "probe/extract.hpp"

using namespace ms;

namespace {

Reading<Json> with(const char* pattern, std::string_view text, ScalarType type = ScalarType::string,
                   std::int64_t multiply = 1) {
  const RE2 compiled(pattern);
  return extract_value(text, &compiled, type, multiply);
}

Reading<Json> whole(std::string_view text, ScalarType type) {
  return extract_value(text, nullptr, type, 1);
}

}  // namespace

TEST_CASE("the first group of a pattern is the value") {
  CHECK(*with(R"(\[(\w+)\])", "always [madvise] never\n") == "madvise");
  CHECK(*with(R"((?m)^MemTotal:\s+(\d+) kB)", "MemFree: 1 kB\nMemTotal:   527448000 kB\n",
              ScalarType::integer, 1024) == 540106752000);
}

TEST_CASE("of alternatives the group that took part is the value") {
  const char* pattern = R"(a=(\d+)|b=(\d+))";
  CHECK(*with(pattern, "b=7", ScalarType::integer) == 7);
  CHECK(*with(pattern, "a=6 b=7", ScalarType::integer) == 6);
}

TEST_CASE("without a pattern the whole trimmed text is the value") {
  CHECK(*whole("  performance\n", ScalarType::string) == "performance");
  CHECK(*whole("60\n", ScalarType::integer) == 60);
  CHECK(*whole("-1\n", ScalarType::integer) == -1);
  CHECK(*whole("0.5", ScalarType::number) == 0.5);
  CHECK(*whole("Y\n", ScalarType::boolean) == true);
  CHECK(*whole("0\n", ScalarType::boolean) == false);
}

TEST_CASE("what does not match says what was expected and how the text starts") {
  CHECK(whole("sixty\n", ScalarType::integer).reason() == "expected an integer, found \"sixty\"");
  CHECK(whole("", ScalarType::integer).reason() == "is empty; expected an integer");
  CHECK(whole("maybe", ScalarType::boolean).reason() == "expected 0 or 1, found \"maybe\"");
  CHECK(with(R"(\[(\w+)\])", "garbage\nmore").reason() ==
        R"(nothing in it matches /\[(\w+)\]/; it starts with "garbage more")");
  CHECK(with(R"(\[(\w+)\])", " \n").reason() == R"(is empty; expected a match of /\[(\w+)\]/)");
}

TEST_CASE("a message shows no more than the first 60 characters, counted as characters") {
  CHECK(quoted_start(std::string(60, 'x')) == fmt::format("\"{}\"", std::string(60, 'x')));
  CHECK(quoted_start(std::string(61, 'x')) == fmt::format("\"{}\"...", std::string(60, 'x')));
  std::string chinese;
  for (int i = 0; i < 61; ++i) chinese += "中";
  CHECK(quoted_start(chinese) == fmt::format("\"{}\"...", chinese.substr(0, 180)));
}

TEST_CASE("bytes that are not UTF-8 are replaced, and control characters make no value") {
  CHECK(*whole("caf\xE9", ScalarType::string) == "caf\xEF\xBF\xBD");
  CHECK_FALSE(whole(std::string_view("a\0b", 3), ScalarType::string));
  CHECK_FALSE(whole("two\nlines", ScalarType::string));
}

TEST_CASE("a NUL at the end, as some kernels write it, is no part of the value") {
  CHECK(*whole(std::string_view("60\n\0", 4), ScalarType::integer) == 60);
  CHECK(until_nul(std::string_view("linux,kvm\0linux,dummy\0", 23)) == "linux,kvm");
}

TEST_CASE("a number that no integer holds is absent, also when multiplying makes it so") {
  CHECK_FALSE(whole("9223372036854775808", ScalarType::integer));
  CHECK(with(R"((\d+))", "9007199254740993000", ScalarType::integer, 1024).reason() ==
        "9007199254740993000 times 1024 is more than an integer holds");
}

TEST_CASE("a text that is too long for a value is none") {
  const auto value = whole(std::string(1 << 20, 'x'), ScalarType::string);
  REQUIRE_FALSE(value);
  CHECK(value.reason().starts_with("is 1048576 bytes long"));
}
