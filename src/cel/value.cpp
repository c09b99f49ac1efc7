#include "cel/value.hpp"

#include <array>
#include <bit>
#include <cmath>

namespace ms::cel {

std::string_view type_name(Kind kind) {
  constexpr std::array<std::string_view, 16> kNames = {"null_type",
                                                       "bool",
                                                       "int",
                                                       "uint",
                                                       "double",
                                                       "string",
                                                       "bytes",
                                                       "google.protobuf.Timestamp",
                                                       "google.protobuf.Duration",
                                                       "type",
                                                       "list",
                                                       "map",
                                                       "optional_type",
                                                       "opaque",
                                                       "unknown",
                                                       "error"};
  return kNames[static_cast<std::size_t>(kind)];
}

Value Value::bytes(std::string_view content) {
  Value result = string(content);
  result.kind_ = Kind::bytes;
  return result;
}

Value Value::type(std::string_view name) {
  Value result = string(name);
  result.kind_ = Kind::type;
  return result;
}

Value Value::timestamp(Timestamp time) {
  Value result(Kind::timestamp);
  result.payload_.integer = time.seconds;
  result.size_ = static_cast<std::uint32_t>(time.nanos);
  return result;
}

Value Value::duration(std::int64_t nanoseconds) {
  Value result(Kind::duration);
  result.payload_.integer = nanoseconds;
  return result;
}

Value Value::map(const MapData& data) {
  Value result(Kind::map);
  result.payload_.map = &data;
  return result;
}

Value Value::optional_none() {
  Value result(Kind::optional);
  result.payload_.value = nullptr;
  return result;
}

Value Value::optional_of(const Value& value_in_arena) {
  Value result(Kind::optional);
  result.payload_.value = &value_in_arena;
  return result;
}

Value Value::opaque(const Opaque& object) {
  Value result(Kind::opaque);
  result.payload_.opaque = &object;
  return result;
}

Value Value::unknown(std::span<const UnknownFact> facts) {
  Value result(Kind::unknown);
  result.payload_.facts = facts.data();
  result.size_ = static_cast<std::uint32_t>(facts.size());
  return result;
}

std::span<const UnknownFact> Value::unknown() const {
  if (kind_ != Kind::unknown || is_view_) return {};
  return {payload_.facts, size_};
}

Value Value::of_other_json(const Json& json) {
  switch (json.type()) {
    case Json::value_t::null:
    case Json::value_t::discarded:
      return Value();
    case Json::value_t::boolean:
      return boolean(*json.get_ptr<const bool*>());
    case Json::value_t::number_float:
      return real(*json.get_ptr<const double*>());
    case Json::value_t::binary: {
      const auto& content = *json.get_ptr<const Json::binary_t*>();
      return bytes({reinterpret_cast<const char*>(content.data()), content.size()});
    }
    case Json::value_t::array:
    default:
      break;
  }
  Value view(json.is_array() ? Kind::list : is_absent_marker(json) ? Kind::unknown : Kind::map);
  view.payload_.json = &json;
  view.is_view_ = true;
  return view;
}

std::size_t Value::size() const {
  if (is_view_) return payload_.json->size();
  return kind_ == Kind::map ? payload_.map->entries.size() : size_;
}

Value Value::at(std::size_t index) const {
  if (!is_view_) return payload_.value[index];
  return of_json((*payload_.json->get_ptr<const Json::array_t*>())[index]);
}

std::optional<Value> Value::find(std::string_view key) const {
  if (!is_view_) return find(Value::string(key));
  const auto& object = *payload_.json->get_ptr<const Json::object_t*>();
  const auto found = object.find(key);
  if (found == object.end()) return std::nullopt;
  return of_json(found->second);
}

std::optional<Value> Value::find(const Value& key) const {
  if (is_view_) return key.is(Kind::string) ? find(key.as_string()) : std::nullopt;
  const MapEntry* const entry = payload_.map->find(key);
  if (entry == nullptr) return std::nullopt;
  return entry->value;
}

namespace {

// Numbers that are equal must hash alike, whatever their type.
std::uint64_t hash_key(const Value& key) {
  std::uint64_t bits = 0;
  switch (key.kind()) {
    case Kind::boolean:
      bits = key.as_bool() ? 3 : 5;
      break;
    case Kind::integer:
      bits = static_cast<std::uint64_t>(key.as_int());
      break;
    case Kind::unsigned_integer:
      bits = key.as_uint();
      break;
    case Kind::real: {
      const double number = key.as_double();
      if (number >= -0x1p63 && number < 0x1p63) {
        bits = static_cast<std::uint64_t>(static_cast<std::int64_t>(number));
      } else if (number >= 0 && number < 0x1p64) {
        bits = static_cast<std::uint64_t>(number);
      }
      break;
    }
    case Kind::string:
      return std::hash<std::string_view>()(key.as_string());
    default:
      break;
  }
  return (bits ^ (bits >> 32)) * 0x9E3779B97F4A7C15u;
}

}  // namespace

const MapEntry* MapData::find(const Value& key) const {
  if (index.empty()) {
    for (const MapEntry& entry : entries) {
      if (equal(entry.key, key).is_true()) return &entry;
    }
    return nullptr;
  }
  const std::size_t mask = index.size() - 1;
  for (std::size_t slot = hash_key(key) & mask; index[slot] != 0; slot = (slot + 1) & mask) {
    const MapEntry& entry = entries[index[slot] - 1];
    if (equal(entry.key, key).is_true()) return &entry;
  }
  return nullptr;
}

const MapEntry* fill_index(std::span<const MapEntry> entries, std::span<std::uint32_t> index) {
  const std::size_t mask = index.size() - 1;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    std::size_t slot = hash_key(entries[i].key) & mask;
    for (; index[slot] != 0; slot = (slot + 1) & mask) {
      if (equal(entries[index[slot] - 1].key, entries[i].key).is_true()) return &entries[i];
    }
    index[slot] = static_cast<std::uint32_t>(i + 1);
  }
  return nullptr;
}

MapCursor::MapCursor(const Value& map) {
  if (map.json() != nullptr) {
    object_ = map.json()->get_ptr<const Json::object_t*>();
    position_ = object_->begin();
  } else {
    entries_ = map.map_data().entries;
  }
}

bool MapCursor::next(Value& key, Value& value) {
  if (object_ != nullptr) {
    if (position_ == object_->end()) return false;
    key = Value::string(position_->first);
    value = Value::of_json(position_->second);
    ++position_;
    return true;
  }
  if (next_ == entries_.size()) return false;
  key = entries_[next_].key;
  value = entries_[next_].value;
  ++next_;
  return true;
}

UnknownFact absent_fact(const Json& marker) {
  UnknownFact fact{.path = {}, .reason = "absent", .source = {}};
  const Json& detail = marker.begin().value();
  const auto text = [&](const char* key, std::string_view& into) {
    const auto found = detail.find(key);
    if (found != detail.end() && found->is_string()) into = *found->get_ptr<const std::string*>();
  };
  if (detail.is_object()) {
    text("reason", fact.reason);
    text("source", fact.source);
  }
  return fact;
}

}  // namespace ms::cel
