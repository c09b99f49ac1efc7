#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.hpp"
#include "model/safetensors.hpp"
#include "model/weights.hpp"

// The start of a safetensors file, and the text of an index file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto file_bytes = static_cast<std::int64_t>(size);
    const std::int64_t length = ms::safetensors_header_bytes(text, file_bytes, "x.safetensors");
    const auto header = text.substr(8, static_cast<std::size_t>(length));
    if (ms::parse_safetensors_header(header, file_bytes, "x.safetensors").tensor_bytes < 0) __builtin_trap();
  } catch (const ms::InputError&) {
  }
  try {
    const auto total = ms::index_total_bytes(text, "index.json");
    if (total && *total <= 0) __builtin_trap();
  } catch (const ms::InputError&) {
  }
  return 0;
}
