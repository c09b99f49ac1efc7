#include <doctest/doctest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "base/file.hpp"
#include "base/text.hpp"
#include "probe/collect.hpp"
#include "support/temporary_folder.hpp"

using namespace ms;

namespace {

// Puts a folder before the others of PATH until it goes out of scope.
class PathPrefix {
 public:
  explicit PathPrefix(const std::string& folder) : old_(std::getenv("PATH")) {
    ::setenv("PATH", (folder + ":" + old_).c_str(), 1);
  }
  PathPrefix(const PathPrefix&) = delete;
  PathPrefix& operator=(const PathPrefix&) = delete;
  ~PathPrefix() { ::setenv("PATH", old_.c_str(), 1); }

 private:
  std::string old_;
};

void install(const TemporaryFolder& tree, const std::string& script, const std::string& tool = "npu-smi") {
  tree.write("bin/" + tool, script);
  std::filesystem::permissions(tree.at("bin/" + tool), std::filesystem::perms::owner_all);
}

bool is_alive(std::int64_t pid) {
  const auto status = ms::read_file("/proc/" + std::to_string(pid) + "/stat");
  // A zombie is dead: only its parent has not looked yet.
  return status && status->find(") Z ") == std::string::npos;
}

}  // namespace

TEST_CASE("an npu-smi that hangs costs its own facts, by the deadline, and leaves no process behind") {
  const TemporaryFolder tree;
  install(tree, "#!/bin/sh\nsleep 60 &\necho $! > " + tree.at("child") + "\nwait\n");
  const PathPrefix path(tree.at("bin"));
  CollectOptions options;
  options.probe_timeout = std::chrono::milliseconds(400);

  const auto start = std::chrono::steady_clock::now();
  const FactDocument facts = collect(*live_host(true), load_probes(), options);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));

  CHECK(absent_reason(*facts.find("npu.devices"))->find("no answer within 0.4 s") != std::string::npos);
  CHECK_FALSE(absent_reason(*facts.find("host.kernel.release")));
  CHECK_FALSE(absent_reason(*facts.find("memory.total_bytes")));

  const auto child = parse_int(trim(*ms::read_file(tree.at("child"))));
  REQUIRE(child);
  for (int i = 0; i < 1000 && is_alive(*child); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK_FALSE(is_alive(*child));
}

TEST_CASE("the time of the whole run bounds a command that would have more of its own") {
  const TemporaryFolder tree;
  install(tree, "#!/bin/sh\nsleep 60\n");
  const PathPrefix path(tree.at("bin"));
  CollectOptions options;
  options.probe_timeout = std::chrono::seconds(30);
  options.run_timeout = std::chrono::milliseconds(500);
  const auto start = std::chrono::steady_clock::now();
  const FactDocument facts = collect(*live_host(true), load_probes(), options);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
  CHECK(absent_reason(*facts.find("npu.devices")));
}

TEST_CASE("an npu-smi that floods its output is stopped") {
  const TemporaryFolder tree;
  install(tree, "#!/bin/sh\nyes '| 0 910B4 | OK | 1 2 3 / 4 |'\n");
  const PathPrefix path(tree.at("bin"));
  CollectOptions options;
  options.needed = {"npu.devices"};
  const FactDocument facts = collect(*live_host(true), load_probes(), options);
  CHECK(absent_reason(*facts.find("npu.devices"))->find("printed more than") != std::string::npos);
}

TEST_CASE("a live npu-smi is read from its output") {
  const TemporaryFolder tree;
  install(tree,
          "#!/bin/sh\n[ \"$1\" = info ] || exit 9\ncat <<'END'\n| 3     910B4 | OK | 88.6 39 0 / 0 |\n"
          "| 0           | 0000:C1:00.0 | 0 0 / 0 1641 / 32768 |\nEND\n");
  const PathPrefix path(tree.at("bin"));
  const FactDocument facts = collect(*live_host(true), load_probes());
  CHECK(facts.find("npu.devices")->at(0)["id"] == 3);
  const FactDocument forbidden = collect(*live_host(false), load_probes());
  CHECK(*absent_reason(*forbidden.find("npu.devices")) ==
        "npu-smi info: not run, because --no-exec forbids commands");
}

TEST_CASE("cards that hang cost their own fields, and all of them together one deadline") {
  const TemporaryFolder tree;
  // Sixteen cards, of which half do not answer.
  install(
      tree,
      "#!/bin/sh\n[ \"$2\" = -m ] && { echo 'NPU ID  Chip ID  Chip Logic ID  Chip Name'\n"
      "for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do echo \"$i  0  $i  Ascend 910B4\"; done; exit; }\n"
      "[ $(($5 % 2)) = 1 ] && sleep 60\necho \"HBM Usage Rate(%) : $5\"\n");
  install(tree, "#!/bin/sh\n[ \"$2\" = 1 ] && sleep 60\necho 'link status: UP'\n", "hccn_tool");
  const PathPrefix path(tree.at("bin"));
  CollectOptions options;
  options.probe_timeout = std::chrono::seconds(2);
  options.needed = {"npu.usage", "npu.network"};

  const auto start = std::chrono::steady_clock::now();
  const FactDocument facts = collect(*live_host(true), load_probes(), options);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(8));

  const Json& usage = *facts.find("npu.usage");
  REQUIRE(usage.size() == 16);
  for (std::size_t i = 0; i < usage.size(); ++i) {
    CAPTURE(i);
    const auto reason = absent_reason(usage[i]["hbm_ratio"]);
    CHECK(reason.has_value() == (i % 2 == 1));
    if (reason) CHECK(reason->find("no answer within") != std::string::npos);
  }
  const Json& network = *facts.find("npu.network");
  CHECK(network[0]["link"] == "UP");
  CHECK(absent_reason(network[1]["link"])->find("-link -g: no answer within") != std::string::npos);
  CHECK(absent_reason(network[1]["tls"])->find("not run, because the 2 s for this probe were over") !=
        std::string::npos);
  CHECK(network[2]["link"] == "UP");
}
