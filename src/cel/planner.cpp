#include "cel/planner.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cel/evaluator.hpp"
#include "cel/function.hpp"
#include "cel/regex_cache.hpp"

namespace ms::cel {
namespace {

// Folding is a convenience, so it gets a small budget: what costs more is left to the evaluation.
constexpr Limits kFoldingLimits = {.steps = 2000, .memory_bytes = 16 * 1024};

bool is_constant(const Node* node) {
  return node->op == Op::constant && !node->optional_element;
}

bool may_fold(Op op) {
  switch (op) {
    case Op::list:
    case Op::map:
    case Op::call:
    case Op::select:
    case Op::index:
    case Op::has:
    case Op::optional_select:
    case Op::optional_index:
    case Op::logical_not:
    case Op::negate:
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::divide:
    case Op::remainder:
    case Op::equal:
    case Op::not_equal:
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal:
    case Op::in:
      return true;
    default:
      return false;
  }
}

// The name that a step of a path selects: a.name or a["name"]; nullopt where it is neither.
std::optional<std::string_view> selected_name(const Node* node) {
  if (node->op == Op::select) return node->name;
  if (node->op != Op::index || !is_constant(node->arg(1))) return std::nullopt;
  const Value& key = node->arg(1)->constant;
  return key.is(Kind::string) ? std::optional(key.as_string()) : std::nullopt;
}

}  // namespace

Node* Planner::plan(Node* node) {
  switch (node->op) {
    case Op::constant:
    case Op::local:
    case Op::failure:
      return node;
    case Op::global:
      note(make_path(*node, arena_.array<FieldKey>(1)));
      return node;
    case Op::select:
    case Op::index:
      if (PathData* const path = plan_path(node)) {
        if (!node->from_local) note(path);
        return node;
      }
      break;
    case Op::has:
    case Op::optional_select: {
      // has(env.X) reads env.X, not all of env.
      Node* const container = node->arg(0);
      const bool is_variable = container->op == Op::global || container->op == Op::local;
      const bool is_path = is_variable || plan_path(container) != nullptr;
      node->path = is_path ? path_to_member(*container, node->name) : nullptr;
      if (!is_path) break;
      return node;
    }
    default:
      break;
  }
  for (std::uint32_t i = 0; i < node->count; ++i) node->first[i] = plan(node->first[i]);
  if (node->op == Op::conditional && is_constant(node->arg(0)) && node->arg(0)->constant.is(Kind::boolean)) {
    Node* const taken = node->arg(node->arg(0)->constant.as_bool() ? 1 : 2);
    taken->optional_element = node->optional_element;
    return taken;
  }
  fold(node);
  if (node->op == Op::call && node->name == "matches") compile_pattern(node);
  return node;
}

// Turns a chain like cpu.governors or env["X"] into one step; nullptr where it is none.
PathData* Planner::plan_path(Node* node) {
  std::size_t count = 0;
  Node* root = node;
  for (; selected_name(root); root = root->arg(0)) ++count;
  if ((root->op != Op::global && root->op != Op::local) || count == 0) return nullptr;
  const std::span<FieldKey> names = arena_.array<FieldKey>(count + 1);
  std::size_t declared = count;
  const Node* step = node;
  for (std::size_t i = count; i-- > 0; step = step->arg(0)) {
    names[i + 1] = FieldKey(*selected_name(step));
    if (!step->declared) declared = i;
  }
  PathData* const path = make_path(*root, names);
  path->declared = static_cast<std::uint32_t>(declared);
  node->from_local = root->op == Op::local;
  if (node->from_local) {
    node->first[0] = root;
    node->count = 1;
  } else {
    node->name = root->name;
    node->no_args();
  }
  node->op = Op::path;
  node->path = path;
  return path;
}

// The path from a variable; the first of the names is filled in.
PathData* Planner::make_path(const Node& root, std::span<FieldKey> names) {
  PathData* const path = arena_.make<PathData>();
  names[0].text = root.name;
  path->names = names;
  if (root.op == Op::local) return path;
  path->root_hash = path->hash = root.hash;
  for (const FieldKey& field : path->fields()) path->hash = name_hash(field.text, path->hash);
  return path;
}

// What has(a.b) and a.?b read: a, which is a variable or a path, and b. nullptr where a is a local variable.
const PathData* Planner::path_to_member(const Node& container, std::string_view name) {
  if (container.op == Op::local || container.from_local) return nullptr;
  const std::size_t before = container.op == Op::path ? container.path->names.size() : 1;
  const std::span<FieldKey> names = arena_.array<FieldKey>(before + 1);
  names[before] = FieldKey(name);
  PathData* path = nullptr;
  if (container.op == Op::path) {
    std::copy(container.path->names.begin(), container.path->names.end(), names.begin());
    path = arena_.make<PathData>(*container.path);
    path->names = names;
    path->hash = name_hash(name, path->hash);
  } else {
    path = make_path(container, names);
  }
  note(path);
  return path;
}

void Planner::fold(Node* node) {
  if (!may_fold(node->op)) return;
  for (const Node* const argument : node->args()) {
    if (!is_constant(argument)) return;
  }
  Evaluator evaluator(source_, kFoldingLimits, nullptr, {}, arena_);
  const Value value = evaluator.evaluate(*node);
  if (value.is_failure()) return;  // an error may still be absorbed: true || 1 / 0 > 0
  node->op = Op::constant;
  node->constant = value;
  node->no_args();
}

void Planner::compile_pattern(Node* node) {
  if (node->args().size() != 2 || !is_constant(node->arg(1)) || !node->arg(1)->constant.is(Kind::string))
    return;
  Regex regex = compiled_regex(node->arg(1)->constant.as_string());
  if (regex.pattern == nullptr) {
    if (!environment_.checking()) return;
    const Node& pattern = *node->arg(1);
    throw CompileError(pattern.begin, pattern.end - pattern.begin,
                       fmt::format("not a pattern: {}", regex.error));
  }
  node->op = Op::matches;
  node->pattern = regex.pattern.get();
  node->set_args(node->args().first(1));
  patterns_.push_back(std::move(regex.pattern));
}

}  // namespace ms::cel
