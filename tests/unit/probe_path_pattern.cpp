#include <doctest/doctest.h>

#include "probe/fake_host.hpp"
#include "probe/path_pattern.hpp"

using namespace ms;

TEST_CASE("a variable in a path is replaced, or its default, or the path is none") {
  const std::map<std::string, std::string> variables = {{"HOME_PATH", "/opt/x"}, {"EMPTY", ""}};
  CHECK(*replace_variables("${HOME_PATH}/version.info", variables) == "/opt/x/version.info");
  CHECK(*replace_variables("${HOME_PATH:-/usr}/v", variables) == "/opt/x/v");
  CHECK(*replace_variables("${OTHER:-/usr/local}/v", variables) == "/usr/local/v");
  CHECK(*replace_variables("${EMPTY:-/usr}/v", variables) == "/usr/v");
  CHECK(*replace_variables("/plain", variables) == "/plain");
  CHECK(replace_variables("${OTHER}/v", variables).reason() == "OTHER");
}

TEST_CASE("a star stands for any characters of one name") {
  CHECK(matches_wildcard("cann-*", "cann-8.5.1"));
  CHECK(matches_wildcard("*-linux", "aarch64-linux"));
  CHECK(matches_wildcard("a*b*c", "aXbYbZc"));
  CHECK(matches_wildcard("*", ""));
  CHECK_FALSE(matches_wildcard("cann-*", "cann"));
  CHECK_FALSE(matches_wildcard("a*b", "abc"));
  // Exponential in a careless matcher.
  CHECK_FALSE(matches_wildcard("*a*a*a*a*a*a*a*a*b", std::string(5000, 'a')));
}

TEST_CASE("of several installations the newest comes first") {
  FakeHost host;
  for (const char* version : {"8.5.1", "9.1.0", "10.0.0", "8.5.10"}) {
    host.file(std::string("/usr/local/Ascend/cann-") + version + "/version.cfg", "");
  }
  host.file("/usr/local/Ascend/cann-broken/other", "");
  CHECK(expand_wildcards("/usr/local/Ascend/cann-*/version.cfg", host) ==
        std::vector<std::string>{
            "/usr/local/Ascend/cann-10.0.0/version.cfg", "/usr/local/Ascend/cann-9.1.0/version.cfg",
            "/usr/local/Ascend/cann-8.5.10/version.cfg", "/usr/local/Ascend/cann-8.5.1/version.cfg"});
  CHECK(expand_wildcards("/usr/local/*/none", host).empty());
  CHECK(expand_wildcards("/not/there", host) == std::vector<std::string>{"/not/there"});
}
