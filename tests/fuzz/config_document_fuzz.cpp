// A configuration file as JSON and as YAML: it is read or refused, and every value of it has a place in the
// text.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.hpp"
#include "document/config_document.hpp"
#include "document/json_position.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void require_place(const std::optional<ms::Position>& place, std::size_t lines) {
  require(place && place->line >= 1 && place->column >= 1);
  require(static_cast<std::size_t>(place->line) <= lines);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using Format = ms::ConfigDocument::Format;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  for (const Format format : {Format::json, Format::yaml}) {
    try {
      const ms::ConfigDocument document = ms::ConfigDocument::parse(text, format, "config");
      const ms::Json flat = document.value().flatten();
      for (const auto& [pointer, value] : flat.items()) {
        document.place(pointer);
        document.place("a." + pointer + "[0].b");
      }
      document.place("a.b[0]");
      if (format == Format::json) {
        require_place(document.place(""), lines);
        for (const auto& [path, place] : ms::json_places(text).values) require_place(place, lines);
      }
    } catch (const ms::InputError&) {
    }
  }
  return 0;
}
