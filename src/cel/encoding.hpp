#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ms::cel {

/// Base64 with padding (RFC 4648).
std::string encode_base64(std::string_view content);

/// The padding may be left out; nullopt when it is not base64.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace ms::cel
