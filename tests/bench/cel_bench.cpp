// Measures compilation and evaluation of the expressions in cel_expressions.json, and a pack of 10,000 rules.
//
//     cel_bench [FILE]          a table of nanoseconds
//     cel_bench FILE --json     the same as one JSON object, for cel_compare.mjs

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <limits>

#include "cel/program.hpp"

namespace {

namespace cel = ms::cel;
using cel::Type;
using Clock = std::chrono::steady_clock;

double nanoseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}

// The least of a hundred samples of about 1 ms each: what else runs on the machine only ever adds, and in
// some samples nothing does. [ns per call]
template <class Work>
double measure(Work work) {
  constexpr double kSample = 1e6;
  std::size_t calls = 1;
  for (double spent = 0; spent < kSample / 2; calls *= 2) {
    const auto start = Clock::now();
    for (std::size_t i = 0; i < calls; ++i) work();
    spent = nanoseconds_since(start);
  }
  double least = std::numeric_limits<double>::infinity();
  for (int sample = 0; sample < 100; ++sample) {
    const auto start = Clock::now();
    for (std::size_t i = 0; i < calls; ++i) work();
    least = std::min(least, nanoseconds_since(start) / static_cast<double>(calls));
  }
  return least;
}

ms::Json load(const char* path) {
  std::ifstream stream(path);
  ms::Json file = ms::Json::parse(stream);
  ms::Json& npu = file["document"]["npu"];
  for (int id = 0; id < 64; ++id) {
    npu["devices"].push_back(npu["device"]);
    npu["devices"].back()["id"] = id;
  }
  return file;
}

void declare_facts(cel::Environment& environment) {
  const Type device = Type::object("device", {{"id", Type::integer()},
                                              {"health", Type::string()},
                                              {"hbm_bytes", Type::integer()},
                                              {"temperature", Type::integer()},
                                              {"utilisation", Type::real()}});
  environment.declare("env", Type::map(Type::string(), Type::string()));
  environment.declare("cpu", Type::object("cpu", {{"governors", Type::list(Type::string())},
                                                  {"count", Type::integer()},
                                                  {"numa_nodes", Type::integer()},
                                                  {"model", Type::string()}}));
  environment.declare("memory",
                      Type::object("memory", {{"total_bytes", Type::integer()},
                                              {"free_bytes", Type::integer()},
                                              {"thp", Type::object("thp", {{"mode", Type::string()}})}}));
  environment.declare("plan",
                      Type::object("plan", {{"kv", Type::object("kv", {{"blocks", Type::integer()},
                                                                       {"utilisation", Type::real()}})}}));
  environment.declare("npu", Type::object("npu", {{"devices", Type::list(device)}}));
}

// A pack as large as no one writes: every expression but the loops, each time with other constants. [ms]
double pack_of_rules(const ms::Json& file, const cel::Environment& environment,
                     const cel::Activation& facts) {
  constexpr std::size_t kRules = 10'000;
  std::vector<std::string> sources;
  const ms::Json& expressions = file["expressions"];
  for (std::size_t i = 0; i < kRules; ++i) {
    const std::string source = expressions[i % expressions.size()]["source"];
    sources.push_back(source.find("devices") != source.npos
                          ? fmt::format("cpu.count > {} && env.HCCL_BUFFSIZE != '{}'", i % 500, i)
                          : source);
  }
  const auto start = Clock::now();
  std::vector<cel::Program> programs;
  programs.reserve(kRules);
  for (const std::string& source : sources) programs.push_back(cel::compile(source, environment));
  std::size_t passed = 0;
  cel::Arena arena;
  for (const cel::Program& program : programs) {
    passed += program.evaluate(facts, arena).is_true() ? 1 : 0;
    arena.reset();
  }
  const double spent = nanoseconds_since(start) / 1e6;
  if (passed < kRules / 2) fmt::print(stderr, "only {} of the rules held\n", passed);
  return spent;
}

}  // namespace

int main(int argc, char** argv) {
  const char* const path = argc > 1 ? argv[1] : MS_SOURCE_DIR "/tests/bench/cel_expressions.json";
  const bool as_json = argc > 2 && std::string_view(argv[2]) == "--json";
  const ms::Json file = load(path);
  const cel::Activation facts = cel::Activation::of_document(file["document"]);
  cel::Environment environment;
  declare_facts(environment);

  // The first expression would otherwise pay for cold caches and a slow clock.
  const std::string warming = file["expressions"][0]["source"];
  for (int i = 0; i < 10; ++i) measure([&] { cel::compile(warming, environment); });

  ms::Json results = ms::Json::object();
  for (const ms::Json& expression : file["expressions"]) {
    const std::string source = expression["source"];
    const cel::Program program = cel::compile(source, environment);
    cel::Arena arena;
    const cel::Value value = program.evaluate(facts, arena);
    if (!value.is_true()) {
      fmt::print(stderr, "{}: {}\n", source, to_text(value));
      return 1;
    }
    const double compiling = measure([&] { cel::compile(source, environment); });
    const double evaluating = measure([&] {
      program.evaluate(facts, arena);
      arena.reset();
    });
    if (!as_json)
      fmt::print("{:30} compile {:8.0f} ns   evaluate {:8.1f} ns\n", expression["name"].get<std::string>(),
                 compiling, evaluating);
    results[expression["name"].get<std::string>()] = {{"compile_ns", compiling}, {"evaluate_ns", evaluating}};
  }
  std::vector<double> packs;
  for (int i = 0; i < 5; ++i) packs.push_back(pack_of_rules(file, environment, facts));
  const double pack = packs[0];  // the first one: a tool loads its rules once, with cold caches
  if (as_json) {
    std::cout << ms::Json{{"expressions", results}, {"pack_of_10000_ms", pack}} << "\n";
  } else {
    fmt::print("10,000 rules compiled, checked and evaluated: {:.1f} ms the first time, {:.1f} ms again\n",
               pack, *std::min_element(packs.begin(), packs.end()));
  }
  return 0;
}
