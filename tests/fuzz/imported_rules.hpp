#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/error.hpp"
#include "base/text.hpp"
#include "support/imported.hpp"

namespace ms::test {

/// Translates bytes or has them refused with an InputError; what is translated must load and judge a
/// document.
inline void import_and_judge(import::ImportedPack (*import)(std::string_view, const std::string&),
                             const std::string& source, std::span<const std::uint8_t> bytes) {
  const std::string text =
      sanitize_utf8(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  try {
    const import::ImportedPack pack = import_pack(import, text, source);
    if (!pack.rules.empty()) judge_imported(pack, {{"document", {{"d", {{"a", 1}}}}}});
  } catch (const InputError&) {
  }
}

}  // namespace ms::test
