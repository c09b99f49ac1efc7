#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ms::profile {

/// Rows of a matrix are fetched in blocks of so many bytes; a row of another length is fetched in part for
/// nothing. Source: msprof-analyze, AI core performance (an inner axis of 256 two-byte elements).
inline constexpr std::int64_t kAlignedBytes = 512;

/// Bytes of an element of a type as profilers name it: "DT_BF16", "FLOAT16", "INT8". nullopt for others.
std::optional<std::int64_t> element_bytes(std::string_view type);

/// The first input of at least two dimensions whose rows are no multiple of kAlignedBytes: "4096x1000
/// DT_BF16". Empty where all are; nullopt where no input tells. Arguments are the cells of
/// kernel_details.csv:
/// `"4096,1000;1000,64"`, "DT_BF16;DT_BF16", "ND;ND". Inputs in formats of their own (FRACTAL_NZ) are padded.
std::optional<std::string> unaligned_input(std::string_view shapes, std::string_view types,
                                           std::string_view formats);

}  // namespace ms::profile
