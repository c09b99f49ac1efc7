#include <doctest/doctest.h>

#include <fstream>

#include "base/subprocess.hpp"
#include "rule/fix_script.hpp"
#include "support/temporary_folder.hpp"

using namespace ms;

namespace {

Finding failed(const std::string& rule, Fix fix) {
  Finding finding;
  finding.rule = rule;
  finding.outcome = Outcome::fail;
  finding.title = {"a title", "标题"};
  finding.fix = std::move(fix);
  return finding;
}

}  // namespace

TEST_CASE("the fix script, sourced by a shell, sets and unsets exactly what it says") {
  const std::string nasty = "a b'; touch hacked; $(touch hacked) `touch hacked`";
  std::vector<Finding> findings = {
      failed("A",
             {.env = {{"MS_VALUE", nasty}}, .unset = {"MS_GONE"}, .commands = {"touch as_root"}, .note = {}}),
      failed("B\n touch injected", {.env = {{"bad name; touch hacked", "1"}},
                                    .unset = {"x; touch hacked"},
                                    .commands = {"a\ntouch hacked"},
                                    .note = {"n\ntouch hacked", "n\ntouch hacked"}}),
  };
  findings[1].rule = "B";
  findings[1].title = {"t\ntouch hacked", "t\ntouch hacked"};
  findings.push_back(failed("C", {.env = {{"MS_PASSED", "1"}}, .unset = {}, .commands = {}, .note = {}}));
  findings.back().outcome = Outcome::pass;

  const TemporaryFolder folder;
  for (const Lang lang : {Lang::en, Lang::zh}) {
    std::ofstream(folder / "fix.sh") << fix_script(findings, lang);
    const auto output = run_command({"sh", "-c",
                                     "cd " + folder.path() +
                                         "; MS_GONE=1; . ./fix.sh; printf '%s|' \"$MS_VALUE\" "
                                         "\"${MS_GONE-unset}\" \"${MS_PASSED-unset}\"; ls"},
                                    std::chrono::seconds(10));
    REQUIRE(output);
    CHECK(output->text == nasty + "|unset|unset|fix.sh\n");
    CHECK(output->status == 0);
  }
}

TEST_CASE("a line that several findings ask for is written once") {
  const Fix fix{.env = {{"A", "1"}}, .unset = {}, .commands = {}, .note = {}};
  const std::string script = fix_script(std::vector<Finding>{failed("X", fix), failed("Y", fix)}, Lang::en);
  const auto first = script.find("export A=1");
  REQUIRE(first != script.npos);
  CHECK(script.find("export A=1", first + 1) == script.npos);
}
