#include <doctest/doctest.h>

#include <string>

#include "cel/program.hpp"
#include "cel/template.hpp"

using namespace ms::cel;

namespace {

const ms::Json kFacts = ms::Json::parse(R"({
  "cpu": {"governors": ["performance", "powersave"], "count": 192, "load": 3},
  "env": {"TASK_QUEUE_ENABLE": "2", "HCCL_BUFFSIZE": "200", "ASCEND_SLOG_PRINT_TO_STDOUT": "0",
          "ASCEND_GLOBAL_EVENT_ENABLE": "0"},
  "npu": {
    "driver": {"$absent": {"reason": "npu-smi: not found on PATH", "source": "npu-smi info"}},
    "devices": [
      {"id": 0, "health": "OK", "hbm_bytes": 34359738368},
      {"id": 1, "health": {"$absent": {"reason": "no answer within 5 s", "source": "npu-smi info"}}},
      {"id": 2, "health": "Alarm"}
    ]
  },
  "limits": {"$absent": {"reason": "permission denied", "source": "/proc/self/limits"}}
})");

Type device() {
  return Type::object("device",
                      {{"id", Type::integer()}, {"health", Type::string()}, {"hbm_bytes", Type::integer()}});
}

struct World {
  Environment environment;
  Activation activation = Activation::of_document(kFacts);
  Arena arena;

  World() {
    environment.declare("cpu", Type::object("cpu", {{"governors", Type::list(Type::string())},
                                                    {"count", Type::integer()},
                                                    {"load", Type::real()},
                                                    {"model", Type::string()}}));
    environment.declare("env", Type::map(Type::string(), Type::string()));
    environment.declare("npu",
                        Type::object("npu", {{"driver", Type::string()}, {"devices", Type::list(device())}}));
    environment.declare("limits", Type::object("limits", {{"nofile", Type::integer()}}));
    environment.declare("memory", Type::object("memory", {{"total_bytes", Type::integer()}}));
    environment.declare("anything", Type::dyn());
  }

  Value run(std::string_view source) {
    programs.push_back(compile(source, environment));
    return programs.back().evaluate(activation, arena);
  }
  std::string text(std::string_view source) { return to_text(run(source)); }

  // The message of the error that compiling gives.
  std::string refused(std::string_view source) {
    try {
      compile(source, environment);
    } catch (const CompileError& error) {
      return error.what();
    }
    return "compiled";
  }

  std::vector<Program> programs;
};

}  // namespace

TEST_CASE_FIXTURE(World, "facts are read where they stand") {
  CHECK(text("cpu.governors") == "[performance, powersave]");
  CHECK(text("cpu.governors[1]") == "powersave");
  CHECK(text("env.TASK_QUEUE_ENABLE == '2'") == "true");
  CHECK(text("env['HCCL_BUFFSIZE']") == "200");
  CHECK(text("npu.devices[0].hbm_bytes / size_bytes('1GiB')") == "32");
  CHECK(text("'powersave' in cpu.governors") == "true");
  CHECK(text("env.keysMatching('STDOUT$')") == "[ASCEND_SLOG_PRINT_TO_STDOUT]");
  CHECK(text("env.keysGlob('ASCEND_*').size()") == "2");
  CHECK(text("npu.devices.filter(d, d.id > 0).map(d, d.id)") == "[1, 2]");
}

TEST_CASE_FIXTURE(World, "a list of the document is not copied") {
  const Value governors = run("cpu.governors");
  CHECK(governors.json() == &kFacts["cpu"]["governors"]);
}

TEST_CASE_FIXTURE(World, "a fact that is declared as double reads as one") {
  CHECK(run("cpu.load").is(Kind::real));
  CHECK(text("cpu.load / 2.0") == "1.5");
}

TEST_CASE_FIXTURE(World, "a fact that could not be read is unknown, with path and reason") {
  const Value value = run("npu.driver == '24.1.0'");
  REQUIRE(value.is(Kind::unknown));
  REQUIRE(value.unknown().size() == 1);
  CHECK(value.unknown()[0].path == "npu.driver");
  CHECK(value.unknown()[0].reason == "npu-smi: not found on PATH");
  CHECK(value.unknown()[0].source == "npu-smi info");
}

TEST_CASE_FIXTURE(World, "what lies below an absent fact is absent with it") {
  const Value value = run("limits.nofile > 1000");
  REQUIRE(value.is(Kind::unknown));
  CHECK(value.unknown()[0].path == "limits");
  CHECK(value.unknown()[0].reason == "permission denied");
}

TEST_CASE_FIXTURE(World, "an unknown in a list names its element") {
  const Value direct = run("npu.devices[1].health");
  REQUIRE(direct.is(Kind::unknown));
  CHECK(direct.unknown()[0].path == "npu.devices[1].health");
  const Value folded = run("npu.devices.all(d, d.health == 'OK' || d.id == 2)");
  REQUIRE(folded.is(Kind::unknown));
  CHECK(folded.unknown()[0].path == "npu.devices[1].health");
  const Value computed = run("npu.devices.filter(d, d.id == 1)[0].health == 'OK'");
  REQUIRE(computed.is(Kind::unknown));
  CHECK(computed.unknown()[0].path == "npu.devices[1].health");
  const Value bound = run("cel.bind(d, npu.devices[1], d.health == 'OK')");
  REQUIRE(bound.is(Kind::unknown));
  CHECK(bound.unknown()[0].path == "npu.devices[1].health");
}

TEST_CASE_FIXTURE(World, "logic decides in spite of unknown facts and errors") {
  CHECK(text("false && npu.driver == 'x'") == "false");
  CHECK(text("npu.driver == 'x' && false") == "false");
  CHECK(text("true || npu.driver == 'x'") == "true");
  CHECK(text("npu.driver == 'x' || true") == "true");
  CHECK(run("npu.driver == 'x' && true").is(Kind::unknown));
  CHECK(text("npu.devices.all(d, d.health == 'OK')") == "false");  // the third one is not
  CHECK(text("npu.devices.exists(d, d.health == 'Alarm')") == "true");
  CHECK(text("1 / 0 > 0 || true") == "true");
}

TEST_CASE_FIXTURE(World, "unknown wins over an error, and unknowns add up") {
  CHECK(run("1 / 0 > 0 && npu.driver == 'x'").is(Kind::unknown));
  CHECK(run("npu.driver + string(1 / 0)").is(Kind::unknown));
  const Value both = run("npu.driver == 'x' && limits.nofile > 1");
  REQUIRE(both.is(Kind::unknown));
  REQUIRE(both.unknown().size() == 2);
  CHECK(both.unknown()[0].path == "npu.driver");
  CHECK(both.unknown()[1].path == "limits");
  CHECK(run("npu.driver == npu.driver").unknown().size() == 1);
}

TEST_CASE_FIXTURE(World, "has() of an absent fact is unknown, of a missing key false") {
  CHECK(run("has(npu.driver)").is(Kind::unknown));
  CHECK(text("has(env.NO_SUCH)") == "false");
  CHECK(text("has(env.HCCL_BUFFSIZE)") == "true");
  CHECK(text("has(cpu.model)") == "false");
}

TEST_CASE_FIXTURE(World,
                  "a declared fact that the document lacks is unknown, a key of an open map an error") {
  const Value field = run("cpu.model == 'Kunpeng-920'");
  REQUIRE(field.is(Kind::unknown));
  CHECK(field.unknown()[0].path == "cpu.model");
  CHECK(field.unknown()[0].reason == "it is not among the facts");
  const Value tree = run("memory.total_bytes > 0");
  REQUIRE(tree.is(Kind::unknown));
  CHECK(tree.unknown()[0].path == "memory.total_bytes");
  const Value key = run("env.NO_SUCH == '1'");
  REQUIRE(key.is(Kind::error));
  CHECK(key.error().code == ErrorCode::no_such_key);
  CHECK(key.error().message == "no such key 'NO_SUCH'");
  CHECK(key.error().offset == 0);
  CHECK(key.error().length == 11);
  CHECK(text("env.?NO_SUCH.orValue('-')") == "-");
}

TEST_CASE_FIXTURE(World, "an absent element makes only what depends on it unknown") {
  CHECK(text("size(npu.devices)") == "3");
  CHECK(run("npu.devices.map(d, d.health)").is(Kind::unknown));
  CHECK(text("npu.devices.map(d, d.id)") == "[0, 1, 2]");
}

TEST_CASE_FIXTURE(World, "a local variable on top of the facts has the path that it was given") {
  Environment below(&environment);
  below.declare("e", device());
  const Program program = compile("e.health == 'OK' && cpu.count > 0", below);
  Activation element(&activation);
  element.bind("e", kFacts["npu"]["devices"][1], "npu.devices[1]");
  const Value value = program.evaluate(element, arena);
  REQUIRE(value.is(Kind::unknown));
  CHECK(value.unknown()[0].path == "npu.devices[1].health");
}

TEST_CASE_FIXTURE(World, "a wrong name is refused with the closest one") {
  CHECK(refused("cpu.goverors == []") == "unknown fact 'cpu.goverors'; did you mean 'cpu.governors'?");
  CHECK(refused("cpux.count") == "unknown fact 'cpux'; did you mean 'cpu'?");
  CHECK(refused("env.keysMatchin('a')") == "unknown function 'keysMatchin'; did you mean 'keysMatching'?");
  CHECK(refused("npu.devices.all(d, d.heath == 'OK')") ==
        "there is no field 'heath'; did you mean 'health'?");
  CHECK(refused("npu.devices[0].heath") == "there is no field 'heath'; did you mean 'health'?");
  CHECK(refused("cpu['cuont']") == "unknown fact 'cpu.cuont'; did you mean 'cpu.count'?");
  CHECK(refused("math.flor(1.0)") == "unknown function 'math.flor'; did you mean 'math.floor'?");
}

TEST_CASE_FIXTURE(World, "a type that does not fit is refused") {
  CHECK(refused("cpu.count == '192'") == "'==' compares int with string");
  CHECK(refused("cpu.count < '192'") == "'<' does not take int and string");
  CHECK(refused("cpu.count && true") == "'&&' takes bool, not int");
  CHECK(refused("cpu.governors.all(g, g)") == "all() takes bool, not string");
  CHECK(refused("env.X + 1") == "'+' does not take string and int");
  CHECK(refused("size(cpu.count)").starts_with("size() does not take (int); there is size(string) -> int"));
  CHECK(refused("'a' in cpu.count") == "'in' looks for string in int");
  CHECK(refused("'a'.matches('(')").starts_with("not a pattern: missing )"));
}

TEST_CASE_FIXTURE(World, "a compile error says where") {
  try {
    compile("cpu.count > 0 && cpu.goverors == []", environment);
    FAIL("it compiled");
  } catch (const CompileError& error) {
    CHECK(error.offset() == 17);
    CHECK(error.length() == 12);
    CHECK(error.suggestion() == "cpu.governors");
  }
}

TEST_CASE_FIXTURE(World, "a program names the facts that it reads") {
  const auto references = [&](std::string_view source) {
    std::string all;
    const Program program = compile(source, environment);
    for (const std::string_view path : program.references()) all += std::string(path) + " ";
    return all;
  };
  CHECK(references("env.TASK_QUEUE_ENABLE == '2' && env['A'] == env.TASK_QUEUE_ENABLE") ==
        "env.TASK_QUEUE_ENABLE env.A ");
  CHECK(references("npu.devices.all(d, d.health == 'OK')") == "npu.devices ");
  CHECK(references("npu.devices[0].health") == "npu.devices ");
  CHECK(references("has(env.X) ? env.X : ''") == "env.X ");
  CHECK(references("env.?X.orValue('')") == "env.X ");
  CHECK(references("size(env) > 0 && anything.a.b == 1") == "env anything.a.b ");
  CHECK(references("[1, 2].exists(x, x > 1)") == "");
}

TEST_CASE_FIXTURE(World, "a program knows the type of its value") {
  CHECK(compile("cpu.governors", environment).result_type() == Type::list(Type::string()));
  CHECK(compile("npu.devices.map(d, d.id)", environment).result_type() == Type::list(Type::integer()));
  CHECK(compile("env.?A", environment).result_type() == Type::optional(Type::string()));
  CHECK(compile("anything.x + 1", environment).result_type() == Type::integer());
  CHECK(compile("anything.x", environment).result_type() == Type::dyn());
}

TEST_CASE_FIXTURE(World, "an explanation has the values of the parts") {
  const Program program = compile("cpu.count > 100 && 'ondemand' in cpu.governors", environment);
  const Explanation explanation = program.evaluate_explained(activation, arena);
  CHECK(explanation.source == "cpu.count > 100 && 'ondemand' in cpu.governors");
  CHECK(explanation.value.is_false());
  REQUIRE(explanation.parts.size() == 2);
  CHECK(explanation.parts[0].source == "cpu.count > 100");
  CHECK(explanation.parts[0].value.is_true());
  REQUIRE(explanation.parts[0].parts.size() == 1);
  CHECK(explanation.parts[0].parts[0].source == "cpu.count");
  CHECK(explanation.parts[0].parts[0].value.as_int() == 192);
  CHECK(explanation.parts[1].offset == 19);
}

TEST_CASE_FIXTURE(World, "a template shows values and says what is unknown") {
  const Template message = Template::compile(
      "{{cpu.count}} CPUs, {{human_bytes(npu.devices[0].hbm_bytes)}}, driver {{npu.driver}}{{{{",
      environment);
  const Template::Result result = message.evaluate(activation, arena);
  CHECK(result.text == "192 CPUs, 32 GiB, driver ?{{");
  REQUIRE(result.reasons.size() == 1);
  CHECK(result.reasons[0] == "npu.driver: npu-smi: not found on PATH");
  CHECK(message.references().size() == 3);
  CHECK(Template::compile("{{ {'a': {'b': '}}'}}.a.b }}!", environment).evaluate(activation, arena).text ==
        "}}!");
}

TEST_CASE_FIXTURE(World, "an error in a template counts from the start of its text") {
  try {
    Template::compile("ab {{cpu.cuont}}", environment);
    FAIL("it compiled");
  } catch (const CompileError& error) {
    CHECK(error.offset() == 5);
  }
  CHECK_THROWS_AS(Template::compile("{{cpu.count", environment), CompileError);
}

TEST_CASE_FIXTURE(World, "values become JSON") {
  CHECK(to_json(run("{'a': [1, 2.5, true, null], 'b': b'hi'}")) ==
        ms::Json::parse(R"({"a": [1, 2.5, true, null], "b": "aGk="})"));
  CHECK(to_json(run("env"))["HCCL_BUFFSIZE"] == "200");
  CHECK(to_json(run("npu.driver")) == ms::Json::parse(R"({"$absent": {"path": "npu.driver",
        "reason": "npu-smi: not found on PATH", "source": "npu-smi info"}})"));
}

TEST_CASE("environment values that are no numbers say so") {
  Environment environment;
  Arena arena;
  const auto message = [&](std::string_view source) {
    const Program program = compile(source, environment);
    const Value value = program.evaluate({}, arena);
    return value.is(Kind::error) ? std::string(value.error().message) : "no error";
  };
  CHECK(message("number('abc') > 0.5") == "'abc' is not a number");
  CHECK(message("size_bytes('12 parsecs') > 0") ==
        "'12 parsecs' is not a size (\"32GiB\", \"64 MB\", \"4096\")");
  CHECK(message("version('latest') > version('1')") == "'latest' is not a version");
  CHECK(message("cpuset('3-1').count() == 0") == "'3-1' is not a CPU list (\"0-23,96-119\")");
}

TEST_CASE_FIXTURE(World, "CPU sets combine, count and print as Linux writes them") {
  CHECK(text("cpuset('0-23,96-119').count()") == "48");
  CHECK(text("cpuset('0-23,96-119').intersect(cpuset('20-99'))") == "20-23,96-99");
  CHECK(text("cpuset('0-3').without(cpuset('1')).union(cpuset('8'))") == "0,2-3,8");
  CHECK(text("cpuset([3, 1, 2, 1]).list()") == "[1, 2, 3]");
  CHECK(text("cpuset('').count() == 0 && cpuset('0-7').contains(cpuset(''))") == "true");
  CHECK(text("cpuset('0-7').contains(8)") == "false");
  CHECK(refused("cpuset('1') < cpuset('2')") == "'<' does not take cpuset and cpuset");
}

TEST_CASE("paths are told apart by their names, not by how these look when joined") {
  const ms::Json document =
      ms::Json::parse(R"({"a": {"b.c": 1, "b": {"c": 2}}, "a.b": {"c": 3}, "x": {"n\u0000m": 4, "n": 5}})");
  const Activation facts = Activation::of_document(document);
  Environment environment;
  environment.declare("a", Type::dyn()).declare("x", Type::dyn());
  Arena arena;
  const auto value = [&](std::string_view source) {
    const Program program = compile(source, environment);
    return to_text(program.evaluate(facts, arena));
  };
  CHECK(value("a['b.c']") == "1");
  CHECK(value("a.b.c") == "2");
  CHECK(value("x['n\\u0000m']") == "4");
  CHECK(value("x.n") == "5");
}

TEST_CASE_FIXTURE(World, "what is bound on top of a document, or in place of its member, is what is read") {
  const Program program = compile("cpu.count", environment);
  const ms::Json other = {{"count", 8}};
  Activation above(&activation);
  CHECK(to_text(program.evaluate(above, arena)) == "192");
  above.bind("cpu", other);
  CHECK(to_text(program.evaluate(above, arena)) == "8");
  activation.bind("cpu", other);
  CHECK(to_text(program.evaluate(activation, arena)) == "8");
}

TEST_CASE("a value that changes or comes after the document was bound is read as it is now") {
  ms::Json document = ms::Json::parse(R"({"cpu": {"count": 4}})");
  const Activation facts = Activation::of_document(document);
  document["cpu"]["count"] = 5;
  document["cpu"]["online"] = 3;
  Environment environment;
  environment.declare("cpu", Type::dyn());
  Arena arena;
  const Program program = compile("cpu.count * 10 + cpu.online", environment);
  CHECK(program.evaluate(facts, arena).as_int() == 53);
}

TEST_CASE("a document of more names than the index holds is read all the same") {
  ms::Json document = ms::Json::object();
  for (int i = 0; i < 200'000; ++i) document["env"]["N" + std::to_string(i)] = i;
  const Activation facts = Activation::of_document(document);
  Environment environment;
  environment.declare("env", Type::dyn());
  Arena arena;
  for (const int i : {0, 77'777, 199'999}) {
    const Program program = compile("env.N" + std::to_string(i), environment);
    CHECK(program.evaluate(facts, arena).as_int() == i);
  }
}
