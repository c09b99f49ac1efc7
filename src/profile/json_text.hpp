#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ms::profile {

/// Where a scan of JSON text ended, and why.
enum class ScanEnd {
  kDone,      ///< behind the value
  kNeedMore,  ///< the text ended inside it
  kBroken,    ///< at a byte that cannot stand there
  kTooDeep,
};

/// A scan over text that may end anywhere: the value is checked for its structure (brackets, commas,
/// strings), not for the spelling of its numbers.
struct JsonScan {
  const char* at;
  const char* end;

  void skip_space();
  /// From an opening quote to behind the closing one; `text` is what stands between. `escaped` tells of
  /// backslashes in it.
  ScanEnd string(std::string_view& text, bool& escaped);
  /// A key and its colon; stands on the value then.
  ScanEnd key(std::string_view& name);
  /// A number or a word.
  ScanEnd scalar(std::string_view& text);
  /// Any value; `depth` is how many levels it may still have.
  ScanEnd value(int depth);
};

}  // namespace ms::profile
