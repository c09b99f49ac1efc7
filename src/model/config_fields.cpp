#include "model/config_fields.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/error.hpp"
#include "base/text.hpp"

namespace ms {
namespace {

// A value as a message shows it: short, and valid UTF-8 whatever the file holds.
std::string shown(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > 40) text = sanitize_utf8(text.substr(0, 37)) + "...";
  return text;
}

// Some exporters write 128.0 for 128.
std::optional<std::int64_t> whole_number(const Json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_number_float()) return std::nullopt;
  const auto number = value.get<double>();
  if (std::trunc(number) != number || std::abs(number) >= 0x1p53) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

}  // namespace

ConfigFields::ConfigFields(const Json& object, std::string source, std::string path)
    : object_(&object), source_(std::move(source)), path_(std::move(path)) {
  if (!object.is_object()) {
    throw InputError(
        source_, path_.empty() ? "must hold a JSON object" : fmt::format("'{}' must be an object", path_));
  }
}

const Json* ConfigFields::find(Names names, std::string_view* found) const {
  for (const std::string_view name : names) {
    const auto member = object_->find(name);
    if (member == object_->end() || member->is_null()) continue;
    if (found != nullptr) *found = name;
    return &*member;
  }
  return nullptr;
}

void ConfigFields::fail(std::string_view name, const std::string& message) const {
  throw InputError(source_, fmt::format("'{}{}' {}", path_, name, message));
}

std::optional<std::int64_t> ConfigFields::count(Names names, std::int64_t most, std::int64_t least) const {
  std::string_view name;
  const Json* value = find(names, &name);
  if (value == nullptr) return std::nullopt;
  const auto number = whole_number(*value);
  if (!number || *number < least || *number > most) {
    fail(name, fmt::format("must be a whole number from {} to {}, not {}", least, most, shown(*value)));
  }
  return number;
}

std::int64_t ConfigFields::required_count(Names names, std::int64_t most) const {
  const auto number = count(names, most);
  if (!number) throw InputError(source_, fmt::format("has no '{}{}'", path_, *names.begin()));
  return *number;
}

std::optional<double> ConfigFields::ratio(Names names) const {
  std::string_view name;
  const Json* value = find(names, &name);
  if (value == nullptr) return std::nullopt;
  const double number = value->is_number() ? value->get<double>() : 0;
  if (!(number > 0) || number > 1)
    fail(name, fmt::format("must be a number above 0 and at most 1, not {}", shown(*value)));
  return number;
}

std::optional<bool> ConfigFields::flag(Names names) const {
  std::string_view name;
  const Json* value = find(names, &name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) fail(name, fmt::format("must be true or false, not {}", shown(*value)));
  return value->get<bool>();
}

std::optional<std::string> ConfigFields::string(Names names) const {
  std::string_view name;
  const Json* value = find(names, &name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) fail(name, fmt::format("must be a string, not {}", shown(*value)));
  return sanitize_utf8(value->get_ref<const std::string&>());
}

std::optional<std::vector<std::string>> ConfigFields::strings(Names names) const {
  std::string_view name;
  const Json* value = find(names, &name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_array()) fail(name, fmt::format("must be a list of strings, not {}", shown(*value)));
  std::vector<std::string> list;
  for (const Json& element : *value) {
    if (!element.is_string()) fail(name, fmt::format("must be a list of strings; one is {}", shown(element)));
    list.push_back(sanitize_utf8(element.get_ref<const std::string&>()));
  }
  return list;
}

std::optional<std::vector<std::int64_t>> ConfigFields::counts(Names names) const {
  std::string_view name;
  const Json* value = find(names, &name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_array()) fail(name, fmt::format("must be a list of whole numbers, not {}", shown(*value)));
  std::vector<std::int64_t> list;
  for (const Json& element : *value) {
    const auto number = element.is_boolean() ? (element.get<bool>() ? 1 : 0) : whole_number(element);
    if (!number) fail(name, fmt::format("must be a list of whole numbers; one is {}", shown(element)));
    list.push_back(*number);
  }
  return list;
}

std::optional<ConfigFields> ConfigFields::object(Names names) const {
  std::string_view name;
  const Json* value = find(names, &name);
  if (value == nullptr || !value->is_object()) return std::nullopt;
  return ConfigFields(*value, source_, path_ + std::string(name) + ".");
}

}  // namespace ms
