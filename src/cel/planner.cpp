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
      note(*node, {});
      return node;
    case Op::select:
    case Op::index:
      if (!plan_path(node)) break;
      note(*node, {});
      return node;
    case Op::has:
    case Op::optional_select: {
      // has(env.X) reads env.X, not all of env.
      Node* const container = node->arg(0);
      const bool is_variable = container->op == Op::global || container->op == Op::local;
      if (!is_variable && !plan_path(container)) break;
      note(*container, node->name);
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

// Turns a chain like cpu.governors or env["X"] into one step.
bool Planner::plan_path(Node* node) {
  InlineVector<const Node*, 16> steps;  // from the last to the first
  Node* root = node;
  for (; selected_name(root); root = root->arg(0)) steps.push_back(root);
  if ((root->op != Op::global && root->op != Op::local) || steps.empty()) return false;
  const std::span<FieldKey> fields = arena_.array<FieldKey>(steps.size());
  PathData* const path = arena_.make<PathData>();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Node* const step = steps[fields.size() - 1 - i];
    fields[i] = FieldKey(*selected_name(step));
    if (step->declared && path->declared == i) ++path->declared;
  }
  path->fields = fields;
  node->op = Op::path;
  node->from_local = root->op == Op::local;
  if (node->from_local) {
    node->set_args(arena_.copy(std::span<Node* const>(&root, 1)));
  } else {
    path->hash = root->hash;
    node->name = root->name;
    node->no_args();
  }
  node->path = path;
  return true;
}

// Notes what a variable or a path from it reads, and perhaps one field more.
void Planner::note(const Node& root, std::string_view last_field) {
  if (root.op == Op::local || root.from_local) return;
  const std::span<const FieldKey> fields =
      root.op == Op::path ? root.path->fields : std::span<const FieldKey>();
  std::size_t size = root.name.size() + (last_field.empty() ? 0 : last_field.size() + 1);
  for (const FieldKey& field : fields) size += field.text.size() + 1;
  char* const text = arena_.text(size);
  char* out = std::copy(root.name.begin(), root.name.end(), text);
  const auto append = [&](std::string_view field) {
    *out++ = '.';
    out = std::copy(field.begin(), field.end(), out);
  };
  for (const FieldKey& field : fields) append(field.text);
  if (!last_field.empty()) append(last_field);
  const std::string_view path(text, size);
  const std::span<const std::string_view> known = references_.all();
  if (std::find(known.begin(), known.end(), path) == known.end()) references_.push_back(path);
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
