#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/json.hpp"
#include "cel/error.hpp"
#include "cel/name.hpp"

namespace ms::cel {

enum class Kind : std::uint8_t {
  null,
  boolean,
  integer,
  unsigned_integer,
  real,
  string,
  bytes,
  timestamp,
  duration,
  type,
  list,
  map,
  optional,
  opaque,
  unknown,
  error
};

/// The name of a kind as `type(x)` gives it: "int", "google.protobuf.Timestamp".
std::string_view type_name(Kind kind);

/// A point in time, from year 1 to year 9999.
struct Timestamp {
  std::int64_t seconds = 0;  ///< since 1970-01-01T00:00:00Z
  std::int32_t nanos = 0;    ///< 0 to 999'999'999, added to the seconds
};

class Value;
struct MapEntry;
struct MapData;
struct Opaque;

/// A value of the language: sixteen bytes, copied freely. Strings, lists and maps refer to the JSON document,
/// to the program or to the arena of the evaluation, and live as long as that does.
///
/// An unknown value stands for facts that could not be read, an error value for a computation that failed:
/// both are results like others, and nothing is thrown for them.
class Value {
 public:
  constexpr Value() : Value(Kind::null) {}

  static Value null() { return Value(); }
  static Value boolean(bool value);
  static Value integer(std::int64_t value);
  static Value unsigned_integer(std::uint64_t value);
  static Value real(double value);
  static Value string(std::string_view text);  ///< refers to `text`; at most 4 GiB
  static Value bytes(std::string_view content);
  static Value timestamp(Timestamp time);
  static Value duration(std::int64_t nanoseconds);
  static Value type(std::string_view name);
  static Value list(std::span<const Value> elements);
  static Value map(const MapData& data);
  static Value optional_none();
  static Value optional_of(const Value& value_in_arena);
  static Value opaque(const Opaque& object);
  static Value unknown(std::span<const UnknownFact> facts);
  static Value error(const EvalError& error);

  /// A view of a JSON value. An integer is an int, one above 2^63 - 1 a uint, a float a double; a marker of
  /// an absent fact is an unknown value that has no path yet (see is_marker()).
  static Value of_json(const Json& json) {
    switch (json.type()) {
      case Json::value_t::string:
        return string(*json.get_ptr<const std::string*>());
      case Json::value_t::number_integer:
        return integer(*json.get_ptr<const std::int64_t*>());
      case Json::value_t::number_unsigned:
        return of_unsigned(*json.get_ptr<const std::uint64_t*>());
      default:
        return of_other_json(json);
    }
  }

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  bool is_true() const { return kind_ == Kind::boolean && payload_.boolean; }
  bool is_false() const { return kind_ == Kind::boolean && !payload_.boolean; }
  bool is_failure() const { return kind_ >= Kind::unknown; }  ///< unknown or error
  bool is_number() const { return kind_ >= Kind::integer && kind_ <= Kind::real; }

  // Each of these is for a value of that kind only.
  bool as_bool() const { return payload_.boolean; }
  std::int64_t as_int() const { return payload_.integer; }
  std::uint64_t as_uint() const { return payload_.unsigned_integer; }
  double as_double() const { return payload_.real; }
  std::string_view as_string() const { return {payload_.text, size_}; }
  std::string_view as_bytes() const { return {payload_.text, size_}; }
  std::string_view as_type() const { return {payload_.text, size_}; }
  Timestamp as_timestamp() const { return {payload_.integer, static_cast<std::int32_t>(size_)}; }
  std::int64_t as_duration() const { return payload_.integer; }  ///< [nanoseconds]
  const Opaque& as_opaque() const { return *payload_.opaque; }
  const Value* as_optional() const { return payload_.value; }  ///< nullptr: none

  /// The facts that an unknown value stands for.
  std::span<const UnknownFact> unknown() const;
  /// What went wrong, for an error value.
  const EvalError& error() const { return *payload_.error; }

  /// Elements of a list, entries of a map.
  std::size_t size() const;
  /// An element of a list; `index` is below size().
  Value at(std::size_t index) const;
  /// The value of a map at a key; an int, a uint and a double that are equal are one key.
  std::optional<Value> find(const Value& key) const;
  std::optional<Value> find(std::string_view key) const;

  /// The JSON that this is a view of: a list, a map or a marker; nullptr for others.
  const Json* json() const { return is_view_ ? payload_.json : nullptr; }
  /// An unknown value that is the bare marker in the document; evaluation gives it its path.
  bool is_marker() const { return kind_ == Kind::unknown && is_view_; }
  /// The elements of a list that is not a view of JSON.
  std::span<const Value> elements() const { return {payload_.value, size_}; }
  /// The entries of a map that is not a view of JSON.
  const MapData& map_data() const { return *payload_.map; }

 private:
  static Value of_unsigned(std::uint64_t number) {
    const auto as_signed = static_cast<std::int64_t>(number);
    return as_signed >= 0 ? integer(as_signed) : unsigned_integer(number);
  }
  static Value of_other_json(const Json& json);

  explicit constexpr Value(Kind kind) : kind_(kind), payload_{.integer = 0} {}

  Kind kind_;
  bool is_view_ = false;
  std::uint32_t size_ = 0;
  union {
    bool boolean;
    std::int64_t integer;
    std::uint64_t unsigned_integer;
    double real;
    const char* text;
    const Json* json;
    const Value* value;
    const MapData* map;
    const Opaque* opaque;
    const UnknownFact* facts;
    const EvalError* error;
  } payload_;
};

static_assert(sizeof(Value) == 16);

struct MapEntry {
  Value key;
  Value value;
};

/// A map that an expression made, in the order in which it was written.
struct MapData {
  std::span<const MapEntry> entries;
  /// Open addressing from the hash of a key to 1 + the entry's position; empty for small maps.
  std::span<const std::uint32_t> index = {};

  const MapEntry* find(const Value& key) const;
};

/// Fills `index` (a power of two in size, all 0, at least twice the entries). Returns an entry whose key was
/// there before, or nullptr.
const MapEntry* fill_index(std::span<const MapEntry> entries, std::span<std::uint32_t> index);

/// What an opaque type can do.
struct OpaqueType {
  std::string_view name;  ///< "version"
  bool (*equal)(const Opaque& a, const Opaque& b);
  /// Negative, 0 or positive; nullptr where the values have no order.
  int (*compare)(const Opaque& a, const Opaque& b);
  std::string (*to_text)(const Opaque& value);
};

/// A value of an opaque type; the actual types derive from it.
struct Opaque {
  const OpaqueType* type;
};

/// Walks over the keys and values of a map.
class MapCursor {
 public:
  explicit MapCursor(const Value& map);
  /// False at the end.
  bool next(Value& key, Value& value);

 private:
  const Json::object_t* object_ = nullptr;
  Json::object_t::const_iterator position_;
  std::span<const MapEntry> entries_;
  std::size_t next_ = 0;
};

/// Whether `json` is the marker of a fact that could not be read: {"$absent": {"reason": ..., "source":
/// ...}}.
bool is_absent_marker(const Json& json);
/// The reason and source of a marker, without a path.
UnknownFact absent_fact(const Json& marker);

/// Equality of the language: numbers by their value whatever their type, lists and maps by their elements,
/// values of different types unequal. Unknown (a bare marker) when an absent element leaves it open.
Value equal(Value a, Value b);

/// The same for two values of the most usual kinds, quickly.
inline Value equal_quickly(Value a, Value b) {
  if (a.kind() == b.kind()) {
    if (a.is(Kind::string)) return Value::boolean(same_text(a.as_string(), b.as_string()));
    if (a.is(Kind::integer)) return Value::boolean(a.as_int() == b.as_int());
  }
  return equal(a, b);
}

/// Negative, 0, positive, or nullopt where the two have no order (different types, NaN).
std::optional<int> compare(Value a, Value b);

/// A value as JSON, for reports: bytes in base64, times and durations as text, an unknown as its marker, an
/// error as {"$error": message}.
Json to_json(const Value& value);

/// A value as a person reads it: strings as they are, "[a, b]", "{k: v}", doubles in their shortest form.
std::string to_text(const Value& value);

inline Value Value::boolean(bool value) {
  Value result(Kind::boolean);
  result.payload_.boolean = value;
  return result;
}

inline Value Value::integer(std::int64_t value) {
  Value result(Kind::integer);
  result.payload_.integer = value;
  return result;
}

inline Value Value::unsigned_integer(std::uint64_t value) {
  Value result(Kind::unsigned_integer);
  result.payload_.unsigned_integer = value;
  return result;
}

inline Value Value::real(double value) {
  Value result(Kind::real);
  result.payload_.real = value;
  return result;
}

inline Value Value::string(std::string_view text) {
  Value result(Kind::string);
  result.payload_.text = text.data();
  result.size_ = static_cast<std::uint32_t>(text.size());
  return result;
}

inline Value Value::list(std::span<const Value> elements) {
  Value result(Kind::list);
  result.payload_.value = elements.data();
  result.size_ = static_cast<std::uint32_t>(elements.size());
  return result;
}

inline Value Value::error(const EvalError& error) {
  Value result(Kind::error);
  result.payload_.error = &error;
  return result;
}

inline bool is_absent_marker(const Json& json) {
  const auto* const object = json.get_ptr<const Json::object_t*>();
  return object != nullptr && object->size() == 1 && object->begin()->first == "$absent";
}

}  // namespace ms::cel
