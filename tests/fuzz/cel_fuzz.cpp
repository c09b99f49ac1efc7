// Parses, checks and evaluates arbitrary text over a small document, with and without checking, and as a
// template. What it looks for: crashes, hangs, growth, undefined behaviour. Every expression must end as a
// value or as a CompileError whose place lies inside the text.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cel/program.hpp"
#include "cel/template.hpp"

namespace {

namespace cel = ms::cel;
using cel::Type;

struct World {
  ms::Json document = ms::Json::parse(R"({
    "a": 1, "b": 2.5, "c": "text", "d": [1, 2, 3], "e": {"k": "v", "n": {"m": [true, null]}},
    "u": {"$absent": {"reason": "not read", "source": "file"}},
    "l": [{"id": 0, "h": "OK"}, {"id": 1, "h": {"$absent": {"reason": "no answer"}}}]
  })");
  cel::Activation activation = cel::Activation::of_document(document);
  cel::Environment checked;
  cel::Environment unchecked;

  World() {
    for (cel::Environment* environment : {&checked, &unchecked}) {
      environment->declare("a", Type::integer());
      environment->declare("b", Type::real());
      environment->declare("c", Type::string());
      environment->declare("d", Type::list(Type::integer()));
      environment->declare("e", Type::dyn());
      environment->declare("u", Type::string());
      environment->declare(
          "l", Type::list(Type::object("device", {{"id", Type::integer()}, {"h", Type::string()}})));
      environment->set_block_macros(true);
      environment->limits.steps = 20'000;
      environment->limits.memory_bytes = std::uint64_t{1} << 20;
      environment->limits.source_bytes = 4096;
    }
    unchecked.set_checking(false);
  }
};

void require(bool condition) {
  if (!condition) std::abort();
}

void evaluate(std::string_view text, const World& world, const cel::Environment& environment) {
  try {
    const cel::Program program = cel::compile(text, environment);
    cel::Arena arena;
    const cel::Value value = program.evaluate(world.activation, arena);
    require(!value.is_marker());
    if (value.is(cel::Kind::unknown)) require(!value.unknown().empty());
    to_text(value);
    to_json(value).dump(-1, ' ', false, ms::Json::error_handler_t::replace);
    cel::Arena other;
    const cel::Explanation explanation = program.evaluate_explained(world.activation, other);
    require(explanation.value.kind() == value.kind());
    program.result_type().to_text();
  } catch (const cel::CompileError& error) {
    require(error.offset() <= text.size());
    require(error.offset() + error.length() <= text.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  evaluate(text, world, world.checked);
  evaluate(text, world, world.unchecked);
  try {
    const cel::Template message = cel::Template::compile(text, world.checked);
    cel::Arena arena;
    message.evaluate(world.activation, arena);
  } catch (const cel::CompileError& error) {
    require(error.offset() <= text.size());
  }
  return 0;
}
