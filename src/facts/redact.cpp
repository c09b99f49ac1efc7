#include "facts/redact.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

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

}  // namespace

bool is_secret_name(std::string_view name) {
  const std::string lower = to_lower(name);
  // TOKENIZERS_PARALLELISM, TOKENIZER_ENCODE_TIMEOUT and MAX_TOKENS are about text, not about access.
  if (lower.find("tokenizer") != lower.npos || lower.find("tokens") != lower.npos) return false;
  std::string joined = lower;
  joined.erase(std::remove(joined.begin(), joined.end(), '_'), joined.end());
  return std::any_of(kSecretWords.begin(), kSecretWords.end(), [&](std::string_view word) {
    return lower.find(word) != lower.npos || joined.find(word) != joined.npos;
  });
}

void redact(FactDocument& facts) {
  facts.change_values([](std::string_view path, const std::string& text) {
    constexpr std::string_view kEnv = "env.";
    const bool variable = path.starts_with(kEnv) && path.find(".$absent") == path.npos;
    if (!variable || !is_secret_name(path.substr(kEnv.size()))) return text;
    // A value that was redacted before stays comparable with its own record.
    if (text.starts_with("<redacted ")) return text;
    return fmt::format("<redacted {:08x}>", short_hash(text));
  });
}

}  // namespace ms
