#include <doctest/doctest.h>

#include "facts/document.hpp"
#include "fleet/difference.hpp"

TEST_SUITE_BEGIN("fleet");

namespace {

const ms::DifferenceTable& table() {
  static const ms::DifferenceTable kTable = ms::DifferenceTable::builtin();
  return kTable;
}

std::vector<std::string> paths(const ms::Json& a, const ms::Json& b) {
  std::vector<std::string> found;
  for (const ms::Difference& difference : ms::find_differences({&a, &b}, table()))
    found.push_back(difference.path());
  return found;
}

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("every field of an element that differs is told, not only the first") {
  // msprechecker compare prints `tp` alone here: 1, 2, 8 and 2, 1, 4 are members of each other's lists.
  const ms::Json a = ms::Json::parse(R"({"service":{"models":[{"tp":1,"dp":2,"world_size":8}]}})");
  const ms::Json b = ms::Json::parse(R"({"service":{"models":[{"tp":2,"dp":1,"world_size":4}]}})");
  CHECK(paths(a, b) == Paths{"service.models[0].dp", "service.models[0].tp", "service.models[0].world_size"});
}

TEST_CASE("an element that is appended is the only difference") {
  const ms::Json a = ms::Json::parse(R"({"list":[1,2,3]})");
  const ms::Json b = ms::Json::parse(R"({"list":[1,2,3,4]})");
  const auto differences = ms::find_differences({&a, &b}, table());
  REQUIRE(differences.size() == 1);
  CHECK(differences[0].path() == "list[3]");
  CHECK(differences[0].values[0].value == nullptr);
  CHECK(*differences[0].values[1].value == 4);
}

TEST_CASE("elements are matched by their key, whatever their order") {
  const ms::Json a = ms::Json::parse(
      R"({"npu":{"devices":[{"id":0,"chip":0,"health":"OK"},{"id":1,"chip":0,"health":"OK"}]}})");
  const ms::Json b = ms::Json::parse(
      R"({"npu":{"devices":[{"id":1,"chip":0,"health":"Warning"},{"id":0,"chip":0,"health":"OK"}]}})");
  CHECK(paths(a, b) == Paths{"npu.devices[id=1, chip=0].health"});
}

TEST_CASE("an element of a list that is not declared is matched by a usual key") {
  const ms::Json a =
      ms::Json::parse(R"({"mine":{"disks":[{"name":"sda","size":1},{"name":"sdb","size":2}]}})");
  const ms::Json b = ms::Json::parse(R"({"mine":{"disks":[{"name":"sdb","size":3}]}})");
  CHECK(paths(a, b) == Paths{"mine.disks[name=sda]", "mine.disks[name=sdb].size"});
}

TEST_CASE("an empty list, an empty section, null and nothing are four things") {
  const ms::Json values[] = {ms::Json::parse(R"({"x":{"a":[]}})"), ms::Json::parse(R"({"x":{"a":{}}})"),
                             ms::Json::parse(R"({"x":{"a":null}})"), ms::Json::parse(R"({"x":{}})")};
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t k = 0; k < 4; ++k)
      CHECK(paths(values[i], values[k]) == (i == k ? Paths{} : Paths{"x.a"}));
  }
}

TEST_CASE("a null section against a filled one is one difference") {
  CHECK(paths(ms::Json::parse(R"({"x":null})"), ms::Json::parse(R"({"x":{"a":1}})")) == Paths{"x"});
  CHECK(paths(ms::Json::parse(R"([1])"), ms::Json::parse(R"([2])")) == Paths{"[0]"});
}

TEST_CASE("a fact that one host could not read differs, with the reason") {
  ms::FactDocument a;
  ms::FactDocument b;
  a.set("memory.swappiness", 10, "/proc");
  b.set_absent("memory.swappiness", "permission denied", "/proc");
  const auto differences = ms::find_differences({&a.tree(), &b.tree()}, table());
  REQUIRE(differences.size() == 1);
  CHECK(differences[0].values[1].reason == "permission denied");
}

TEST_CASE("a fact that no host could read does not differ, whatever the reasons") {
  ms::FactDocument a;
  ms::FactDocument b;
  a.set_absent("cpu.boost", "a.json does not hold it", "");
  b.set_absent("cpu.boost", "b.json does not hold it", "");
  CHECK(paths(a.tree(), b.tree()).empty());
}

TEST_CASE("of many hosts those with the same value are together, most of them first") {
  const ms::Json common = ms::Json::parse(R"({"ascend":{"driver":{"version":"25.0"}}})");
  const ms::Json odd = ms::Json::parse(R"({"ascend":{"driver":{"version":"23.0"}}})");
  const auto differences = ms::find_differences({&odd, &common, &common, &common}, table());
  REQUIRE(differences.size() == 1);
  CHECK(differences[0].values[0].hosts == std::vector<std::size_t>{1, 2, 3});
  CHECK(differences[0].values[1].hosts == std::vector<std::size_t>{0});
}

TEST_CASE("host names, temperatures and serial numbers are expected to differ") {
  const ms::Json a = ms::Json::parse(
      R"({"host":{"name":"a"},"npu":{"devices":[{"id":0,"chip":0,"temperature_celsius":40.0,"health":"OK"}]}})");
  const ms::Json b = ms::Json::parse(
      R"({"host":{"name":"b"},"npu":{"devices":[{"id":0,"chip":0,"temperature_celsius":55.0,"health":"Alarm"}]}})");
  const auto differences = ms::find_differences({&a, &b}, table());
  REQUIRE(differences.size() == 3);
  CHECK(differences[0].path() == "host.name");
  CHECK(differences[0].expected != nullptr);
  CHECK(differences[1].path() == "npu.devices[id=0, chip=0].health");
  CHECK(differences[1].expected == nullptr);
  CHECK(differences[2].expected != nullptr);
}

TEST_CASE("sizes of memory may differ by what firmware sets aside, not by a module") {
  const auto with = [](std::int64_t bytes) { return ms::Json{{"memory", {{"total_bytes", bytes}}}}; };
  const ms::Json full = with(540'106'752'000);
  const ms::Json near = with(540'000'000'000);
  const ms::Json half = with(270'053'376'000);
  CHECK(ms::find_differences({&full, &near}, table())[0].expected != nullptr);
  CHECK(ms::find_differences({&full, &half}, table())[0].expected == nullptr);
}

TEST_CASE("a variable whose name is no word is quoted in its path") {
  CHECK(paths(ms::Json::parse(R"({"env":{"A.B":"1"}})"), ms::Json::parse(R"({"env":{"A.B":"2"}})")) ==
        Paths{R"(env["A.B"])"});
}

TEST_CASE("every list of the table has one way to tell its elements apart") {
  for (const char* path : {"npu.devices", "cpu.governors", "npu.device_files", "npu.irqs"}) {
    const ms::ListIdentity* identity = table().list(path);
    REQUIRE(identity != nullptr);
    CHECK((identity->key.empty() ? 0 : 1) + (identity->set ? 1 : 0) + (identity->ordered ? 1 : 0) == 1);
  }
}

TEST_SUITE_END();
