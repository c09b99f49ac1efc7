#include <fmt/format.h>

#include "cel/ip_address.hpp"
#include "cel/library.hpp"

namespace ms::cel {
namespace {

using Arguments = std::span<const Value>;

template <class T>
struct NetValue : Opaque {
  T content;
};

template <class T>
const T& content_of(const Opaque& value) {
  return static_cast<const NetValue<T>&>(value).content;
}

constexpr OpaqueType kIpType = {
    .name = "net.IP",
    .equal = [](const Opaque& a,
                const Opaque& b) { return content_of<IpAddress>(a).bytes == content_of<IpAddress>(b).bytes; },
    .compare = nullptr,
    .to_text = [](const Opaque& value) { return to_text(content_of<IpAddress>(value)); },
};

constexpr OpaqueType kRangeType = {
    .name = "net.CIDR",
    .equal =
        [](const Opaque& a, const Opaque& b) {
          const IpRange& left = content_of<IpRange>(a);
          const IpRange& right = content_of<IpRange>(b);
          return left.address.bytes == right.address.bytes && left.prefix == right.prefix &&
                 left.address.is_v4 == right.address.is_v4;
        },
    .compare = nullptr,
    .to_text = [](const Opaque& value) { return to_text(content_of<IpRange>(value)); },
};

template <class T>
Value wrapped(const T& content, const OpaqueType& type, EvalContext& context) {
  auto* const value = context.arena.make<NetValue<T>>();
  value->type = &type;
  value->content = content;
  return Value::opaque(*value);
}

const IpAddress& address_of(const Value& value) {
  return content_of<IpAddress>(value.as_opaque());
}
const IpRange& range_of(const Value& value) {
  return content_of<IpRange>(value.as_opaque());
}

Value not_an(std::string_view what, std::string_view text, EvalContext& context) {
  return context.invalid_argument(fmt::format("'{}' is not {}", text.substr(0, 80), what));
}
Value not_an_ip(const Value& text, EvalContext& context) {
  return not_an("an IP address", text.as_string(), context);
}
Value not_a_range(const Value& text, EvalContext& context) {
  return not_an("an address range (\"192.168.0.0/24\")", text.as_string(), context);
}

Value ip(Arguments args, EvalContext& context) {
  const auto address = parse_ip(args[0].as_string());
  return address ? wrapped(*address, kIpType, context) : not_an_ip(args[0], context);
}

Value cidr(Arguments args, EvalContext& context) {
  const auto range = parse_ip_range(args[0].as_string());
  return range ? wrapped(*range, kRangeType, context) : not_a_range(args[0], context);
}

Value is_ip(Arguments args, EvalContext&) {
  return Value::boolean(parse_ip(args[0].as_string()).has_value());
}
Value is_cidr(Arguments args, EvalContext&) {
  return Value::boolean(parse_ip_range(args[0].as_string()).has_value());
}

Value is_canonical(Arguments args, EvalContext& context) {
  const auto address = parse_ip(args[0].as_string());
  return address ? Value::boolean(to_text(*address) == args[0].as_string()) : not_an_ip(args[0], context);
}

template <bool (IpAddress::*kProperty)() const>
Value property(Arguments args, EvalContext&) {
  return Value::boolean((address_of(args[0]).*kProperty)());
}

Value family(Arguments args, EvalContext&) {
  return Value::integer(address_of(args[0]).family());
}
Value text_of(Arguments args, EvalContext& context) {
  return context.string(to_text(args[0]));
}

Value contains_ip(Arguments args, EvalContext&) {
  return Value::boolean(range_of(args[0]).contains(address_of(args[1])));
}
Value contains_ip_text(Arguments args, EvalContext& context) {
  const auto address = parse_ip(args[1].as_string());
  return address ? Value::boolean(range_of(args[0]).contains(*address)) : not_an_ip(args[1], context);
}
Value contains_cidr(Arguments args, EvalContext&) {
  return Value::boolean(range_of(args[0]).contains(range_of(args[1])));
}
Value contains_cidr_text(Arguments args, EvalContext& context) {
  const auto range = parse_ip_range(args[1].as_string());
  return range ? Value::boolean(range_of(args[0]).contains(*range)) : not_a_range(args[1], context);
}

Value address_of_range(Arguments args, EvalContext& context) {
  return wrapped(range_of(args[0]).address, kIpType, context);
}
Value masked(Arguments args, EvalContext& context) {
  const IpRange& range = range_of(args[0]);
  return wrapped(IpRange{range.address.masked(range.prefix), range.prefix}, kRangeType, context);
}
Value prefix_length(Arguments args, EvalContext&) {
  return Value::integer(range_of(args[0]).prefix);
}

constexpr FunctionEntry kEntries[] = {
    {"ip(string) -> net.IP", "An IPv4 or IPv6 address.", "ip('192.168.0.1') == ip('192.168.0.1')", ip},
    {"isIP(string) -> bool", "Whether a text is an address.", "isIP('::1') && !isIP('1.2.3')", is_ip},
    {"ip.isCanonical(string) -> bool", "Whether an address is written in its canonical form.",
     "!ip.isCanonical('2001:DB8::68')", is_canonical},
    {"string(net.IP) -> string", "The canonical form.", "string(ip('2001:DB8::68')) == '2001:db8::68'",
     text_of},
    {"net.IP.family() -> int", "4 or 6.", "ip('::1').family() == 6", family},
    {"net.IP.isUnspecified() -> bool", "0.0.0.0 or ::.", "ip('::').isUnspecified()",
     property<&IpAddress::is_unspecified>},
    {"net.IP.isLoopback() -> bool", "127.0.0.0/8 or ::1.", "ip('127.0.0.1').isLoopback()",
     property<&IpAddress::is_loopback>},
    {"net.IP.isGlobalUnicast() -> bool", "Neither of these, nor multicast, link-local or broadcast.",
     "ip('10.0.0.1').isGlobalUnicast()", property<&IpAddress::is_global_unicast>},
    {"net.IP.isLinkLocalMulticast() -> bool", "224.0.0.0/24 or ff02::/16.",
     "ip('ff02::1').isLinkLocalMulticast()", property<&IpAddress::is_link_local_multicast>},
    {"net.IP.isLinkLocalUnicast() -> bool", "169.254.0.0/16 or fe80::/10.",
     "ip('fe80::1').isLinkLocalUnicast()", property<&IpAddress::is_link_local_unicast>},
    {"cidr(string) -> net.CIDR", "A range of addresses.", "cidr('10.0.0.0/8').containsIP('10.1.2.3')", cidr},
    {"isCIDR(string) -> bool", "Whether a text is a range.", "isCIDR('10.0.0.0/8')", is_cidr},
    {"string(net.CIDR) -> string", "The range as a text.", "string(cidr('10.0.0.0/8')) == '10.0.0.0/8'",
     text_of},
    {"net.CIDR.containsIP(net.IP) -> bool", "Whether an address is in the range.",
     "cidr('10.0.0.0/8').containsIP(ip('10.1.2.3'))", contains_ip},
    {"net.CIDR.containsIP(string) -> bool", "The same.", "!cidr('10.0.0.0/8').containsIP('11.0.0.0')",
     contains_ip_text},
    {"net.CIDR.containsCIDR(net.CIDR) -> bool", "Whether all of a range is in it.",
     "cidr('10.0.0.0/8').containsCIDR(cidr('10.1.0.0/16'))", contains_cidr},
    {"net.CIDR.containsCIDR(string) -> bool", "The same.", "!cidr('10.0.0.0/8').containsCIDR('10.0.0.0/7')",
     contains_cidr_text},
    {"net.CIDR.ip() -> net.IP", "Its address.", "cidr('10.0.0.1/8').ip() == ip('10.0.0.1')",
     address_of_range},
    {"net.CIDR.masked() -> net.CIDR", "With the bits behind the prefix cleared.",
     "cidr('10.0.0.1/8').masked() == cidr('10.0.0.0/8')", masked},
    {"net.CIDR.prefixLength() -> int", "Its number of fixed bits.", "cidr('10.0.0.0/8').prefixLength() == 8",
     prefix_length},
};

}  // namespace

std::span<const FunctionEntry> network_functions() {
  return kEntries;
}

}  // namespace ms::cel
