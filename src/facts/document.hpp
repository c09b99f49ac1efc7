#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/reading.hpp"

namespace ms {

/// Where a fact comes from, as a person would look it up: "/proc/meminfo", "npu-smi info", "environment".
struct Provenance {
  std::string source;
};

/// All that is known: one JSON document of values at dotted paths, each with its provenance.
///
/// A fact that could not be read is a marker in its place, `{"$absent": {"reason": ..., "source": ...}}`,
/// which expressions see as an unknown value. A path that holds neither a value nor a marker was never asked
/// for.
class FactDocument {
 public:
  /// Sets a value; objects on the way are made. `path` is dotted: "memory.thp.mode".
  void set(std::string_view path, Json value, std::string source);

  void set_absent(std::string_view path, std::string reason, std::string source);

  /// A value, or the reason why there is none.
  template <class T>
  void set(std::string_view path, const Reading<T>& reading, std::string source) {
    if (reading) {
      set(path, Json(*reading), std::move(source));
    } else {
      set_absent(path, reading.reason(), std::move(source));
    }
  }

  /// The value or marker at a path, nullptr where there is nothing. Elements of lists are not addressed.
  const Json* find(std::string_view path) const;

  bool contains(std::string_view path) const { return find(path) != nullptr; }

  /// The provenance of the fact at a path or, where it has none of its own, of the nearest fact above it.
  const Provenance* provenance(std::string_view path) const;

  /// What a text at a path is to become.
  using Change = std::function<std::string(std::string_view path, const std::string& text)>;

  /// Changes every string value, and the reasons and sources of markers ("env.A.$absent.reason"); a string in
  /// a list has the path of the list. Keys stay as they are.
  void change_values(const Change& change);
  /// Changes every provenance.
  void change_sources(const Change& change);

  /// The values and markers, one member per top-level tree.
  const Json& tree() const { return tree_; }

  /// The document of these facts alone.
  FactDocument only(const std::set<std::string, std::less<>>& paths) const;

  /// The whole document as it is saved: `schema`, `facts`, `provenance`.
  Json to_json() const;

  /// Throws InputError when it is not a fact document, or one of a newer version.
  static FactDocument from_json(const Json& document, const std::string& source);

 private:
  Json tree_ = Json::object();
  std::map<std::string, Provenance, std::less<>> provenance_;
};

/// The marker of a fact that could not be read.
Json absent_marker(std::string reason, std::string source);

/// The reason in a marker; nullopt when `value` is not one.
std::optional<std::string> absent_reason(const Json& value);

}  // namespace ms
