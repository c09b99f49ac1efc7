#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "probe/host.hpp"
#include "probe/recording.hpp"
#include "support/temporary_folder.hpp"

using namespace ms;

TEST_CASE("a recorded command is found under the names that people give its file") {
  for (const char* name : {"npu-smi info -t topo", "npu-smi_info_-t_topo.txt", "NPU-SMI info t topo.log",
                           "npu_smi_info_t_topo.out", "/usr/local/sbin/npu-smi info -t topo"}) {
    CAPTURE(name);
    CHECK(recorded_name(name) == "npu-smi-info-t-topo");
  }
  CHECK(recorded_name("npu-smi info") != recorded_name("npu-smi info -m"));
}

TEST_CASE("an environment is read from lines, from NULs and from a shell's listing") {
  CHECK(parse_environment("A=1\nB=x=y\nEMPTY=\n") ==
        std::map<std::string, std::string>{{"A", "1"}, {"B", "x=y"}, {"EMPTY", ""}});
  CHECK(parse_environment(std::string("A=1\0B=two\nlines\0", 16)) ==
        std::map<std::string, std::string>{{"A", "1"}, {"B", "two\nlines"}});
  CHECK(parse_environment("export A=1\ndeclare -x B=2\r\n").at("B") == "2");
}

TEST_CASE("a line that starts no variable continues the one above it") {
  const auto variables = parse_environment("BASH_FUNC_ml%%=() {  eval x\n}\nHCCL_BUFFSIZE=200\n");
  CHECK(variables.at("BASH_FUNC_ml%%") == "() {  eval x\n}");
  CHECK(variables.at("HCCL_BUFFSIZE") == "200");
}

TEST_CASE("links of a recorded host stay inside it") {
  const TemporaryFolder tree;
  tree.write("usr/local/Ascend/cann-8.5.1/version.cfg", "inside");
  tree.link("/usr/local/Ascend/cann-8.5.1", "usr/local/Ascend/cann");
  tree.link("../../../../../../../../etc/passwd", "escape");
  tree.link("/etc/passwd", "absolute");
  tree.link("loop", "loop");
  const auto host = rooted_host(tree.path());
  CHECK(*host->read_file("/usr/local/Ascend/cann/version.cfg") == "inside");
  CHECK(*host->read_file("/usr/local/Ascend/cann/../cann/version.cfg") == "inside");
  CHECK_FALSE(host->read_file("/escape"));
  CHECK_FALSE(host->read_file("/absolute"));
  CHECK_FALSE(host->read_file("/../../../etc/passwd"));
  CHECK(host->read_file("/loop").reason().find("too many symbolic links") != std::string::npos);
}

TEST_CASE("a recorded host has no environment of its own when none was recorded") {
  const TemporaryFolder tree;
  const auto host = rooted_host(tree.path());
  REQUIRE_FALSE(host->environment());
  CHECK(host->environment().reason().find("env > environ") != std::string::npos);
  tree.write("environ", "TASK_QUEUE_ENABLE=2\n");
  CHECK(host->environment()->at("TASK_QUEUE_ENABLE") == "2");
}

TEST_CASE("a command that was not recorded says how to record it") {
  const TemporaryFolder tree;
  const auto output = rooted_host(tree.path())->run({"npu-smi", "info"}, {});
  REQUIRE_FALSE(output);
  CHECK(output.reason() ==
        "npu-smi info: not recorded; put its output into " + tree.path() + "/commands/npu-smi-info.txt");
}

TEST_CASE("the machine of a recorded host comes from uname, the kernel or its processors") {
  const TemporaryFolder tree;
  const auto host = rooted_host(tree.path());
  CHECK_FALSE(host->machine());
  tree.write("proc/cpuinfo", "processor\t: 0\nCPU implementer\t: 0x48\n");
  CHECK(*host->machine() == "aarch64");
  tree.write("proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\n");
  CHECK(*host->machine() == "x86_64");
  tree.write("proc/sys/kernel/arch", "riscv64\n");
  CHECK(*host->machine() == "riscv64");
  tree.write("cmd/uname-m.out", "loongarch64\n");
  CHECK(*host->machine() == "loongarch64");
}

TEST_CASE("the page size of a recorded host comes from getconf or from a process's maps") {
  const TemporaryFolder tree;
  const auto host = rooted_host(tree.path());
  REQUIRE_FALSE(host->page_size_bytes());
  CHECK(host->page_size_bytes().reason().find("getconf PAGESIZE") != std::string::npos);
  tree.write("proc/self/smaps", "Size: 4 kB\nKernelPageSize:       64 kB\n");
  CHECK(*host->page_size_bytes() == 65536);
  tree.write("commands/getconf_PAGESIZE.txt", "4096\n");
  CHECK(*host->page_size_bytes() == 4096);
}

TEST_CASE("a root that is no directory is refused") {
  CHECK_THROWS_AS(rooted_host("/nonexistent/host"), InputError);
  CHECK_THROWS_AS(rooted_host("/etc/hostname"), InputError);
}
