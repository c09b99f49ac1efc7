// Runs the conformance suite of the Common Expression Language (github.com/google/cel-spec,
// tests/simple/testdata) over src/cel. The suite is not part of this repository:
//
//     cel_conformance [--dir DIR] [--verbose]
//
// Without --dir the files are looked for in $MS_CEL_CONFORMANCE, then in ../shared/data/cel-conformance
// beside the source tree. Exit status: 0 all passed, 1 some failed, 2 a file cannot be read, 77 no suite was
// found.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "cel/program.hpp"
#include "proto_values.hpp"
#include "textproto.hpp"

namespace {

using namespace conformance;
namespace cel = ms::cel;
namespace fs = std::filesystem;

enum class Outcome { passed, failed, skipped };

struct Result {
  Outcome outcome;
  std::string detail;  // why it failed, or the reason for which it is excluded
};

// What an expression may name that is defined by the suite's own protobuf files.
constexpr std::string_view kMessageNames[] = {"TestAllTypes", "TestRequired", "GlobalEnum",
                                              "NestedEnum",   "proto.hasExt", "proto.getExt"};

// Well-known types are messages too, except for the two that CEL has as types of its own.
bool names_well_known_message(std::string_view expression) {
  constexpr std::string_view kPackage = "google.protobuf.";
  for (auto at = expression.find(kPackage); at != expression.npos; at = expression.find(kPackage, at + 1)) {
    const std::string_view name = expression.substr(at + kPackage.size());
    if (!name.starts_with("Timestamp") && !name.starts_with("Duration")) return true;
  }
  return false;
}

void check_expression(std::string_view expression) {
  for (const std::string_view name : kMessageNames) {
    if (expression.find(name) != expression.npos) {
      throw Excluded(fmt::format("the expression names a protobuf message or enum ({})", name));
    }
  }
  if (names_well_known_message(expression))
    throw Excluded("the expression names a well-known protobuf message");
}

// "fn(string, int) -> string", with the receiver before the name for a member.
std::string signature_of(const std::string& name, const Message& overload) {
  std::vector<std::string> parameters;
  for (const Message* const parameter : overload.children("params"))
    parameters.push_back(type_of(*parameter).to_text());
  std::string text = name;
  if (overload.text("is_instance_function") == "true") {
    text = fmt::format("{}.{}", parameters.at(0), name);
    parameters.erase(parameters.begin());
  }
  std::string list;
  for (const std::string& parameter : parameters) list += (list.empty() ? "" : ", ") + parameter;
  return fmt::format("{}({}) -> {}", text, list, type_of(*overload.child("result_type")).to_text());
}

void declare(cel::Environment& environment, const Message& declaration) {
  const std::string name = declaration.text("name");
  if (const Message* const ident = declaration.child("ident"))
    environment.declare(name, type_of(*ident->child("type")));
  if (const Message* const function = declaration.child("function")) {
    for (const Message* const overload : function->children("overloads")) {
      environment.add_function({.signature = signature_of(name, *overload), .summary = {}, .example = {}});
    }
  }
}

Result compare_type(const Message& typed_result, const cel::Program& program) {
  const Message* const deduced = typed_result.child("deduced_type");
  if (deduced == nullptr) return {Outcome::passed, {}};
  const cel::Type expected = type_of(*deduced);
  if (program.result_type() == expected) return {Outcome::passed, {}};
  return {Outcome::failed,
          fmt::format("type {}, not {}", program.result_type().to_text(), expected.to_text())};
}

Result run(const Message& test) {
  const std::string expression = test.text("expr");
  check_expression(expression);
  if (test.text("container").starts_with("google.protobuf")) {
    throw Excluded("the expression is in the package of the well-known protobuf messages");
  }
  cel::Environment environment;
  environment.set_container(test.text("container"));
  environment.set_block_macros(true);
  environment.set_checking(test.text("disable_check") != "true");

  cel::Arena arena;
  cel::Activation activation;
  std::vector<std::unique_ptr<std::string>> names;
  for (const Message* const binding : test.children("bindings")) {
    names.push_back(std::make_unique<std::string>(binding->text("key")));
    environment.declare(*names.back(), cel::Type::dyn());
    const Message* const value = binding->child("value")->child("value");
    if (value == nullptr) throw Excluded("a binding that is no value");
    activation.bind(*names.back(), value_of(*value, arena));
  }
  for (const Message* const declaration : test.children("type_env")) declare(environment, *declaration);

  const bool wants_error = test.child("eval_error") != nullptr || test.child("any_eval_errors") != nullptr;
  const Message* const typed = test.child("typed_result");
  const Message* wanted = test.child("value");
  if (typed != nullptr) wanted = typed->child("result");
  const cel::Value expected = wanted != nullptr ? value_of(*wanted, arena) : cel::Value::boolean(true);
  try {
    const cel::Program program = cel::compile(expression, environment);
    if (typed != nullptr) {
      const Result result = compare_type(*typed, program);
      if (result.outcome == Outcome::failed || test.text("check_only") == "true") return result;
    }
    const cel::Value value = program.evaluate(activation, arena);
    if (value.is(cel::Kind::error) == wants_error && (wants_error || identical(value, expected))) {
      return {Outcome::passed, {}};
    }
    return {Outcome::failed, fmt::format("{}, not {}", to_text(value),
                                         wants_error ? std::string("an error") : to_text(expected))};
  } catch (const cel::CompileError& error) {
    if (wants_error) return {Outcome::passed, {}};
    return {Outcome::failed, fmt::format("does not compile: {}", error.what())};
  }
}

struct Counts {
  int passed = 0;
  int failed = 0;
  int skipped = 0;
};

Counts run_file(const fs::path& path, bool verbose, std::map<std::string, int>& reasons) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream content;
  content << stream.rdbuf();
  const Message file = parse_textproto(content.str());
  Counts counts;
  for (const Message* const section : file.children("section")) {
    for (const Message* const test : section->children("test")) {
      const std::string name =
          fmt::format("{}/{}/{}", path.stem().string(), section->text("name"), test->text("name"));
      Result result{};
      try {
        result = run(*test);
      } catch (const Excluded& excluded) {
        result = {Outcome::skipped, excluded.what()};
      }
      if (result.outcome == Outcome::failed)
        fmt::print("FAILED {}: {}\n    {}\n", name, result.detail, test->text("expr"));
      if (result.outcome == Outcome::skipped && verbose) fmt::print("skipped {}: {}\n", name, result.detail);
      if (result.outcome == Outcome::skipped) ++reasons[result.detail];
      ++(result.outcome == Outcome::passed   ? counts.passed
         : result.outcome == Outcome::failed ? counts.failed
                                             : counts.skipped);
    }
  }
  fmt::print("{:24} {:5} passed {:4} failed {:4} skipped\n", path.stem().string(), counts.passed,
             counts.failed, counts.skipped);
  return counts;
}

fs::path find_suite() {
  if (const char* const directory = std::getenv("MS_CEL_CONFORMANCE")) return directory;
  return fs::path(MS_SOURCE_DIR) / "../shared/data/cel-conformance";
}

}  // namespace

int main(int argc, char** argv) {
  fs::path directory = find_suite();
  bool verbose = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--verbose") {
      verbose = true;
    } else if (argument == "--dir" && i + 1 < argc) {
      directory = argv[++i];
    } else {
      fmt::print(stderr, "usage: cel_conformance [--dir DIR] [--verbose]\n");
      return 2;
    }
  }
  std::vector<fs::path> files;
  if (fs::is_directory(directory)) {
    for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
      if (entry.path().extension() == ".textproto") files.push_back(entry.path());
    }
  }
  if (files.empty()) {
    fmt::print(
        "skipped: no conformance files in {}\n"
        "To get them: git clone https://github.com/google/cel-spec, then run with --dir "
        "cel-spec/tests/simple/testdata\n",
        directory.lexically_normal().string());
    return 77;
  }
  std::sort(files.begin(), files.end());
  Counts total;
  std::map<std::string, int> reasons;
  try {
    for (const fs::path& path : files) {
      const Counts counts = run_file(path, verbose, reasons);
      total.passed += counts.passed;
      total.failed += counts.failed;
      total.skipped += counts.skipped;
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
  if (!reasons.empty())
    fmt::print("\nskipped because they need{}:\n", verbose ? "" : " (--verbose lists the tests)");
  for (const auto& [reason, count] : reasons) fmt::print("{:5}  {}\n", count, reason);
  fmt::print("\n{} passed, {} failed, {} skipped\n", total.passed, total.failed, total.skipped);
  return total.failed > 0 ? 1 : 0;
}
