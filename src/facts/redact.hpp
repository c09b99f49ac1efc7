#pragma once

#include <string>
#include <string_view>

#include "facts/document.hpp"

namespace ms {

/// Whether a variable is named like something secret: a token, a password, an access key.
bool is_secret_name(std::string_view name);

/// `text` with what is secret in it replaced by a marker with a short hash: what stands behind a secret name
/// (API_TOKEN=..., --api-key ..., "password": "..."), passwords in URLs, private keys, and tokens that are
/// known by their shape (JWT, AWS, Hugging Face, GitHub, GitLab, OpenAI).
std::string redact_text(const std::string& text);

/// Replaces what is secret in a document: the values of environment variables by their names, every text by
/// its shape. Equal secrets get equal markers, so that two hosts can still be compared.
void redact(FactDocument& facts);

}  // namespace ms
