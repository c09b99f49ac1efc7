#pragma once

#include <string>

#include "base/json.hpp"
#include "fleet/compare.hpp"
#include "report/text_style.hpp"

namespace ms {

/// What a comparison says, the gravest first; alike differences of neighbouring elements on one line. The
/// expected ones are counted, and with `style.verbose` shown.
std::string compare_text(const Comparison& comparison, const TextStyle& style);

/// The same as tables.
std::string compare_markdown(const Comparison& comparison, const TextStyle& style);

/// docs/schema/compare.schema.json. The expected differences are among them where `all` is true.
OrderedJson compare_json(const Comparison& comparison, Lang lang, bool all);

}  // namespace ms
