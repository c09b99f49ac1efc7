#include <doctest/doctest.h>

#include <chrono>
#include <map>

#include "base/file.hpp"
#include "base/json.hpp"
#include "base/subprocess.hpp"
#include "captures.hpp"
#include "facts/document.hpp"
#include "probe/fake_host.hpp"
#include "probe/hccn_tool.hpp"
#include "probe/npu_chips.hpp"
#include "probe/npu_queries.hpp"

using namespace ms;

namespace {

// What the script reads in the files of the captures: sections with their kind, text and values.
Json second_reading() {
  std::vector<std::string> argv = {"python3", MS_SOURCE_DIR "/tests/captures/npu_commands_read.py"};
  const auto files = capture_files("01_npu_smi/sub");
  argv.insert(argv.end(), files.begin(), files.end());
  const auto output = run_command(argv, std::chrono::seconds(60));
  REQUIRE_MESSAGE(output, output.reason());
  REQUIRE_MESSAGE(output->status == 0, output->text);
  return parse_json(output->text, "npu_commands_read.py");
}

Json first_reading(const std::string& kind, const std::string& text) {
  Json element = Json::object();
  for (const NpuQuery& query : npu_queries()) {
    const std::string name = (query.scope == NpuQuery::Scope::chip ? "chip " : "") + std::string(query.type);
    if (name != kind) continue;
    if (query.scope == NpuQuery::Scope::chips_of_card) {
      add_chip_fields({0, text}, "command", 0, 1, query.fields, element);
    } else {
      add_fields(labelled_lines(text), query.fields, "command", element);
    }
  }
  for (const HccnFact& fact : hccn_facts()) {
    for (const HccnQuery& query : fact.queries) {
      if (query.command == kind) add_hccn_fields(query, {0, text}, "command", element);
    }
  }
  return element;
}

Json chips_of(const std::string& text) {
  Json rows = Json::array();
  for (const NpuChip& chip : parse_npu_mapping(text).chips) rows.push_back({chip.npu, *chip.name});
  return rows;
}

Json cards_of(const std::string& text) {
  FakeHost host;
  host.command("npu-smi info -l", text);
  FactDocument facts;
  read_npu_cards(host, std::chrono::seconds(1), facts);
  Json cards = Json::array();
  if (absent_reason(*facts.find("npu.cards"))) return cards;
  for (const Json& card : *facts.find("npu.cards")) cards.push_back(card["npu"]);
  return cards;
}

}  // namespace

TEST_CASE("every query of npu-smi and hccn_tool in the captures is read as a second reading reads it") {
  std::map<std::string, int> values;
  for (const Json& section : second_reading()) {
    const auto kind = section["kind"].get<std::string>();
    const auto text = section["text"].get<std::string>();
    const Json& expected = section["values"];
    CAPTURE(section["file"]);
    CAPTURE(kind);
    CAPTURE(text);
    if (kind == "-m" || kind == "-l") {
      CHECK((kind == "-m" ? chips_of(text) : cards_of(text)) == expected);
      values[kind] += static_cast<int>(expected.size());
      continue;
    }
    const Json read = first_reading(kind, text);
    for (const auto& field : expected.items()) {
      const std::string name = field.key();
      CAPTURE(name);
      REQUIRE(read.contains(name));
      const Json value = absent_reason(read[name]) ? Json() : read[name];
      CHECK(value == field.value());
      values[kind] += field.value().is_null() ? 0 : 1;
    }
  }
  // By hand: two hosts of eight 910A, a 910B3, a 310P and a 950; eighteen devices with two counters each.
  CHECK(values["-m"] == 19);
  CHECK(values["-stat"] == 36);
  for (const char* kind : {"usages", "common", "memory", "board", "chip board", "-optical", "-ip",
                           "-net_health", "-link_stat", "-l"}) {
    CAPTURE(kind);
    CHECK(values[kind] > 0);
  }
}

TEST_CASE("the kinds of optical module, link and address in the captures are those of a real 910A") {
  // 910A_23.0.5_mixed_npu_info_before.txt, read by eye.
  const auto text =
      read_file((captures_folder() / "01_npu_smi/sub/910A_23.0.5_mixed_npu_info_before.txt").string());
  REQUIRE(text);
  const Json optics = first_reading("-optical", text->substr(text->find("optical info:")));
  CHECK(optics["present"] == false);
  CHECK(optics["rx_power_milliwatts"] == Json{1.0189, 0.0054, 0.9907, 1.0213});
  CHECK(optics["rx_lost"] == true);
  CHECK(optics["tx_lost"] == false);
  CHECK(optics["vendor"] == "Hisense");
}
