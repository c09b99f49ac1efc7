#pragma once

#include <string>
#include <string_view>

#include "facts/document.hpp"

namespace ms {

/// Whether a variable is named like something secret: a token, a password, an access key.
bool is_secret_name(std::string_view name);

/// Replaces the values of environment variables that are named like secrets by a marker with a short hash, so
/// that two hosts can still be compared. Nothing secret is in a document after this.
void redact(FactDocument& facts);

}  // namespace ms
