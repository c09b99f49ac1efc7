#include "facts/document.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/text.hpp"

namespace ms {
namespace {

constexpr std::string_view kSchema = "msprecheck.facts/1";
constexpr std::string_view kSchemaName = "msprecheck.facts/";
constexpr std::string_view kAbsent = "$absent";

void change_texts_in(Json& value, const std::string& path, const FactDocument::Change& change) {
  if (value.is_string()) {
    value = change(path, value.get_ref<const std::string&>());
  } else if (value.is_array()) {
    for (Json& element : value) change_texts_in(element, path, change);
  } else if (value.is_object()) {
    for (auto& [name, member] : value.items()) {
      change_texts_in(member, path.empty() ? name : fmt::format("{}.{}", path, name), change);
    }
  }
}

}  // namespace

Json absent_marker(std::string reason, std::string source) {
  // A reason may quote what could not be read, and the source be a path of any bytes.
  reason = sanitize_utf8(reason);
  source = sanitize_utf8(source);
  return Json{{kAbsent, {{"reason", std::move(reason)}, {"source", std::move(source)}}}};
}

std::optional<std::string> absent_reason(const Json& value) {
  if (!value.is_object() || value.size() != 1) return std::nullopt;
  const auto marker = value.find(kAbsent);
  if (marker == value.end() || !marker->is_object()) return std::nullopt;
  return marker->value("reason", std::string("not read"));
}

void FactDocument::set(std::string_view path, Json value, std::string source) {
  Json* node = &tree_;
  for (const std::string_view name : split(path, '.')) {
    // A marker on the way stood for the whole tree; what is known now takes its place.
    if (!node->is_object() || absent_reason(*node)) *node = Json::object();
    node = &(*node)[std::string(name)];
  }
  *node = std::move(value);
  // What was said of parts of the old value does not hold for the new one.
  const std::string below = std::string(path) + ".";
  const auto first = provenance_.lower_bound(below);
  auto last = first;
  while (last != provenance_.end() && last->first.starts_with(below)) ++last;
  provenance_.erase(first, last);
  source = sanitize_utf8(source);
  provenance_.insert_or_assign(std::string(path), Provenance{std::move(source)});
}

void FactDocument::set_absent(std::string_view path, std::string reason, std::string source) {
  set(path, absent_marker(std::move(reason), source), source);
}

const Json* FactDocument::find(std::string_view path) const {
  const Json* node = &tree_;
  for (const std::string_view name : split(path, '.')) {
    if (!node->is_object()) return nullptr;
    const auto member = node->find(name);
    if (member == node->end()) return absent_reason(*node) ? node : nullptr;
    node = &*member;
  }
  return node;
}

const Provenance* FactDocument::provenance(std::string_view path) const {
  for (;;) {
    const auto found = provenance_.find(path);
    if (found != provenance_.end()) return &found->second;
    const auto dot = path.rfind('.');
    if (dot == path.npos) return nullptr;
    path = path.substr(0, dot);
  }
}

FactDocument FactDocument::only(const std::set<std::string, std::less<>>& paths) const {
  FactDocument result;
  for (const std::string& path : paths) {
    const Json* value = find(path);
    if (value == nullptr) continue;
    const Provenance* from = provenance(path);
    result.set(path, *value, from != nullptr ? from->source : "");
    for (const auto& [inner, source] : provenance_) {
      if (inner.starts_with(path + ".")) result.provenance_.emplace(inner, source);
    }
  }
  return result;
}

void FactDocument::change_values(const Change& change) {
  change_texts_in(tree_, "", change);
}

void FactDocument::change_sources(const Change& change) {
  for (auto& [path, provenance] : provenance_) provenance.source = change(path, provenance.source);
}

Json FactDocument::to_json() const {
  Json sources = Json::object();
  for (const auto& [path, provenance] : provenance_) sources[path] = {{"source", provenance.source}};
  return Json{{"schema", kSchema}, {"facts", tree_}, {"provenance", std::move(sources)}};
}

FactDocument FactDocument::from_json(const Json& document, const std::string& source) {
  if (!document.is_object() || !document.contains("schema") || !document["schema"].is_string()) {
    throw InputError(source, fmt::format("not a fact document: it has no \"schema\": \"{}\"", kSchema));
  }
  const std::string schema = document["schema"];
  if (!schema.starts_with(kSchemaName)) {
    throw InputError(source,
                     fmt::format("not a fact document: its schema is '{}', not '{}'", schema, kSchema));
  }
  if (schema != kSchema) {
    const auto version = parse_int(std::string_view(schema).substr(kSchemaName.size()));
    const auto known = parse_int(kSchema.substr(kSchemaName.size()));
    throw InputError(source,
                     fmt::format("was written in format '{}'; this version reads '{}'{}", schema, kSchema,
                                 version > known ? ": a newer msprecheck wrote it, update this one" : ""));
  }
  const auto facts = document.find("facts");
  if (facts == document.end() || !facts->is_object()) throw InputError(source, "'facts' must be an object");

  FactDocument result;
  result.tree_ = *facts;
  const auto sources = document.find("provenance");
  if (sources == document.end()) return result;
  if (!sources->is_object()) throw InputError(source, "'provenance' must be an object");
  for (const auto& [path, entry] : sources->items()) {
    if (!entry.is_object() || !entry.contains("source") || !entry["source"].is_string()) {
      throw InputError(source, fmt::format("'provenance.{}' must be an object with a 'source'", path));
    }
    result.provenance_.emplace(path, Provenance{entry["source"]});
  }
  return result;
}

}  // namespace ms
