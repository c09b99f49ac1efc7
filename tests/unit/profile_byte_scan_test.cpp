#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>

#include "profile/byte_scan.hpp"

using namespace ms::profile;

namespace {

// Bytes of which many are those looked for, or differ from them in one bit.
std::string random_bytes(std::mt19937& random, std::size_t size) {
  constexpr std::string_view kLikely = ",\n\"-\x0b\"\xac\x8a\x22\x21\x2d,";
  std::string text;
  for (std::size_t i = 0; i < size; ++i)
    text += random() % 3 == 0 ? static_cast<char>(random() % 256) : kLikely[random() % kLikely.size()];
  return text;
}

}  // namespace

TEST_CASE("64 bytes are marked as one by one, whatever stands beside them") {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    const std::string text = random_bytes(random, 64);
    std::uint64_t expected = 0;
    for (std::size_t i = 0; i < 64; ++i) {
      if (text[i] == ',' || text[i] == '\n' || text[i] == '"') expected |= std::uint64_t{1} << i;
    }
    CHECK(mark_64_bytes(text.data(), ',', '\n', '"') == expected);
  }
}

TEST_CASE("the first byte is found at every length and offset") {
  std::mt19937 random(8);
  const auto is_comma_or_line_end = [](std::uint64_t word) {
    return equal_bytes(word, repeat(',')) | equal_bytes(word, repeat('\n'));
  };
  for (int round = 0; round < 2000; ++round) {
    const std::string text = random_bytes(random, random() % 40);
    const std::size_t expected = std::min(text.find_first_of(",\n"), text.size());
    const char* const end = text.data() + text.size();
    CHECK(find_byte(text.data(), end, is_comma_or_line_end) == text.data() + expected);
  }
}
