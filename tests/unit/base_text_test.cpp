#include <doctest/doctest.h>

#include "base/closest_match.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "base/units.hpp"

using namespace ms;

TEST_CASE("a size is read in binary units with or without the i, and in decimal units with a B") {
  CHECK(parse_size_bytes("32GiB") == 34359738368);
  CHECK(parse_size_bytes("32 G") == 34359738368);
  CHECK(parse_size_bytes("65536MiB") == 68719476736);
  CHECK(parse_size_bytes("64GB") == 64000000000);
  CHECK(parse_size_bytes("1.5k") == 1536);
  CHECK(parse_size_bytes("4096") == 4096);
}

TEST_CASE("what is not a size is refused") {
  for (const char* text : {"", "GiB", "-1GiB", "1..5G", "32 parsecs", "9e99", "99999999999TiB", "0x10"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_size_bytes(text).has_value());
  }
}

TEST_CASE("sizes are shown with one decimal, and without it where it is zero") {
  CHECK(format_bytes(34359738368) == "32 GiB");
  CHECK(format_bytes(57344) == "56 KiB");
  CHECK(format_bytes(31782558925) == "29.6 GiB");
  CHECK(format_bytes(512) == "512 B");
  CHECK(format_bytes((std::int64_t{1} << 40) - 1) == "1 TiB");
}

TEST_CASE("a swap of two letters is one edit, and case costs nothing") {
  CHECK(edit_distance("severty", "severity", 5) == 1);
  CHECK(edit_distance("govrenor", "governor", 5) == 1);
  CHECK(edit_distance("MINDIE", "mindie", 5) == 0);
  CHECK(edit_distance("kitten", "sitting", 5) == 3);
  CHECK(edit_distance("abc", "xyz", 1) == 2);
}

TEST_CASE("the closest word is suggested, and nothing where none is near") {
  const std::vector<std::string> words = {"severity", "source", "title"};
  CHECK(closest_match("severty", words) == "severity");
  CHECK_FALSE(closest_match("banana", words).has_value());
  CHECK(did_you_mean(closest_match("titel", words)) == "; did you mean 'title'?");
}

TEST_CASE("a shell word is quoted only where that is needed") {
  CHECK(shell_quote("expandable_segments:True") == "expandable_segments:True");
  CHECK(shell_quote("a b") == "'a b'");
  CHECK(shell_quote("it's") == "'it'\\''s'");
  CHECK(shell_quote("$(reboot)") == "'$(reboot)'");
  CHECK(shell_quote("") == "''");
}

TEST_CASE("bytes that are not UTF-8 become the replacement character") {
  CHECK(sanitize_utf8("caf\xC3\xA9") == "caf\xC3\xA9");
  CHECK(sanitize_utf8("\xFFok") == "\xEF\xBF\xBDok");
  CHECK(sanitize_utf8("\xED\xA0\x80").find('\xED') == std::string::npos);
  CHECK(sanitize_utf8("\xE5\x8F") == "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("a Chinese character is two columns wide") {
  CHECK(display_width("算子 ok") == 7);
  CHECK(display_width("plain") == 5);
}

TEST_CASE("an excerpt of a file without line ends is what is around the caret") {
  CHECK(caret_excerpt("{\"a\" 1}", {1, 6}) == "  {\"a\" 1}\n       ^");
  const std::string zeros(1000, '0');
  // 80 bytes before the place, 80 from it on.
  CHECK(caret_excerpt(zeros + "x" + zeros, {1, 1001}) ==
        "  …" + std::string(80, '0') + "x" + std::string(79, '0') + "…\n  " + std::string(81, ' ') + "^");
  CHECK(caret_excerpt("x" + zeros, {1, 1}) == "  x" + std::string(159, '0') + "…\n  ^");
  // No character is cut: "é" is two bytes, and one that begins 81 bytes before the place is kept whole.
  std::string accents;
  for (int i = 0; i < 500; ++i) accents += "é";
  const std::string excerpt = caret_excerpt("x" + accents, {1, 502});
  CHECK(sanitize_utf8(excerpt) == excerpt);
  CHECK_FALSE(caret_excerpt(std::string(1000, '\x80'), {1, 500}).empty());
}
