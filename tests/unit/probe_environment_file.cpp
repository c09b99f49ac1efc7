#include <doctest/doctest.h>

#include <algorithm>
#include <optional>

#include "base/error.hpp"
#include "base/file.hpp"
#include "probe/environment_file.hpp"

using namespace ms;

namespace {

std::string fixture(const std::string& name) {
  return read_document(std::string(MS_SOURCE_DIR) + "/tests/data/env/" + name);
}

EnvironmentFile read_fixture(const std::string& name, const std::string& container = "") {
  return read_environment_file(fixture(name), name, container);
}

// "value", or "absent: reason"; "" where there is no such variable.
std::string value(const EnvironmentFile& environment, const std::string& name) {
  for (const FileVariable& variable : environment.variables) {
    if (variable.name == name) return variable.value ? *variable.value : "absent: " + variable.value.reason();
  }
  return "";
}

int line(const EnvironmentFile& environment, const std::string& name) {
  for (const FileVariable& variable : environment.variables) {
    if (variable.name == name) return variable.line;
  }
  return -1;
}

std::string error_of(std::string_view text, const std::string& container = "") {
  try {
    read_environment_file(text, "file", container);
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("the output of env is read with values of several lines, and the first of two equal names") {
  const EnvironmentFile environment = read_fixture("output.env");
  CHECK(value(environment, "TASK_QUEUE_ENABLE") == "1");
  CHECK(line(environment, "TASK_QUEUE_ENABLE") == 2);
  CHECK(value(environment, "BASH_FUNC_hello%%") == "() {  echo one\n echo two\n}");
  CHECK(value(environment, "HCCL_BUFFSIZE") == "200");
  CHECK(line(environment, "HCCL_BUFFSIZE") == 6);
  CHECK(environment.variables.size() == 5);
}

TEST_CASE("quotes in the output of env belong to the value") {
  const EnvironmentFile environment = read_environment_file("A=\"1\"\nB='x'\r\nC=\n", "file", "");
  CHECK(value(environment, "A") == "\"1\"");
  CHECK(value(environment, "B") == "'x'");
  REQUIRE(environment.variables.size() == 3);
  CHECK(*environment.variables[2].value == "");
}

TEST_CASE("a script of export lines is read as a shell would, except for what only the shell knows") {
  const EnvironmentFile environment = read_fixture("shell.sh");
  CHECK(value(environment, "HCCL_BUFFSIZE") == "200");
  CHECK(value(environment, "OMP_NUM_THREADS") == "8");
  CHECK(value(environment, "TASK_QUEUE_ENABLE") == "1");  // the last one counts
  CHECK(line(environment, "TASK_QUEUE_ENABLE") == 9);
  CHECK(value(environment, "MULTI") == "first\nsecond");
  CHECK(value(environment, "PRICE") == "5$");
  CHECK(line(environment, "PRICE") == 8);
  CHECK(value(environment, "LD_LIBRARY_PATH") ==
        "absent: the shell that runs this line fills in '$LD_LIBRARY_PATH'");
}

TEST_CASE("a quote that is not closed costs its own variable only") {
  const EnvironmentFile environment =
      read_environment_file("export A=\"1\nexport B=2\nexport C='3\n", "file", "");
  CHECK(value(environment, "A") == "absent: the quote of its value is not closed");
  CHECK(value(environment, "B") == "2");
  CHECK(value(environment, "C") == "absent: the quote of its value is not closed");
}

TEST_CASE("an environment between NULs is read, line ends in values and all") {
  const EnvironmentFile environment =
      read_environment_file(std::string_view("A=1\nB=2\0C=3\0", 12), "environ", "");
  CHECK(value(environment, "A") == "1\nB=2");
  CHECK(value(environment, "C") == "3");
  CHECK(environment.variables.size() == 2);
}

TEST_CASE("a manifest with several containers asks which one, by name or by workload and name") {
  CHECK(error_of(fixture("pods.yaml")) ==
        "file: several containers have variables: prefill/server, decode/server; say which one with "
        "--container");
  CHECK(error_of(fixture("pods.yaml"), "server") ==
        "--container: file has several containers 'server': say which of prefill/server, decode/server");
  CHECK(error_of(fixture("pods.yaml"), "decode/srever") ==
        "--container: file has no container 'decode/srever'; did you mean 'decode/server'?");
  CHECK(value(read_fixture("pods.yaml", "decode/server"), "HCCL_BUFFSIZE") == "400");
}

TEST_CASE("a container of a manifest gives its variables, and says what comes from elsewhere") {
  const EnvironmentFile environment = read_fixture("pods.yaml", "prefill/server");
  CHECK(environment.origin == "pods.yaml, container prefill/server");
  CHECK(value(environment, "HCCL_BUFFSIZE") == "200");
  CHECK(line(environment, "HCCL_BUFFSIZE") == 25);
  const std::string pod_ip = "comes from fieldRef status.podIP, which is not known here";
  CHECK(value(environment, "POD_IP") == "absent: " + pod_ip);
  CHECK(value(environment, "ENDPOINT") == "absent: refers to POD_IP: " + pod_ip);
  // Kubernetes leaves what it does not know as it is.
  CHECK(value(environment, "LOG") == "port 1025, $(MIES_PORT), $(OTHER)");
  REQUIRE(line(environment, "EMPTY") == 32);
  CHECK(value(environment, "EMPTY") == "");
  REQUIRE(environment.notes.size() == 2);
  CHECK(environment.notes[0] == "pods.yaml:20: the variables of configMapRef settings are not known here");
  CHECK(environment.notes[1] ==
        "pods.yaml:27: the value of MIES_PORT needs quotes: Kubernetes takes texts only");
}

TEST_CASE("docker inspect gives the variables of its container") {
  const EnvironmentFile environment = read_fixture("inspect.json");
  CHECK(environment.origin == "inspect.json, container mindie-server");
  CHECK(value(environment, "TASK_QUEUE_ENABLE") == "2");
  CHECK(line(environment, "TASK_QUEUE_ENABLE") == 8);
  CHECK(value(environment, "QUOTED") == "a<b");
  CHECK(value(read_environment_file(R"({"Config": {"Env": ["A=1"]}})", "file", ""), "A") == "1");
}

TEST_CASE("a Compose file gives the variables of its service") {
  const EnvironmentFile environment = read_fixture("compose.yaml");
  CHECK(value(environment, "TASK_QUEUE_ENABLE") == "1");
  CHECK(value(environment, "PRICE") == "5$");
  CHECK(value(environment, "HOST_PATH") ==
        "absent: the shell that starts the container fills in ${HOME:-/root}");
  CHECK(value(environment, "FROM_SHELL") ==
        "absent: its value comes from the shell that starts the container");
  CHECK(environment.notes ==
        std::vector<std::string>{"compose.yaml:4: the variables of env_file are not known here"});
}

TEST_CASE("what holds no environment is refused with what was expected") {
  const std::pair<std::string, std::string> cases[] = {
      {"", "file: holds no environment variables"},
      {"just some text\n", "file: holds no environment variables"},
      {"[1, 2]", "file: holds no container"},
      {"{\"a\": ", "file:2:1: not valid YAML"},
      {"apiVersion: v1\nkind: Pod\nspec:\n  containers: [{name: a}]\n",
       "file: no container has variables; there are a"},
      {"kind: Pod\nspec:\n  containers:\n  - name: a\n    env: 5\n", "file:5:10: 'env' must be a list"},
      {"kind: Pod\nspec:\n  containers:\n  - name: a\n    env:\n    - value: x\n",
       "file:6:7: an element of 'env'"},
      {"kind: Pod\nspec: [*nothing]\n", "file:2:8: there is no '&nothing' before this '*nothing'"},
  };
  for (const auto& entry : cases) {
    INFO(entry.first);
    CHECK(error_of(entry.first).starts_with(entry.second));
  }
  CHECK(error_of("A=1\n", "server") == "--container: file has no containers");
}

TEST_CASE("aliases and nesting cannot make a small file large") {
  std::string bomb = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 60; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + ", *a" +
            std::to_string(i - 1) + "]\n";
  }
  CHECK(error_of("kind: Pod\n" + bomb).starts_with("file: holds no container"));
  CHECK(error_of("kind: Pod\nx: " + std::string(10000, '[')).find("nests deeper than 64 levels") !=
        std::string::npos);
  // Each variable twice the one above it.
  std::string doubling =
      "kind: Pod\nspec:\n  containers:\n  - name: a\n    env:\n    - {name: V0, value: xx}\n";
  for (int i = 1; i < 64; ++i) {
    const std::string before = "$(V" + std::to_string(i - 1) + ")";
    doubling += "    - {name: V" + std::to_string(i) + ", value: \"" + before + before + "\"}\n";
  }
  const EnvironmentFile environment = read_environment_file(doubling, "file", "");
  CHECK(value(environment, "V1") == "xxxx");
  CHECK(value(environment, "V63").starts_with("absent: refers to V62"));
}

TEST_CASE("variables become the fact env, each with its line") {
  FactDocument facts;
  facts.set("env", Json{{"OLD", "1"}}, "environment");
  set_environment(facts, read_fixture("pods.yaml", "prefill/server"), "pods.yaml");
  CHECK(facts.find("env.OLD") == nullptr);
  CHECK(*facts.find("env.HCCL_BUFFSIZE") == "200");
  CHECK(facts.provenance("env.HCCL_BUFFSIZE")->source == "pods.yaml:25");
  CHECK(facts.provenance("env.NOT_SET")->source == "pods.yaml, container prefill/server");
  CHECK(absent_reason(*facts.find("env.POD_IP")).has_value());
}
