#include "probe/probe_set.hpp"

#include <doctest/doctest.h>
#include <re2/re2.h>

#include <set>

#include "base/error.hpp"
#include "support/temporary_folder.hpp"

using namespace ms;

namespace {

std::string entry(const std::string& lines) {
  return "[[probe]]\nfact = \"memory.test\"\ntype = \"int\"\ndoc = { en = \"A test.\", zh = \"测试。\" }\n" +
         lines;
}

// The message of the error that a file of declarations gives.
std::string refused(const std::string& toml) {
  ProbeSet set;
  try {
    set.add(parse_toml(toml, "test.toml"), ProbeLayer::site);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("the probes that are compiled in load, and every builtin's facts are declared and documented") {
  const ProbeSet set = load_probes();
  CHECK(set.probes().size() >= 36);
  for (const Builtin& builtin : builtins()) {
    for (const std::string_view fact : builtin.facts) {
      CAPTURE(fact);
      const Probe* probe = set.find(fact);
      REQUIRE(probe != nullptr);
      REQUIRE(std::holds_alternative<BuiltinProbe>(probe->how));
      CHECK(std::get<BuiltinProbe>(probe->how).builtin == &builtin);
    }
  }
  for (const Probe& probe : set.probes()) {
    CAPTURE(probe.fact);
    CHECK(probe.doc.en.ends_with('.'));
    CHECK(probe.doc.zh.ends_with("。"));
    CHECK_FALSE(probe.source().empty());
    if (const auto* file = std::get_if<FileProbe>(&probe.how); file != nullptr && file->extract)
      CHECK(RE2(*file->extract).ok());
    // Units are in the name where there is one.
    if (probe.fact.ends_with("_bytes")) CHECK(probe.unit == "bytes");
  }
}

TEST_CASE("a declaration that is wrong is refused with its place and what was meant") {
  CHECK(refused(entry("file = \"/x\"\nextrat = 'a'\n")) ==
        "test.toml:6:1: unknown key 'extrat'; did you mean 'extract'?");
  CHECK(refused(entry("builtin = \"npu_smj\"\n")) ==
        "test.toml:5:11: unknown builtin 'npu_smj'; did you mean 'npu_smi'?");
  CHECK(refused(entry("file = \"/x\"\nextract = '(a'\n"))
            .starts_with("test.toml:6:11: not a regular expression: "));
  CHECK(refused(entry("file = \"/x\"\nexists = \"/y\"\n"))
            .ends_with("exactly one of 'file', 'exists' and 'builtin'"));
  CHECK(refused(entry("")).ends_with("exactly one of 'file', 'exists' and 'builtin'"));
  CHECK(refused(entry("file = \"x\"\n")) == "test.toml:5:8: 'x' is not an absolute path");
  CHECK(refused(entry("exists = \"/x\"\n")) == "test.toml:3:8: 'exists' gives a bool");
  CHECK(refused(entry("builtin = \"npu_smi\"\n")).find("does not give 'memory.test'; it gives npu.devices") !=
        std::string::npos);
}

TEST_CASE("a fact is declared once in a layer, and never inside another fact") {
  const std::string one = entry("file = \"/x\"\n");
  CHECK(refused(one + one) == "test.toml:7:8: 'memory.test' is declared already, in test.toml:2");
  std::string inner = one;
  inner.replace(inner.find("memory.test"), 11, "memory.test.more");
  CHECK(refused(one + inner).find("cannot both be facts") != std::string::npos);
}

TEST_CASE("a fact path has small letters, digits and underscores") {
  std::string wrong = entry("file = \"/x\"\n");
  wrong.replace(wrong.find("memory.test"), 11, "Memory.test");
  CHECK(refused(wrong) == "test.toml:2:8: 'Memory.test' is not a fact path, like memory.thp.mode");
}

TEST_CASE("a folder of declarations adds to those that are compiled in and replaces them by fact") {
  const TemporaryFolder tree;
  tree.write("site.toml", entry("file = \"/etc/test\"\n"));
  tree.write("thp.toml",
             "[[probe]]\nfact = \"memory.thp.mode\"\ntype = \"string\"\n"
             "doc = { en = \"Elsewhere.\", zh = \"别处。\" }\nfile = \"/elsewhere\"\n");
  tree.write("notes.md", "not read");
  const ProbeSet standard = load_probes();
  const ProbeSet set = load_probes(tree.path());
  CHECK(set.probes().size() == standard.probes().size() + 1);
  CHECK(set.find("memory.test")->source() == "/etc/test");
  CHECK(set.find("memory.thp.mode")->source() == "/elsewhere");
  CHECK_THROWS_AS(load_probes(tree.at("nowhere")), InputError);
}
