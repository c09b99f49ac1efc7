#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"
#include "base/subprocess.hpp"
#include "support/temporary_folder.hpp"

using namespace ms;
using namespace std::chrono_literals;

TEST_CASE("a command gives its output and its status") {
  const auto output = run_command({"sh", "-c", "echo out; echo err >&2; exit 3"}, 5s);
  REQUIRE(output);
  CHECK(output->text == "out\nerr\n");
  CHECK(output->status == 3);
}

TEST_CASE("a command that is not there is absent with its name") {
  const auto output = run_command({"no-such-tool-anywhere"}, 5s);
  REQUIRE_FALSE(output);
  CHECK(output.reason() == "no-such-tool-anywhere: not found on PATH");
}

TEST_CASE("a hung command is killed with all that it started") {
  const TemporaryFolder folder;
  const std::string survivor = (folder / "survivor").string();
  const auto output = run_command({"sh", "-c", "(sleep 1; touch " + survivor + ") & sleep 60"}, 200ms);
  REQUIRE_FALSE(output);
  CHECK(output.reason().find("no answer within 0.2 s") != std::string::npos);
  ::usleep(1200 * 1000);
  CHECK_FALSE(std::filesystem::exists(survivor));
}

TEST_CASE("a command that prints without end is stopped") {
  const auto output = run_command({"yes"}, 10s, 100000);
  REQUIRE_FALSE(output);
  CHECK(output.reason() == "yes: printed more than 100000 bytes");
}

TEST_CASE("reading never blocks and says why there is nothing to read") {
  const TemporaryFolder folder;
  const auto fifo = folder / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(read_file(fifo).reason() == fifo.string() + ": is not a regular file");
  CHECK(read_file(folder / "").reason().find("is a directory") != std::string::npos);
  CHECK(read_file(folder / "none").reason().find("no such file") != std::string::npos);
  std::filesystem::create_symlink(folder / "loop", folder / "loop");
  CHECK(read_file(folder / "loop").reason().find("too many symbolic links") != std::string::npos);
  // A sparse gibibyte is refused by its size, not read.
  const auto huge = folder / "huge";
  std::ofstream(huge).put('x');
  std::filesystem::resize_file(huge, std::uintmax_t{1} << 30U);
  CHECK(read_file(huge, 1000).reason().find("is larger than 1000 bytes") != std::string::npos);
}

TEST_CASE("a file is replaced as a whole and keeps its mode") {
  const TemporaryFolder folder;
  const auto target = folder / "config.json";
  std::ofstream(target) << "old";
  REQUIRE(::chmod(target.c_str(), 0640) == 0);
  write_file_atomically(target, "new");
  CHECK(*read_file(target) == "new");
  CHECK((std::filesystem::status(target).permissions() & std::filesystem::perms::all) ==
        static_cast<std::filesystem::perms>(0640));
  CHECK_THROWS_AS(write_file_atomically(folder / "none" / "x", "new"), InputError);
}

TEST_CASE("a JSON error has line, column and caret") {
  try {
    parse_json("{\n  \"a\": 1,\n  \"b\" 2\n}", "config.json");
    FAIL("accepted");
  } catch (const InputError& e) {
    CHECK(e.position()->line == 3);
    CHECK(e.position()->column == 7);
    CHECK(e.excerpt().find("\"b\" 2") != std::string::npos);
  }
}

TEST_CASE("JSON with comments is read, and bottomless nesting is refused") {
  CHECK(parse_json("{ // the port\n \"port\": 1025 /* default */ }", "c")["port"] == 1025);
  CHECK_THROWS_AS(parse_json(std::string(100000, '['), "c"), InputError);
}
