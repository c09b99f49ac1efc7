#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace ms {

/// What the header of a safetensors file says of its tensors.
struct SafetensorsSummary {
  std::int64_t tensors = 0;
  std::int64_t tensor_bytes = 0;  ///< of all tensors together, without the header [bytes]
};

/// Headers that the format allows are at most this long.
inline constexpr std::int64_t kMostSafetensorsHeaderBytes = 100'000'000;

/// Length of the JSON header that the first eight bytes state (little-endian). Throws InputError when there
/// are not eight, or when the header is empty, longer than the format allows or longer than the file.
std::int64_t safetensors_header_bytes(std::string_view start, std::int64_t file_bytes,
                                      const std::string& source);

/// Reads the JSON header. Throws InputError when it is not one, or when a tensor lies outside the file: a
/// download that was cut off has the whole header, but not all tensors.
SafetensorsSummary parse_safetensors_header(std::string_view header, std::int64_t file_bytes,
                                            const std::string& source);

/// Reads the header of a file; the tensors themselves are not read.
SafetensorsSummary read_safetensors(const std::filesystem::path& path);

}  // namespace ms
