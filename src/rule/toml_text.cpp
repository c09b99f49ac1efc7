#include "rule/toml_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ms {
namespace {

bool is_bare_key(std::string_view key) {
  const auto is_word = [](char c) {
    return c == '_' || c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return !key.empty() && std::all_of(key.begin(), key.end(), is_word);
}

}  // namespace

std::string toml_string(std::string_view text) {
  // The escapes of JSON are escapes of TOML; DEL must be escaped here and is not there.
  std::string quoted;
  for (const char c : Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace)) {
    if (c == '\x7f') {
      quoted += "\\u007f";
    } else {
      quoted += c;
    }
  }
  return quoted;
}

std::string toml_expression(const std::string& text) {
  const bool plain = std::none_of(text.begin(), text.end(), [](char c) {
    return c == '\'' || static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
  });
  return plain ? "'" + text + "'" : toml_string(text);
}

std::string toml_value(const Json& value) {
  if (value.is_string()) return toml_string(value.get_ref<const std::string&>());
  if (value.is_array()) {
    std::string text;
    for (const Json& element : value) text += (text.empty() ? "" : ", ") + toml_value(element);
    return "[" + text + "]";
  }
  if (value.is_object()) {
    std::string text;
    for (const auto& [name, member] : value.items()) {
      text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", is_bare_key(name) ? name : toml_string(name),
                          toml_value(member));
    }
    return text.empty() ? "{}" : "{ " + text + " }";
  }
  return value.dump();
}

std::string without_holes(std::string_view text) {
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool opens = text.substr(i, 2) == "{{";
    escaped += opens ? "{{{{" : text.substr(i, 1);
    if (opens) ++i;
  }
  return escaped;
}

}  // namespace ms
