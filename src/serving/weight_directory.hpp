#pragma once

#include <filesystem>

#include "base/json.hpp"
#include "facts/document.hpp"

namespace ms {

/// The type of the elements of the fact config.weights.
inline constexpr const char* kWeightDirectoryType =
    "list<{role: string, file: string, places: map<string>, found: bool, has_config: bool, "
    "config_problem: string, model_type: string, dtype: string, transformers_version: string, "
    "quantize: string, has_tokenizer: bool, shards: int, index: string, missing_shards: list<string>, "
    "extra_shards: list<string>, broken_shards: list<string>, unreadable: list<string>, "
    "writable_by_others: list<string>, total_bytes: int, index_bytes: int}>";

/// A model directory as rules see it: its config.json, its shards against the index, their headers against
/// their sizes, permissions. Tensors are not read. [bytes] for *_bytes.
Json weight_directory_element(const std::filesystem::path& directory);

}  // namespace ms
