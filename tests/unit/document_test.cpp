#include <doctest/doctest.h>

#include "document/config_document.hpp"

using namespace ms;

namespace {

ConfigDocument yaml(const std::string& text) {
  return ConfigDocument::parse(text, ConfigDocument::Format::yaml, "a.yaml");
}

}  // namespace

TEST_CASE("plain scalars of YAML have the types of YAML 1.1") {
  const Json value =
      yaml("a: 8\nb: 0x10\nc: 010\nd: yes\ne: ~\nf: 0.5\ng: '8'\nh: v1\ni: -3\nj: 1e3\nk:\n").value();
  CHECK(value == Json{{"a", 8},
                      {"b", 16},
                      {"c", 8},
                      {"d", true},
                      {"e", nullptr},
                      {"f", 0.5},
                      {"g", "8"},
                      {"h", "v1"},
                      {"i", -3},
                      {"j", "1e3"},
                      {"k", nullptr}});
}

TEST_CASE("a file of several YAML documents is a list, a file of one is not") {
  CHECK(yaml("a: 1\n").value().is_object());
  CHECK(yaml("a: 1\n---\nb: 2\n").value() == Json{{{"a", 1}}, {{"b", 2}}});
}

TEST_CASE("merged maps are below the members of the map itself") {
  CHECK(yaml("base: &b {x: 1, y: 1}\nown: {<<: *b, y: 2}\n").value()["own"] == Json{{"x", 1}, {"y", 2}});
}

TEST_CASE("aliases that multiply are refused") {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 0; j < 9; ++j) text += ", " + last;
    text += "]\n";
  }
  CHECK_THROWS_AS(yaml(text), InputError);
}

TEST_CASE("a path has a line, in JSON with comments and in YAML") {
  const ConfigDocument json =
      ConfigDocument::parse("{\n  // why\n  \"a\": [\n    1,\n    {\"b.c/d\": 2}\n  ]\n}\n",
                            ConfigDocument::Format::json, "a.json");
  CHECK(json.place("a[1].b.c/d")->line == 5);
  CHECK(json.place("a[0]")->line == 4);
  CHECK(json.place("a[1].none")->line == 5);  // where it would be
  const ConfigDocument list = yaml("a: 1\n---\nspec:\n  replicas: 2\n");
  CHECK(list.place("[1].spec.replicas")->line == 4);
  CHECK(list.place("[1].spec.none")->line == 4);
}

TEST_CASE("nesting without end is refused") {
  CHECK_THROWS_AS(ConfigDocument::parse(std::string(5000, '['), ConfigDocument::Format::json, "a.json"),
                  InputError);
  CHECK_THROWS_AS(yaml(std::string(5000, '[')), InputError);
}
