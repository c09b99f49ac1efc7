#include "probe/probe_set.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/closest_match.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/toml.hpp"

namespace ms {
namespace {

bool is_fact_path(std::string_view path) {
  static const RE2 pattern(R"([a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*)");
  return RE2::FullMatch(re2::StringPiece(path.data(), path.size()), pattern);
}

bool is_inside(std::string_view inner, std::string_view outer) {
  return inner.size() > outer.size() && inner.starts_with(outer) && inner[outer.size()] == '.';
}

std::vector<std::string> read_paths(const TomlTable& table, std::string_view key) {
  auto paths = table.strings(key);
  if (paths.empty()) table.fail(key, fmt::format("'{}' names no path", key));
  for (const std::string& path : paths) {
    if (!path.starts_with('/') && !path.starts_with("${")) {
      table.fail(key, fmt::format("'{}' is not an absolute path", path));
    }
  }
  return paths;
}

FileProbe read_file_probe(const TomlTable& table, const std::string& type, ProbeLayer layer) {
  FileProbe probe;
  probe.paths = read_paths(table, "file");
  const auto scalar = parse_scalar_type(type);
  if (!scalar) table.fail("type", "a file gives a string, int, double or bool; other types need a builtin");
  probe.type = *scalar;
  probe.extract = table.optional_string("extract");
  if (probe.extract && layer == ProbeLayer::site) {
    RE2::Options options;
    options.set_log_errors(false);
    const RE2 compiled(*probe.extract, options);
    if (!compiled.ok()) table.fail("extract", fmt::format("not a regular expression: {}", compiled.error()));
  }
  if (const auto factor = table.optional_int("multiply")) {
    if (probe.type != ScalarType::integer) table.fail("multiply", "'multiply' is for type = \"int\" only");
    probe.multiply = *factor;
  }
  probe.empty = table.optional_string("empty");
  if (probe.empty && probe.type != ScalarType::string)
    table.fail("empty", "'empty' is for type = \"string\" only");
  return probe;
}

BuiltinProbe read_builtin_probe(const TomlTable& table, const std::string& fact) {
  const std::string name = table.string("builtin");
  const Builtin* builtin = find_builtin(name);
  if (builtin == nullptr) {
    std::vector<std::string_view> names;
    for (const Builtin& known : builtins()) names.push_back(known.name);
    table.fail("builtin",
               fmt::format("unknown builtin '{}'{}", name, did_you_mean(closest_match(name, names))));
  }
  if (std::find(builtin->facts.begin(), builtin->facts.end(), fact) == builtin->facts.end()) {
    table.fail("fact", fmt::format("builtin '{}' does not give '{}'; it gives {}", name, fact,
                                   fmt::join(builtin->facts, ", ")));
  }
  return {builtin};
}

Probe read_probe(const TomlTable& table, ProbeLayer layer) {
  Probe probe;
  probe.fact = table.string("fact");
  if (!is_fact_path(probe.fact)) {
    table.fail("fact", fmt::format("'{}' is not a fact path, like memory.thp.mode", probe.fact));
  }
  probe.type = table.string("type");
  probe.unit = table.optional_string("unit").value_or("");
  probe.doc = table.text("doc");
  probe.defined = fmt::format("{}:{}", table.source(), table.position("fact").line);
  const int ways =
      (table.has("file") ? 1 : 0) + (table.has("exists") ? 1 : 0) + (table.has("builtin") ? 1 : 0);
  if (ways == 0) {
    for (const char* key : {"extract", "multiply", "empty"}) (void)table.has(key);
    table.finish();  // a misspelt key says more than that one is missing
  }
  if (ways != 1) table.fail("fact", "a probe has exactly one of 'file', 'exists' and 'builtin'");
  if (table.has("file")) {
    probe.how = read_file_probe(table, probe.type, layer);
  } else if (table.has("exists")) {
    probe.how = ExistsProbe{read_paths(table, "exists")};
    if (probe.type != "bool") table.fail("type", "'exists' gives a bool");
  } else {
    probe.how = read_builtin_probe(table, probe.fact);
  }
  table.finish();
  return probe;
}

}  // namespace

std::string Probe::source() const {
  if (const auto* file = std::get_if<FileProbe>(&how)) return fmt::format("{}", fmt::join(file->paths, ", "));
  if (const auto* path = std::get_if<ExistsProbe>(&how))
    return fmt::format("{}", fmt::join(path->paths, ", "));
  return std::string(std::get<BuiltinProbe>(how).builtin->source);
}

const Probe* ProbeSet::find(std::string_view fact) const {
  const auto found =
      std::find_if(probes_.begin(), probes_.end(), [&](const Probe& probe) { return probe.fact == fact; });
  return found == probes_.end() ? nullptr : &*found;
}

void ProbeSet::add(const TomlTable& file, ProbeLayer layer) {
  for (const TomlTable& table : file.tables("probe")) {
    Probe probe = read_probe(table, layer);
    for (std::size_t i = 0; i < probes_.size(); ++i) {
      const Probe& other = probes_[i];
      if (is_inside(probe.fact, other.fact) || is_inside(other.fact, probe.fact)) {
        table.fail("fact", fmt::format("'{}' and '{}' ({}) cannot both be facts: one is inside the other",
                                       probe.fact, other.fact, other.defined));
      }
      if (other.fact == probe.fact && layers_[i] == layer) {
        table.fail("fact", fmt::format("'{}' is declared already, in {}", probe.fact, other.defined));
      }
    }
    const auto same =
        std::find_if(probes_.begin(), probes_.end(), [&](const Probe& p) { return p.fact == probe.fact; });
    if (same != probes_.end()) {
      layers_[static_cast<std::size_t>(same - probes_.begin())] = layer;
      *same = std::move(probe);
    } else {
      probes_.push_back(std::move(probe));
      layers_.push_back(layer);
    }
  }
  file.finish();
}

ProbeSet load_probes(const std::optional<std::filesystem::path>& directory) {
  ProbeSet set;
  for (const EmbeddedFile& file : embedded::probes()) {
    set.add(parse_toml(file, fmt::format("probes/{}", file.name)), ProbeLayer::compiled_in);
  }
  if (!directory) return set;
  const auto names = list_directory(*directory);
  if (!names) throw InputError(directory->string(), "cannot be listed: " + names.reason());
  for (const std::string& name : *names) {
    if (!name.ends_with(".toml")) continue;
    const auto path = *directory / name;
    set.add(parse_toml(read_document(path), path.string()), ProbeLayer::site);
  }
  return set;
}

}  // namespace ms
