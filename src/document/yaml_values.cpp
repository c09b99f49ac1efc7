#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "document/config_document.hpp"

namespace ms {
namespace {

constexpr std::size_t kMaxValues = 1'000'000;
constexpr int kMaxDepth = 200;  // aliases nest deeper than the text does
constexpr std::string_view kMerge = "<<";

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::optional<bool> boolean(std::string_view text) {
  static constexpr std::array<std::string_view, 9> kTrue = {"true", "True", "TRUE", "yes", "Yes",
                                                            "YES",  "on",   "On",   "ON"};
  static constexpr std::array<std::string_view, 9> kFalse = {"false", "False", "FALSE", "no", "No",
                                                             "NO",    "off",   "Off",   "OFF"};
  if (is_one_of(text, kTrue)) return true;
  if (is_one_of(text, kFalse)) return false;
  return std::nullopt;
}

std::optional<std::int64_t> integer(std::string_view text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits), [](char c) { return c != '_'; });
  std::string_view rest = digits;
  const bool is_negative = rest.starts_with('-');
  if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
  int base = 10;
  if (rest.starts_with("0x")) {
    base = 16;
    rest.remove_prefix(2);
  } else if (rest.starts_with("0b")) {
    base = 2;
    rest.remove_prefix(2);
  } else if (rest.size() > 1 && rest.starts_with('0')) {
    base = 8;
  }
  if (rest.empty() || rest.starts_with('-')) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number, base);
  if (error != std::errc() || end != rest.data() + rest.size()) return std::nullopt;
  return is_negative ? -number : number;
}

// YAML 1.1 wants a point in a number that is not whole: 1e3 is a text.
std::optional<double> real(std::string_view text) {
  if (text.find('.') == text.npos) return std::nullopt;
  const bool is_number = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
  });
  return is_number ? parse_double(text) : std::nullopt;
}

Json scalar(const YamlNode& node) {
  if (!node.plain) return sanitize_utf8(node.text);
  if (node.is_null()) return nullptr;
  if (const auto value = boolean(node.text)) return *value;
  if (const auto value = integer(node.text)) return *value;
  if (const auto value = real(node.text)) return *value;
  return sanitize_utf8(node.text);
}

class Converter {
 public:
  explicit Converter(const std::string& source) : source_(source) {}

  Json value(const YamlNode& node, int depth) {
    if (++count_ > kMaxValues || depth > kMaxDepth) {
      throw InputError(source_, node.position, "its aliases make it too large or too deep");
    }
    if (node.is_scalar()) return scalar(node);
    if (node.is_list()) {
      Json list = Json::array();
      for (const YamlNode* item : node.items) list.push_back(value(*item, depth + 1));
      return list;
    }
    Json map = Json::object();
    for (const auto& [key, member] : node.members) {
      if (key == kMerge) merge(*member, map, depth);
    }
    for (const auto& [key, member] : node.members) {
      if (key != kMerge) map[sanitize_utf8(key)] = value(*member, depth + 1);
    }
    return map;
  }

 private:
  void merge(const YamlNode& merged, Json& map, int depth) {
    const auto add = [&](const YamlNode& node) {
      if (!node.is_map()) return;
      const Json members = value(node, depth + 1);
      for (const auto& [key, member] : members.items()) {
        if (!map.contains(key)) map[key] = member;
      }
    };
    add(merged);
    for (const YamlNode* item : merged.items) add(*item);
  }

  const std::string& source_;
  std::size_t count_ = 0;
};

}  // namespace

Json yaml_to_json(const YamlFile& file, const std::string& source) {
  Converter converter(source);
  if (file.documents.size() == 1) return converter.value(*file.documents[0], 0);
  Json list = Json::array();
  for (const YamlNode* document : file.documents) list.push_back(converter.value(*document, 0));
  return list;
}

}  // namespace ms
