#include "facts/redact_hostnames.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace ms {
namespace {

// No spelling of an address is longer; what follows a longer run is looked at anew.
constexpr std::size_t kLongestAddress = 64;
constexpr std::string_view kHostMark = "redacted-host-";

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
bool is_hex(char c) {
  return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9');
}

// The address in the form that is one for all its spellings; empty where it is none, or names no machine.
std::string canonical_address(const std::string& text) {
  std::array<unsigned char, 16> bytes = {};
  std::array<char, INET6_ADDRSTRLEN> shown = {};
  if (::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
    const bool any_or_loopback = bytes[0] == 127 || bytes[0] == 0 || text == "255.255.255.255";
    return any_or_loopback ? "" : text;
  }
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return "";
  ::inet_ntop(AF_INET6, bytes.data(), shown.data(), shown.size());
  const std::string canonical = shown.data();
  return canonical == "::" || canonical == "::1" ? "" : canonical;
}

// Whether the dots of "10.0.0.1" go on as those of a version do: "5.10.0-136.12.0.86.h1032".
bool goes_on(std::string_view text, std::size_t at) {
  if (at >= text.size()) return false;
  if (is_word(text[at])) return true;
  return text[at] == '.' && at + 1 < text.size() && is_word(text[at + 1]);
}

bool is_about_versions(std::string_view path) {
  return path.find("version") != path.npos || path.find("release") != path.npos ||
         path.starts_with("ascend.python_packages");
}

}  // namespace

HostnameRedactor::HostnameRedactor(const FactDocument& facts) {
  for (const char* path : {"host.name", "env.HOSTNAME", "env.HOST", "env.NODE_NAME"}) {
    const Json* value = facts.find(path);
    if (value == nullptr || !value->is_string()) continue;
    const std::string full = to_lower(trim(value->get_ref<const std::string&>()));
    // Both the full name and its first label; an address is redacted as one.
    for (const std::string& name : {full, full.substr(0, full.find('.'))}) {
      const bool known =
          std::any_of(names_.begin(), names_.end(), [&](const auto& n) { return n.first == name; });
      const bool digits = name.find_first_not_of("0123456789.") == name.npos;
      if (name.empty() || known || digits || name == "localhost" || name.starts_with(kHostMark)) continue;
      names_.emplace_back(name, fmt::format("{}{}", kHostMark, names_.size() + 1));
    }
  }
  std::stable_sort(names_.begin(), names_.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
}

std::string HostnameRedactor::without_names(std::string_view text) const {
  const std::string lower = to_lower(text);
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const bool starts = at == 0 || !is_word(text[at - 1]);
    const auto name =
        !starts ? names_.end() : std::find_if(names_.begin(), names_.end(), [&](const auto& known) {
          const std::size_t end = at + known.first.size();
          return lower.compare(at, known.first.size(), known.first) == 0 &&
                 (end >= text.size() || !is_word(text[end]));
        });
    if (name == names_.end()) {
      result += text[at++];
    } else {
      result += name->second;
      at += name->first.size();
    }
  }
  return result;
}

std::string HostnameRedactor::without_addresses(const std::string& text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    const bool starts = at == 0 || (!is_word(text[at - 1]) && text[at - 1] != '.');
    if (starts) {
      while (end < text.size() && end - at < kLongestAddress &&
             (is_hex(text[end]) || text[end] == '.' || text[end] == ':'))
        ++end;
    }
    // A whole run may be an address of version 6; up to its first colon, one of version 4 with a port.
    std::string address;
    for (const std::size_t length : {end - at, std::min(text.find(':', at), end) - at}) {
      std::string candidate = text.substr(at, length);
      while (candidate.ends_with('.')) candidate.pop_back();
      if (candidate.size() < 3 || goes_on(text, at + candidate.size())) continue;
      address = canonical_address(candidate);
      if (address.empty()) continue;
      end = at + candidate.size();
      break;
    }
    if (address.empty()) {
      result += text[at++];
      continue;
    }
    const auto placeholder =
        addresses_.try_emplace(address, fmt::format("redacted-ip-{}", addresses_.size() + 1)).first;
    result += placeholder->second;
    at = end;
  }
  return result;
}

std::string HostnameRedactor::operator()(std::string_view text) {
  return without_addresses(without_names(text));
}

namespace {

// The texts of a tree; those whose name speaks of versions stay as they are.
void redact_texts(Json& value, HostnameRedactor& redactor) {
  if (value.is_string()) {
    value = redactor(value.get_ref<const std::string&>());
  } else if (value.is_array()) {
    for (Json& element : value) redact_texts(element, redactor);
  } else if (value.is_object()) {
    for (auto& [name, inner] : value.items()) {
      if (!is_about_versions(name)) redact_texts(inner, redactor);
    }
  }
}

}  // namespace

void redact_hostnames(FactDocument& facts, Json* readings) {
  HostnameRedactor redactor(facts);
  facts.change_values([&](std::string_view path, const std::string& text) {
    return is_about_versions(path) ? text : redactor(text);
  });
  facts.change_sources([&](std::string_view, const std::string& text) { return redactor(text); });
  if (readings != nullptr) redact_texts(*readings, redactor);
}

}  // namespace ms
