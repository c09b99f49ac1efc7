#include "import/cmate_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ms::import {
namespace {

constexpr std::size_t kLongest = 8000;  // bytes of an expression after its variables were put in

std::string at(const std::string& root, std::string_view path) {
  return path.empty() ? root : fmt::format("{}.at({})", root, cel_text(path));
}

}  // namespace

std::string identifier(const std::string& name) {
  static constexpr std::array<std::string_view, 20> kReserved = {
      "as", "break", "const", "continue",  "else", "false",   "for",    "function", "if",  "import",
      "in", "let",   "loop",  "namespace", "null", "package", "return", "true",     "var", "void"};
  std::string result = name;
  std::replace(result.begin(), result.end(), '-', '_');
  const bool is_reserved = std::find(kReserved.begin(), kReserved.end(), result) != kReserved.end();
  return is_reserved ? result + "_" : result;
}

CelWriter CmateNames::writer(const Place& place) const {
  return CelWriter(
      {.resolve = [this, &place](const Expression& path) { return resolve(path, place); },
       .path_exists = [this, &place](const std::string& path) { return asked_path(path, place); },
       .port_in_use =
           [this](const std::string& port) {
             pack_.questions.ports = true;
             return Cel{.text = fmt::format("int({}) in asked.ports_in_use", port),
                        .type = Cel::Type::boolean,
                        .strength = Cel::relation};
           },
       .note =
           [this](const Expression& part, const std::string& reason) {
             const Omission note{part.position.line, shortened(part.source), reason};
             const auto same = [&](const Omission& other) {
               return other.line == note.line && other.construct == note.construct;
             };
             if (std::none_of(pack_.notes.begin(), pack_.notes.end(), same)) pack_.notes.push_back(note);
           },
       .none_is_missing = false});
}

Cel CmateNames::asked_path(const std::string& path, const Place& place) const {
  const auto inner = std::find_if(place.variables.begin(), place.variables.end(),
                                  [](const auto& variable) { return !variable.second.empty(); });
  if (inner != place.variables.end())
    throw Untranslatable("path_exists() in a loop is not asked of the host");
  std::vector<std::string>& paths = pack_.questions.paths;
  if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
  return {.text = fmt::format("asked.path_exists[{}]", path), .type = Cel::Type::boolean};
}

std::string CmateNames::condition(const std::vector<Guard>& guards, const Place& place) const {
  const CelWriter cel = writer(place);
  std::string text;
  for (const Guard& guard : without_implied(guards)) {
    Cel condition = cel.condition(*guard.condition, false);
    if (guard.negated) condition = {.text = "!" + condition.within(Cel::unary), .strength = Cel::unary};
    text += (text.empty() ? "" : " && ") + condition.within(Cel::conjunction);
  }
  return text;
}

std::string CmateNames::elements(const std::vector<Loop>& loops, const Place& place) const {
  std::string list;
  Place inside = place;
  for (const Loop& loop : loops) {
    const std::string outer = inside.variables.empty() ? "" : inside.variables.back().second;
    const std::string items = fmt::format("loose.items({})", writer(inside).value(*loop.list).text);
    list = list.empty() ? items : fmt::format("{}.map({}, {}).flatten()", list, outer, items);
    if (!inside.variables.empty()) inside.variables.back().second.clear();
    inside.variables.emplace_back(loop.variable, identifier(loop.variable));
    const std::string guards = condition(loop.guards, inside);
    if (!guards.empty()) list = fmt::format("{}.filter({}, {})", list, identifier(loop.variable), guards);
  }
  return list;
}

bool CmateNames::is_assigned(const std::string& name) const {
  return std::any_of(assignments_.begin(), assignments_.end(),
                     [&](const Assignment& a) { return a.name == name; });
}

// The last assignment that was reached decides; one of a missing value leaves what was there.
Cel CmateNames::variable(const std::string& name, const Place& place) const {
  const ContextKnowledge known(*place.guards);
  std::optional<Cel> value;
  for (std::size_t i = 0; i < place.assignments; ++i) {
    const Assignment& assignment = assignments_[i];
    if (assignment.name != name) continue;
    const auto reached = known.decide(assignment.guards);
    if (reached == false) continue;
    if (!assignment.refusal.empty()) {
      throw Untranslatable(fmt::format("'{}' of line {}: {}", name, assignment.line, assignment.refusal));
    }
    const Place there{.target = "", .guards = place.guards, .variables = {}, .assignments = i};
    Cel now = assigned(assignment, there);
    if (reached != true) {
      const std::string guards = condition(assignment.guards, there);
      now = {.text = fmt::format("{} ? dyn({}) : missing()", guards, now.text), .strength = Cel::conditional};
    }
    value = value ? Cel{.text = fmt::format("loose.last([dyn({}), {}])", value->text, now.text)} : now;
    if (value->text.size() > kLongest) {
      throw Untranslatable(fmt::format("'{}' becomes too long an expression", name));
    }
  }
  return value.value_or(Cel{.text = "missing()"});
}

Cel CmateNames::assigned(const Assignment& assignment, const Place& place) const {
  if (assignment.loops.empty()) return writer(place).value(*assignment.value);
  const std::string& name = assignment.loops.back().variable;
  Place inside = place;
  for (const Loop& loop : assignment.loops) inside.variables.emplace_back(loop.variable, "");
  inside.variables.back().second = identifier(name);
  return {.text = fmt::format("loose.last({}.map({}, dyn({})))", elements(assignment.loops, place),
                              identifier(name), writer(inside).value(*assignment.value).text)};
}

Cel CmateNames::resolve(const Expression& path, const Place& place) const {
  const std::string& text = path.text;
  const auto colons = text.find("::");
  if (colons == text.npos) {
    const std::string first = text.substr(0, text.find_first_of(".["));
    for (auto variable = place.variables.rbegin(); variable != place.variables.rend(); ++variable) {
      if (variable->first != first) continue;
      if (variable->second.empty())
        throw Untranslatable(fmt::format("'{}' is the element of an outer loop", first));
      std::string_view rest = std::string_view(text).substr(first.size());
      if (rest.starts_with('.')) rest.remove_prefix(1);
      return {.text = at(variable->second, rest)};
    }
    if (is_assigned(first)) {
      std::string_view rest = std::string_view(text).substr(first.size());
      if (rest.starts_with('.')) rest.remove_prefix(1);
      const Cel value = variable(first, place);
      return rest.empty() ? value : Cel{.text = at(value.within(Cel::whole), rest)};
    }
    if (place.target.empty()) throw Untranslatable(fmt::format("'{}' is never assigned", text));
    return {.text = at(place.target == "env" ? "env" : "document." + identifier(place.target), text)};
  }
  const std::string space = text.substr(0, colons);
  const std::string rest = text.substr(colons + 2);
  if (space == "context") return {.text = "context." + identifier(rest)};
  if (space == "env") return {.text = at("env", rest)};
  if (space != "global") {
    if (rest == "__root__") return {.text = "document." + identifier(space)};
    return {.text = at("document." + identifier(space), rest)};
  }
  if (is_assigned(rest)) return variable(rest, place);
  if (rest == "npu_count") return {.text = "npu.count", .type = Cel::Type::integer};
  if (rest != "cur_ip") throw Untranslatable(fmt::format("'{}' is never assigned", text));
  pack_.questions.address = true;
  return {.text = "asked.address", .type = Cel::Type::text};
}

}  // namespace ms::import
