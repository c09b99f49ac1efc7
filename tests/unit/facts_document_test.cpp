#include <doctest/doctest.h>

#include "base/error.hpp"
#include "facts/catalogue.hpp"
#include "facts/document.hpp"
#include "facts/redact.hpp"

using namespace ms;

TEST_CASE("a fact is found at its path, with the provenance of the nearest fact above it") {
  FactDocument facts;
  facts.set("memory.thp.mode", "always", "/sys/kernel/mm/transparent_hugepage/enabled");
  facts.set("env", Json{{"A", "1"}}, "environment");
  CHECK(*facts.find("memory.thp.mode") == "always");
  CHECK(*facts.find("env.A") == "1");
  CHECK(facts.provenance("env.A")->source == "environment");
  CHECK(facts.find("memory.total_bytes") == nullptr);
  CHECK(facts.provenance("cpu.count") == nullptr);
}

TEST_CASE("what could not be read is neither a value nor nothing") {
  FactDocument facts;
  facts.set_absent("npu.devices", "npu-smi: not found on PATH", "npu-smi info");
  CHECK(facts.contains("npu.devices"));
  CHECK(absent_reason(*facts.find("npu.devices")) == "npu-smi: not found on PATH");
  CHECK_FALSE(absent_reason(Json::object()).has_value());
  CHECK_FALSE(absent_reason(Json{{"$absent", {{"reason", "x"}}}, {"other", 1}}).has_value());
}

TEST_CASE("a document survives saving and loading") {
  FactDocument facts;
  facts.set("cpu.count", 192, "/sys/devices/system/cpu/online");
  facts.set_absent("npu.devices", "no answer within 5 s", "npu-smi info");
  const FactDocument again = FactDocument::from_json(facts.to_json(), "host.json");
  CHECK(again.to_json() == facts.to_json());
  CHECK(again.provenance("cpu.count")->source == "/sys/devices/system/cpu/online");
}

TEST_CASE("what is not a fact document, or one of a newer version, is refused") {
  const auto message = [](const Json& document) {
    try {
      FactDocument::from_json(document, "host.json");
    } catch (const InputError& e) {
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  CHECK(message(Json::array()).find("not a fact document") != std::string::npos);
  CHECK(message({{"schema", "msprecheck.facts/9"}}) ==
        "host.json: was written in format 'msprecheck.facts/9'; this version reads 'msprecheck.facts/1': a "
        "newer msprecheck wrote it, update this one");
  CHECK(message({{"schema", "msprecheck.facts/1"}, {"facts", 1}}) == "host.json: 'facts' must be an object");
  CHECK(message({{"schema", "msprecheck.facts/1"}, {"facts", Json::object()}, {"provenance", {{"a", 1}}}})
            .find("provenance.a") != std::string::npos);
}

TEST_CASE("secrets are replaced by a mark that two hosts can be compared by") {
  FactDocument one;
  one.set("env",
          Json{{"HF_TOKEN", "hf_abc"},
               {"AWS_SECRET_ACCESS_KEY", "s"},
               {"TOKENIZERS_PARALLELISM", "false"},
               {"PATH", "/bin"}},
          "environment");
  FactDocument two = one;
  redact(one);
  redact(two);
  redact(two);
  CHECK(one.find("env.HF_TOKEN")->get<std::string>().starts_with("<redacted "));
  CHECK(*one.find("env.HF_TOKEN") == *two.find("env.HF_TOKEN"));
  CHECK(*one.find("env.HF_TOKEN") != *one.find("env.AWS_SECRET_ACCESS_KEY"));
  CHECK(*one.find("env.TOKENIZERS_PARALLELISM") == "false");
  CHECK(*one.find("env.PATH") == "/bin");
  CHECK(one.to_json().dump().find("hf_abc") == std::string::npos);
}

TEST_CASE("a reason that quotes bytes, and a source that is a path of any bytes, can be saved") {
  FactDocument facts;
  facts.set_absent("cpu.model", "'2\xff' is no integer", "/sys/\xfe");
  facts.set("cpu.frequencies", {{{"max_hz", absent_marker("\xff", "/sys")}}}, "/sys/\xfe");
  // dump() throws where a string is not UTF-8.
  CHECK(Json::parse(facts.to_json().dump())["facts"]["cpu"]["model"]["$absent"]["reason"] ==
        "'2\xef\xbf\xbd' is no integer");
}

TEST_CASE("the type of a fact is read from its declaration") {
  CHECK(parse_fact_type("int") == cel::Type::integer());
  CHECK(parse_fact_type("list<string>") == cel::Type::list(cel::Type::string()));
  CHECK(parse_fact_type("map<int>") == cel::Type::map(cel::Type::string(), cel::Type::integer()));
  CHECK(parse_fact_type("list<{id: int, name: string}>").kind() == cel::TypeKind::list);
  for (const char* wrong : {"", "strin", "list<int", "{a int}", "int int", "{: int}"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_fact_type(wrong), std::invalid_argument);
  }
}

TEST_CASE("every computed fact is declared with a type and in both languages") {
  cel::Environment environment;
  const auto facts = computed_facts();
  CHECK(facts.size() > 50);
  declare_facts(facts, environment);
  CHECK(environment.variable("plan") != nullptr);
}
