#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "report/text_style.hpp"
#include "rule/diagnosis.hpp"

namespace ms {

/// The symptoms of a run, greatest gain first: evidence, cause, action, effect, and what to measure.
std::string diagnoses_text(const std::vector<Diagnosis>& diagnoses, const TextStyle& style);

/// The same as a section of a page of Markdown.
std::string diagnoses_markdown(const std::vector<Diagnosis>& diagnoses, const TextStyle& style);

/// The list `diagnoses` of docs/schema/advice.schema.json.
OrderedJson diagnoses_json(const std::vector<Diagnosis>& diagnoses, Lang lang);

}  // namespace ms
