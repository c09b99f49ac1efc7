#include "cel/utf8.hpp"

namespace ms::cel {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;

// Length of the valid sequence at `position`; 0 when there is none. Sets the code point.
std::size_t sequence(std::string_view text, std::size_t position, std::uint32_t& code_point) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[position + i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    code_point = lead;
    return 1;
  }
  const std::size_t length = lead >= 0xF0 && lead < 0xF8 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 0;
  if (length == 0 || lead >= 0xF8 || position + length > text.size()) return 0;
  code_point = lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    code_point = code_point << 6 | (byte(i) & 0x3Fu);
  }
  constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xD800 && code_point < 0xE000;
  return code_point < kSmallest[length] || code_point > 0x10FFFF || surrogate ? 0 : length;
}

}  // namespace

std::size_t encode_utf8(std::uint32_t code_point, char* out) {
  const auto put = [&](std::size_t i, std::uint32_t bits) { out[i] = static_cast<char>(bits); };
  const auto tail = [&](int shift) { return 0x80 | ((code_point >> shift) & 0x3F); };
  if (code_point < 0x80) {
    put(0, code_point);
    return 1;
  }
  if (code_point < 0x800) {
    put(0, 0xC0 | code_point >> 6);
    put(1, tail(0));
    return 2;
  }
  if (code_point < 0x10000) {
    put(0, 0xE0 | code_point >> 12);
    put(1, tail(6));
    put(2, tail(0));
    return 3;
  }
  put(0, 0xF0 | code_point >> 18);
  put(1, tail(12));
  put(2, tail(6));
  put(3, tail(0));
  return 4;
}

std::uint32_t decode_utf8(std::string_view text, std::size_t& position) {
  std::uint32_t code_point = 0;
  const std::size_t length = sequence(text, position, code_point);
  position += length == 0 ? 1 : length;
  return length == 0 ? kReplacement : code_point;
}

bool is_valid_utf8(std::string_view text) {
  std::uint32_t code_point = 0;
  std::size_t i = 0;
  while (i < text.size() && static_cast<unsigned char>(text[i]) < 0x80) ++i;  // nearly always the end
  while (i < text.size()) {
    const std::size_t length = sequence(text, i, code_point);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++count) decode_utf8(text, i);
  return count;
}

std::size_t offset_of_code_point(std::string_view text, std::size_t index) {
  std::size_t position = 0;
  for (; index > 0; --index) {
    if (position >= text.size()) return std::string_view::npos;
    decode_utf8(text, position);
  }
  return position;
}

}  // namespace ms::cel
