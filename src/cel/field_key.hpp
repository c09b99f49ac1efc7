#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace ms::cel {

/// The first eight bytes of a name as a number that orders as the names do, zeros behind a shorter one.
inline std::uint64_t name_prefix(std::string_view name) {
  std::uint64_t prefix = 0;
  if (name.size() >= sizeof prefix) {
    std::memcpy(&prefix, name.data(), sizeof prefix);
    return std::endian::native == std::endian::little ? __builtin_bswap64(prefix) : prefix;
  }
  for (std::size_t i = 0; i < sizeof prefix; ++i) {
    prefix = prefix << 8 | (i < name.size() ? static_cast<unsigned char>(name[i]) : 0u);
  }
  return prefix;
}

/// The name of a field, prepared for looking it up in many JSON objects: their maps compare names, and nearly
/// every comparison is decided by the first eight bytes.
struct FieldKey {
  std::string_view text;
  std::uint64_t prefix = 0;

  FieldKey() = default;
  explicit FieldKey(std::string_view name) : text(name), prefix(name_prefix(name)) {}

  friend bool operator<(const std::string& name, const FieldKey& key) { return key.compare(name) > 0; }
  friend bool operator<(const FieldKey& key, const std::string& name) { return key.compare(name) < 0; }

 private:
  int compare(const std::string& name) const {
    const std::uint64_t other = name_prefix(name);
    if (prefix != other) return prefix < other ? -1 : 1;
    if (text.size() <= sizeof prefix && name.size() <= sizeof prefix) {
      return text.size() < name.size() ? -1 : text.size() > name.size() ? 1 : 0;
    }
    return text.compare(name);
  }
};

}  // namespace ms::cel
