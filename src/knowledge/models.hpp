#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace ms {

class TomlTable;

/// A well-known model: the geometry that its Hugging Face config.json states, so that advice needs no files.
struct KnownModel {
  std::string name;                  ///< "Qwen2.5-7B-Instruct"
  std::vector<std::string> aliases;  ///< models of the same geometry and weights
  std::optional<std::int64_t>
      weights_bytes;           ///< total of all tensors [bytes]; absent: count from the geometry
  std::string weights_source;  ///< who measured or published it; empty when absent
  Json config;                 ///< fields of config.json under their own names
  std::string source;          ///< file and line of the entry, for messages
};

/// Reads one `[[model]]`. Throws InputError with file, line and column.
KnownModel read_known_model(const TomlTable& table);

/// The model that a person names, without regard to case, with or without its organisation:
/// "qwen/qwen2.5-7b-instruct". Throws InputError that starts with `source` ("--model") for an unknown name,
/// with the closest one.
const KnownModel& find_model(std::span<const KnownModel> models, std::string_view name,
                             const std::string& source);

}  // namespace ms
