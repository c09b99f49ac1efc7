#include <doctest/doctest.h>
#include <fmt/format.h>

#include "probe/fake_host.hpp"
#include "probe/process.hpp"

using namespace ms;

namespace {

// A process as /proc shows it; the arguments are separated by spaces here.
void add_process(FakeHost& host, int pid, int parent, int started, const std::string& name,
                 std::string arguments, const std::string& environment = "A=1") {
  const std::string folder = fmt::format("/proc/{}", pid);
  host.file(folder + "/stat", fmt::format("{} ({}) S {} 1 1 0 -1 4194304 1 0 0 0 5 3 0 0 20 0 12 0 {} 1 1",
                                          pid, name, parent, started));
  for (char& c : arguments) {
    if (c == ' ') c = '\0';
  }
  host.file(folder + "/cmdline", arguments + std::string(1, '\0'));
  host.file(folder + "/environ", environment + std::string(1, '\0'));
}

Process process(const std::string& name, std::vector<std::string> arguments) {
  Process result;
  result.name = name;
  result.arguments = std::move(arguments);
  return result;
}

}  // namespace

TEST_CASE("a name with blanks and parentheses does not shift the fields of a process") {
  const auto found =
      parse_process_stat("42 (a (b) c) S 7 42 42 0 -1 4194560 0 0 0 0 1 2 0 0 20 0 1 0 9876 0 0");
  REQUIRE(found);
  CHECK(found->pid == 42);
  CHECK(found->parent == 7);
  CHECK(found->name == "a (b) c");
  CHECK(found->started == 9876);
  CHECK_FALSE(parse_process_stat("42 (a) S 7"));
  CHECK_FALSE(parse_process_stat(""));
}

TEST_CASE("the processes of services are known by how they are started") {
  CHECK(is_of_service(process("mindieservice_d", {"./bin/mindieservice_daemon"}), "mindie"));
  CHECK(is_of_service(process("mindieservice_d", {}), "mindie"));
  CHECK(
      is_of_service(process("python3", {"/usr/bin/python3", "/usr/local/bin/vllm", "serve", "/m"}), "vllm"));
  CHECK(is_of_service(process("vllm", {"vllm", "serve", "/m"}), "vllm"));
  CHECK(
      is_of_service(process("python", {"python", "-u", "-m", "vllm.entrypoints.openai.api_server"}), "vllm"));
  CHECK(is_of_service(process("python", {"python3.11", "/w/vllm/vllm/entrypoints/openai/api_server.py"}),
                      "vllm"));
  CHECK(is_of_service(process("VLLM::EngineCor", {"VLLM::EngineCore_DP0"}), "vllm"));
  CHECK(is_of_service(process("tritonserver", {"/opt/tritonserver", "--x"}), "tritonserver"));
  CHECK(is_of_service(process("python", {"python", "/srv/my_server.py"}), "my_*.py"));

  CHECK_FALSE(is_of_service(process("bash", {"bash", "-c", "vllm serve /m"}), "vllm"));
  CHECK_FALSE(is_of_service(process("vllm", {"vllm", "bench", "serve"}), "vllm"));
  CHECK_FALSE(is_of_service(process("docker", {"docker", "run", "x", "vllm", "serve"}), "vllm"));
  CHECK_FALSE(is_of_service(process("vim", {"vim", "mindieservice_daemon"}), "mindie"));
  CHECK_FALSE(is_of_service(process("msprecheck", {"msprecheck", "facts", "--service", "vllm"}), "vllm"));
}

TEST_CASE("of the processes of a service the oldest that none of them started is taken") {
  FakeHost host;
  add_process(host, 1, 0, 1, "init", "/sbin/init");
  add_process(host, 300, 200, 60, "VLLM::EngineCor", "VLLM::EngineCore");
  add_process(host, 200, 1, 50, "vllm", "/usr/bin/python3 /usr/local/bin/vllm serve /models/a",
              "HCCL_BUFFSIZE=200");
  add_process(host, 250, 1, 90, "vllm", "/usr/bin/python3 /usr/local/bin/vllm serve /models/b");
  host.file("/proc/meminfo", "MemTotal: 1 kB\n");
  const auto found = find_service(host, "vllm");
  REQUIRE(found);
  CHECK(found->main.pid == 200);
  REQUIRE(found->others.size() == 2);
  CHECK(found->others[0].pid == 250);
  CHECK(found->others[1].pid == 300);
  CHECK(found->main.shown() == "/usr/bin/python3 /usr/local/bin/vllm serve /models/a");
  const auto variables = process_environment(host, 200);
  REQUIRE(variables);
  CHECK(variables->at("HCCL_BUFFSIZE") == "200");
}

TEST_CASE("a service that does not run is answered with what was looked for") {
  FakeHost host;
  add_process(host, 1, 0, 1, "init", "/sbin/init");
  const auto found = find_service(host, "mindie");
  REQUIRE_FALSE(found);
  CHECK(found.reason() ==
        "none of the 1 processes that can be seen is mindie; looked for 'mindieservice_daemon', "
        "'mindie_llm_server', "
        "'mindie_llm_backend_connector', 'mindieservice_backend_connector'");
  CHECK(find_service(host, "my*")
            .reason()
            .ends_with("looked for a program, script, module or process named 'my*'"));
}

TEST_CASE("an environment that cannot be read says why, and who can read it") {
  FakeHost host;
  add_process(host, 7, 1, 1, "vllm", "vllm serve");
  host.unreadable("/proc/7/environ", "permission denied");
  CHECK(process_environment(host, 7).reason() ==
        "/proc/7/environ: permission denied; run this as the user of the process, or as root");
  CHECK(process_environment(host, 8).reason() == "there is no process 8");
  host.file("/proc/9/environ", "").file("/proc/9/cmdline", "");
  CHECK(process_environment(host, 9).reason() ==
        "process 9 has no environment: it is a thread of the kernel, or has ended");
}
