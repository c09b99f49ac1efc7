#include "cli/pack_source.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "base/text.hpp"
#include "import/verify.hpp"

namespace ms {
namespace {

// Rules are written by people; the largest known file has 60 KB.
constexpr std::size_t kMaxRuleFileBytes = std::size_t{4} << 20;

bool is_yaml(const std::string& name) {
  return name.ends_with(".yaml") || name.ends_with(".yml");
}

}  // namespace

bool is_importable(const std::string& path) {
  const std::string name = to_lower(path);
  return name.ends_with(".cmate") || is_yaml(name);
}

ms::import::ImportedPack import_pack(const std::string& path, const std::vector<FactSpec>& facts) {
  const std::string text = sanitize_utf8(read_document(path, kMaxRuleFileBytes));
  const bool from_yaml = is_yaml(to_lower(path));
  auto pack = from_yaml ? ms::import::import_yaml_rules(text, path) : ms::import::import_cmate(text, path);
  cel::Environment environment;
  declare_facts(facts, environment);
  ms::import::leave_out_what_does_not_compile(pack, environment);
  return pack;
}

void print_omissions(const import::ImportedPack& pack) {
  for (const import::Omission& note : pack.notes) {
    fmt::print(stderr, "{}:{}: note: {}: {}\n", pack.source, note.line, note.construct, note.reason);
  }
  for (const import::Omission& omission : pack.omissions) {
    fmt::print(stderr, "{}:{}: not translated: {}: {}\n", pack.source, omission.line, omission.construct,
               omission.reason);
  }
}

namespace {

// Read, its omissions told, and not empty.
ms::import::ImportedPack translated(const std::string& path, const std::vector<FactSpec>& facts) {
  auto pack = import_pack(path, facts);
  print_omissions(pack);
  if (pack.rules.empty()) throw InputError(path, "holds no rule that could be translated");
  return pack;
}

}  // namespace

PackFile load_pack_file(const std::string& path, const std::vector<FactSpec>& facts) {
  if (!is_importable(path)) return {load_pack(facts, read_document(path, kMaxRuleFileBytes), path), {}};
  const import::ImportedPack pack = translated(path, facts);
  return {load_pack(facts, import::to_toml(pack), path), pack.omissions};
}

TomlTable translate_pack(const std::string& path, const std::vector<FactSpec>& facts) {
  return parse_toml(import::to_toml(translated(path, facts)), path);
}

std::vector<Finding> findings_of(const std::vector<import::Omission>& omissions, const std::string& source) {
  std::vector<Finding> findings;
  for (const import::Omission& omission : omissions) {
    const auto severity = severity_named(omission.severity);
    if (!severity) continue;
    Finding finding;
    finding.rule = import::rule_id(source, omission.line);
    finding.outcome = Outcome::unknown;
    finding.severity = *severity;
    finding.title = {omission.construct, omission.construct};
    finding.expected = finding.title;
    finding.actual = {"not translated: " + omission.reason, "未能翻译：" + omission.reason};
    finding.why = {"The rule could not be translated.", "该规则未能翻译。"};
    finding.source = {fmt::format("{}:{}", source, omission.line)};
    finding.defined_at = finding.source.front();
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace ms
