#pragma once

#include <map>
#include <string>
#include <vector>

#include "document/config_document.hpp"
#include "facts/document.hpp"
#include "rule/finding.hpp"
#include "rule/library.hpp"

namespace ms {

/// The documents of -c, by their names in the pack.
using Documents = std::map<std::string, ConfigDocument, std::less<>>;

/// Reads the files of `-c name:path[@type]`, 10 MB at most all together. Throws InputError, also for a name
/// that the pack does not declare.
Documents read_documents(const std::vector<std::string>& arguments, const PackInputs& inputs);

/// The values of `-C key:value`. Throws InputError for a key that the pack does not declare, with the
/// closest, and for a value that is none of its options.
Json read_context(const std::vector<std::string>& arguments, const PackInputs& inputs);

/// The facts `document` and `context`: what was given, and what was not as absent.
void add_inputs(const PackInputs& inputs, const Documents& documents, const Json& context,
                FactDocument& facts);

/// Throws InputError when a rule that applies, or may apply, needs a document or context that was not given:
/// names each, with what it is and how many rules need it.
void require_inputs(const RuleLibrary& library, const FactDocument& facts, const Scene& scene);

/// Adds line and column to the evidence that is in a document: "config.json:14:9".
void add_places(const Documents& documents, std::vector<Finding>& findings);

}  // namespace ms
