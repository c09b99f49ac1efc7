#include "facts/redact.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <mutex>

#include "base/text.hpp"

namespace ms {
namespace {

constexpr std::array<std::string_view, 12> kSecretWords = {
    "token",  "secret",    "password",   "passwd",  "passphrase",  "credential",
    "apikey", "accesskey", "privatekey", "authkey", "auth_header", "session_key"};

// 32 bits of FNV-1a: enough to tell two values apart, too little to find the value again.
std::uint32_t short_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return static_cast<std::uint32_t>(hash ^ (hash >> 32U));
}

constexpr std::string_view kMarker = "<redacted";

std::string marker(std::string_view secret) {
  return fmt::format("{} {:08x}>", kMarker, short_hash(secret));
}

// A secret by its shape: what goes before it stays, group 2 is the secret.
struct Shape {
  const char*
      hint;  // a text without this has none; looking for it is a hundred times cheaper than the pattern
  const char* pattern;
};

constexpr Shape kShapes[] = {
    {"PRIVATE KEY", R"((?s)(-----BEGIN [A-Z ]*PRIVATE KEY-----)(.*?)(?:-----END|\z))"},
    {"://", R"(([A-Za-z][A-Za-z0-9+.-]*://[^/\s:@]*:)([^@\s/]+)@)"},
    {"eyJ", R"(()\b(eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*))"},
    {"earer ", R"(([Bb]earer )([A-Za-z0-9._~+/=-]{16,}))"},
    {"AKIA", R"(()\b(AKIA[0-9A-Z]{16})\b)"},
    {"hf_", R"(()\b(hf_[A-Za-z0-9]{20,}))"},
    {"gh", R"(()\b(gh[pousr]_[A-Za-z0-9]{30,}))"},
    {"glpat-", R"(()\b(glpat-[A-Za-z0-9_-]{16,}))"},
    {"sk-", R"(()\b(sk-[A-Za-z0-9_-]{20,}))"},
};

// NAME=value, NAME: value, "NAME": "value", --name value; whether the name is a secret one is asked apart.
constexpr const char* kAssignment =
    R"((--?|["']?\b)([A-Za-z][A-Za-z0-9_.-]*)(["']?[ \t]*[=:][ \t]*["']?|["']?[ \t]+)([^\s"',;]+))";

// Whether `text` has a word that a secret name is made of.
bool may_name_a_secret(std::string_view text) {
  const std::string lower = to_lower(text);
  return std::any_of(kSecretWords.begin(), kSecretWords.end(),
                     [&](std::string_view word) { return lower.find(word.substr(0, 3)) != lower.npos; });
}

std::string redact_assignments(const std::string& text) {
  if (!may_name_a_secret(text)) return text;
  static const RE2 assignment(kAssignment);
  std::string result;
  re2::StringPiece left(text);
  re2::StringPiece groups[5];
  while (assignment.Match(left, 0, left.size(), RE2::UNANCHORED, groups, 5)) {
    const std::string_view dashes(groups[1].data(), groups[1].size());
    const std::string_view name(groups[2].data(), groups[2].size());
    const std::string_view between(groups[3].data(), groups[3].size());
    const std::string_view value(groups[4].data(), groups[4].size());
    // Only an option has its value behind a space: in prose it would be the next word.
    const bool assigns = between.find_first_of("=:") != between.npos || dashes.starts_with('-');
    const bool secret = assigns && is_secret_name(name) && !value.starts_with(kMarker);
    const std::string_view kept_until = secret ? between : name;
    const char* const end = kept_until.data() + kept_until.size();
    result.append(left.data(), end);
    left.remove_prefix(static_cast<std::size_t>(end - left.data()));
    if (!secret) continue;
    result += marker(value);
    left.remove_prefix(value.size());
  }
  return result.append(left.data(), left.size());
}

// Compiled when a text has the hint; most hosts have none.
const RE2& shape_pattern(std::size_t shape) {
  static std::array<std::once_flag, std::size(kShapes)> once;
  static std::array<std::unique_ptr<RE2>, std::size(kShapes)> patterns;
  std::call_once(once[shape], [shape] { patterns[shape] = std::make_unique<RE2>(kShapes[shape].pattern); });
  return *patterns[shape];
}

std::string redact_shape(const std::string& text, const RE2& pattern) {
  std::string result;
  re2::StringPiece left(text);
  re2::StringPiece groups[3];
  while (pattern.Match(left, 0, left.size(), RE2::UNANCHORED, groups, 3)) {
    result.append(left.data(), groups[2].data());
    const std::string_view secret(groups[2].data(), groups[2].size());
    result += secret.starts_with(kMarker) ? std::string(secret) : marker(secret);
    left.remove_prefix(static_cast<std::size_t>(groups[2].data() + groups[2].size() - left.data()));
  }
  return result.append(left.data(), left.size());
}

}  // namespace

bool is_secret_name(std::string_view name) {
  const std::string lower = to_lower(name);
  // TOKENIZERS_PARALLELISM, TOKENIZER_ENCODE_TIMEOUT and MAX_TOKENS are about text, not about access.
  if (lower.find("tokenizer") != lower.npos || lower.find("tokens") != lower.npos) return false;
  std::string joined = lower;  // api-key, API_KEY
  std::erase_if(joined, [](char c) { return c == '_' || c == '-'; });
  return std::any_of(kSecretWords.begin(), kSecretWords.end(), [&](std::string_view word) {
    return lower.find(word) != lower.npos || joined.find(word) != joined.npos;
  });
}

std::string redact_text(const std::string& text) {
  std::string result = redact_assignments(text);
  for (std::size_t i = 0; i < std::size(kShapes); ++i) {
    if (result.find(kShapes[i].hint) != result.npos) result = redact_shape(result, shape_pattern(i));
  }
  return result;
}

void redact(FactDocument& facts) {
  facts.change_values([](std::string_view path, const std::string& text) {
    constexpr std::string_view kEnv = "env.";
    const bool variable = path.starts_with(kEnv) && path.find(".$absent") == path.npos;
    if (!variable || !is_secret_name(path.substr(kEnv.size()))) return redact_text(text);
    // A value that was redacted before stays comparable with its own record.
    return text.starts_with(kMarker) ? text : marker(text);
  });
}

}  // namespace ms
