#include <doctest/doctest.h>

#include "base/error.hpp"
#include "rule/library.hpp"
#include "rule/pack.hpp"
#include "rule/profile.hpp"

using namespace ms;

namespace {

// Rules A and B of a pack "one", and C of a pack "two".
struct Fixture {
  cel::Environment environment;
  std::vector<Rule> rules;

  Fixture() {
    add("site/one.toml", "A");
    add("site/one.toml", "B");
    add("two.toml", "C");
  }

  void add(const std::string& pack, const std::string& id) {
    const std::string text =
        "[[rule]]\nid = '" + id +
        "'\nseverity = 'error'\ntitle = { en = 't', zh = 't' }\nwhy = { en = 't', zh = 't' "
        "}\nsource = ['s']\ncheck = 'true'\n";
    for (Rule& rule : load_rules(parse_toml(text, pack), environment)) rules.push_back(std::move(rule));
  }

  std::string left(const std::string& profile) {
    apply_profile(parse_toml(profile, "p.toml"), rules);
    std::string ids;
    for (const Rule& rule : rules) ids += rule.id;
    return ids;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a pack is known by its file without folder and ending") {
  CHECK(pack_name(rules[0]) == "one");
  CHECK(pack_name(rules[2]) == "two");
}

TEST_CASE("a profile chooses packs and rules") {
  CHECK(Fixture().left("") == "ABC");
  CHECK(Fixture().left("packs = ['one']") == "AB");
  CHECK(Fixture().left("packs = 't*'") == "C");
  CHECK(Fixture().left("packs = ['one']\ndisable = ['A']") == "B");
  CHECK(Fixture().left("only = ['C', 'A']") == "AC");
}

TEST_CASE("what a profile names and nothing has is an error with the closest name") {
  const auto message = [](const std::string& profile) -> std::string {
    try {
      Fixture().left(profile);
    } catch (const InputError& e) {
      return e.what();
    }
    return "";
  };
  CHECK(message("packs = ['tow']") == "p.toml:1:9: there is no pack 'tow'; did you mean 'two'?");
  CHECK(message("only = ['a']") == "p.toml:1:8: there is no rule 'a'; did you mean 'A'?");
  CHECK(message("severity.D = 'info'") == "p.toml:1:14: there is no rule 'D'; did you mean 'A'?");
  CHECK(message("fail_on = 'errors'") == "p.toml:1:11: unknown level 'errors'; did you mean 'error'?");
  CHECK(message("pack = ['one']") == "p.toml:1:1: unknown key 'pack'; did you mean 'packs'?");
  CHECK(message("packs = ['one']\nonly = ['C']") == "p.toml: leaves no rule to judge by");
}

TEST_CASE_FIXTURE(Fixture, "a profile changes severities and gives defaults") {
  const Profile profile = apply_profile(
      parse_toml("fail_on = 'warning'\nscene = 'mindie'\nallow_unknown = true\nseverity.B = 'info'\n", "p"),
      rules);
  CHECK(rules[0].severity == Severity::error);
  CHECK(rules[1].severity == Severity::info);
  CHECK(profile.fail_on == "warning");
  CHECK(profile.scene == "mindie");
  CHECK(profile.allow_unknown == true);
}

TEST_CASE("the profiles that are compiled in apply to the rules that are") {
  for (const std::string& name : profile_names()) {
    Fixture fixture;
    fixture.add("env.toml", "D");
    CAPTURE(name);
    CHECK_NOTHROW(apply_profile(open_profile(name), fixture.rules));
  }
  CHECK(profile_names().size() == 2);
}
