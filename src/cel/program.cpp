#include "cel/program.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <vector>

#include "cel/checker.hpp"
#include "cel/evaluator.hpp"
#include "cel/parser.hpp"
#include "cel/planner.hpp"

namespace ms::cel {

struct Program::Code {
  std::string_view source;
  const Node* root = nullptr;
  const TypeNode* type = nullptr;
  const PathData* paths = nullptr;
  std::vector<std::shared_ptr<const re2::RE2>> patterns;
  const Limits* limits = nullptr;
  std::uint32_t slots = 0;
  Arena arena;  ///< the source, the tree and its constants
};

static_assert(sizeof(Program::Code) <= 1032, "see Arena::kInlineBytes");

Program::Program(std::unique_ptr<const Code> code) : code_(std::move(code)) {}
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;
Program::~Program() = default;

Program compile(std::string_view source, const Environment& environment) {
  auto code = std::make_unique_for_overwrite<Program::Code>();
  code->limits = &environment.limits;
  const ParseOptions options{.limits = environment.limits, .block_macros = environment.block_macros()};
  if (source.size() <= options.limits.source_bytes) source = code->arena.copy_terminated(source);
  code->source = source;
  Node* const tree = parse(source, options, code->arena);
  Checker checker(source, environment, code->arena);
  code->type = checker.run(tree);
  code->slots = checker.slots();
  Planner planner(source, environment, code->arena, code->patterns);
  code->root = planner.run(tree);
  code->paths = planner.paths();
  return Program(std::move(code));
}

namespace {

// Runs `visit` with an evaluator whose local variables have their places.
template <class Visitor>
auto with_evaluator(const Program::Code& code, const Activation& activation, Arena& arena, Visitor visit) {
  const std::span<LocalSlot> slots = arena.array<LocalSlot>(code.slots);
  Evaluator evaluator(code.source, *code.limits, &activation, slots, arena);
  return visit(evaluator);
}

}  // namespace

Value Program::evaluate(const Activation& activation, Arena& arena) const {
  return with_evaluator(*code_, activation, arena,
                        [&](Evaluator& evaluator) { return evaluator.evaluate(*code_->root); });
}

Explanation Program::evaluate_explained(const Activation& activation, Arena& arena) const {
  Explanation result;
  with_evaluator(*code_, activation, arena,
                 [&](Evaluator& evaluator) { return evaluator.explain(*code_->root, result); });
  return result;
}

std::vector<std::string> Program::references() const {
  std::vector<std::string> references;
  for (const PathData* path = code_->paths; path != nullptr; path = path->next) {
    std::string text(path->root());
    for (const FieldKey& field : path->fields()) text.append(".").append(field.text);
    references.push_back(std::move(text));
  }
  std::reverse(references.begin(), references.end());
  std::vector<std::string> once;
  for (std::string& text : references) {
    if (std::find(once.begin(), once.end(), text) == once.end()) once.push_back(std::move(text));
  }
  return once;
}
Type Program::result_type() const {
  return Type::copy_of(*code_->type);
}
std::string_view Program::source() const {
  return code_->source;
}

}  // namespace ms::cel
