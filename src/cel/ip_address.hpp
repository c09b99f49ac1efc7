#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ms::cel {

/// An IPv4 or IPv6 address. IPv4 is kept as ::ffff:a.b.c.d, so that equal addresses have equal bytes.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  bool is_v4 = false;

  int family() const { return is_v4 ? 4 : 6; }
  int bits() const { return is_v4 ? 32 : 128; }
  bool is_unspecified() const;
  bool is_loopback() const;
  bool is_multicast() const;
  bool is_link_local_multicast() const;
  bool is_link_local_unicast() const;
  bool is_global_unicast() const;  ///< private ranges as well; not the broadcast address

  /// The address with all but the first `prefix` bits cleared.
  IpAddress masked(int prefix) const;
};

/// nullopt when it is not an address. One with a zone (fe80::1%eth0) is not, nor an IPv4 address in IPv6
/// clothes with dots (::ffff:1.2.3.4).
std::optional<IpAddress> parse_ip(std::string_view text);

/// "192.168.0.1", or IPv6 in its canonical form: lower case, the longest run of zeros as "::".
std::string to_text(const IpAddress& address);

struct IpRange {
  IpAddress address;
  int prefix = 0;

  bool contains(const IpAddress& other) const;
  bool contains(const IpRange& other) const;
};

/// "192.168.0.0/24".
std::optional<IpRange> parse_ip_range(std::string_view text);
std::string to_text(const IpRange& range);

}  // namespace ms::cel
