#include "cel/program.hpp"

#include <re2/re2.h>

#include <vector>

#include "cel/checker.hpp"
#include "cel/evaluator.hpp"
#include "cel/parser.hpp"
#include "cel/planner.hpp"

namespace ms::cel {

struct Program::Code {
  Arena arena;  ///< the source, the tree and its constants
  std::string_view source;
  const Node* root = nullptr;
  const TypeNode* type = nullptr;
  std::span<const std::string_view> references;
  std::vector<std::shared_ptr<const re2::RE2>> patterns;
  const Limits* limits = nullptr;
  std::uint32_t slots = 0;
};

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
  code->references = planner.references();
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

std::span<const std::string_view> Program::references() const {
  return code_->references;
}
Type Program::result_type() const {
  return Type::copy_of(*code_->type);
}
std::string_view Program::source() const {
  return code_->source;
}

}  // namespace ms::cel
