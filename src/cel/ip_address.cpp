#include "cel/ip_address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace ms::cel {
namespace {

constexpr std::size_t kV4Offset = 12;  // where the four bytes of IPv4 are

std::uint8_t octet(const IpAddress& address, std::size_t i) {
  return address.bytes[(address.is_v4 ? kV4Offset : 0) + i];
}

bool all_zero(const IpAddress& address, std::size_t first, std::size_t last) {
  return std::all_of(address.bytes.begin() + static_cast<std::ptrdiff_t>(first),
                     address.bytes.begin() + static_cast<std::ptrdiff_t>(last),
                     [](std::uint8_t b) { return b == 0; });
}

}  // namespace

bool IpAddress::is_unspecified() const {
  return all_zero(*this, is_v4 ? kV4Offset : 0, 16);
}

bool IpAddress::is_loopback() const {
  return is_v4 ? octet(*this, 0) == 127 : all_zero(*this, 0, 15) && bytes[15] == 1;
}

bool IpAddress::is_multicast() const {
  return is_v4 ? (octet(*this, 0) & 0xF0) == 0xE0 : bytes[0] == 0xFF;
}

bool IpAddress::is_link_local_multicast() const {
  if (is_v4) return octet(*this, 0) == 224 && octet(*this, 1) == 0 && octet(*this, 2) == 0;
  return bytes[0] == 0xFF && (bytes[1] & 0x0F) == 2;
}

bool IpAddress::is_link_local_unicast() const {
  if (is_v4) return octet(*this, 0) == 169 && octet(*this, 1) == 254;
  return bytes[0] == 0xFE && (bytes[1] & 0xC0) == 0x80;
}

bool IpAddress::is_global_unicast() const {
  const bool broadcast =
      is_v4 && std::all_of(bytes.begin() + kV4Offset, bytes.end(), [](std::uint8_t b) { return b == 255; });
  return !broadcast && !is_unspecified() && !is_loopback() && !is_multicast() && !is_link_local_unicast();
}

IpAddress IpAddress::masked(int prefix) const {
  IpAddress result = *this;
  const int first_bit = is_v4 ? 96 : 0;
  for (int bit = first_bit + prefix; bit < 128; ++bit) {
    auto& byte = result.bytes[static_cast<std::size_t>(bit / 8)];
    byte = static_cast<std::uint8_t>(byte & ~(0x80 >> bit % 8));
  }
  return result;
}

std::optional<IpAddress> parse_ip(std::string_view text) {
  const std::string terminated(text.substr(0, 64));
  if (terminated.size() != text.size() || terminated.find('\0') != terminated.npos) return std::nullopt;
  IpAddress address;
  if (text.find(':') != text.npos) {
    if (text.find('.') != text.npos) return std::nullopt;
    return inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1 ? std::optional(address)
                                                                              : std::nullopt;
  }
  address.is_v4 = true;
  address.bytes[10] = address.bytes[11] = 0xFF;
  if (inet_pton(AF_INET, terminated.c_str(), address.bytes.data() + kV4Offset) != 1) return std::nullopt;
  return address;
}

std::string to_text(const IpAddress& address) {
  if (address.is_v4) {
    return fmt::format("{}.{}.{}.{}", octet(address, 0), octet(address, 1), octet(address, 2),
                       octet(address, 3));
  }
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i) groups[i] = address.bytes[2 * i] * 256u + address.bytes[2 * i + 1];
  // The first of the longest runs of zeros, where it has two groups or more.
  std::size_t run_begin = 8;
  std::size_t run_length = 1;
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t length = 0;
    while (i + length < 8 && groups[i + length] == 0) ++length;
    if (length > run_length) {
      run_begin = i;
      run_length = length;
    }
  }
  std::string text;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == run_begin) {
      text += "::";
      i += run_length - 1;
      continue;
    }
    if (!text.empty() && !text.ends_with(':')) text += ':';
    text += fmt::format("{:x}", groups[i]);
  }
  return text;
}

bool IpRange::contains(const IpAddress& other) const {
  return other.is_v4 == address.is_v4 && other.masked(prefix).bytes == address.masked(prefix).bytes;
}

bool IpRange::contains(const IpRange& other) const {
  return other.prefix >= prefix && contains(other.address);
}

std::optional<IpRange> parse_ip_range(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const auto address = parse_ip(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  const auto prefix = parse_int(digits);
  const bool plain = !digits.empty() && digits.size() <= 3 && digits[0] >= '0' && digits[0] <= '9' &&
                     (digits.size() == 1 || digits[0] != '0');
  if (!address || !prefix || !plain || *prefix > address->bits()) return std::nullopt;
  return IpRange{*address, static_cast<int>(*prefix)};
}

std::string to_text(const IpRange& range) {
  return fmt::format("{}/{}", to_text(range.address), range.prefix);
}

}  // namespace ms::cel
