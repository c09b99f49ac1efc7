#include <doctest/doctest.h>

#include <set>

#include "base/error.hpp"
#include "base/units.hpp"
#include "knowledge/knowledge.hpp"

namespace ms {
namespace {

std::string message_of(auto&& action) {
  try {
    action();
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

TEST_CASE("a chip is found by its id, its SoC name, and however a person spells it") {
  const Knowledge knowledge = load_knowledge();
  for (const char* name : {"910B4", "Ascend910B4", "Ascend 910B4", "ascend910b4", "910b4"}) {
    CHECK(find_chip(knowledge.chips, name, "--chip").id == "910B4");
  }
  CHECK(find_chip(knowledge.chips, "910C", "--chip").id == "A3");
  CHECK(find_chip(knowledge.chips, "Ascend910_9392", "--chip").id == "A3");
  CHECK(find_chip(knowledge.chips, "910_9362", "--chip").id == "A3-9362");
}

TEST_CASE("an unknown chip is an error that names the nearest one and lists them") {
  const Knowledge knowledge = load_knowledge();
  const std::string message = message_of([&] { find_chip(knowledge.chips, "910B5", "--chip"); });
  CHECK(message.find("--chip: unknown chip '910B5'; did you mean '910B") == 0);
  CHECK(message.find("310P3-24G") != message.npos);
}

TEST_CASE("a name that several chips share asks which one is meant") {
  const Knowledge knowledge = load_knowledge();
  const std::string message = message_of([&] { find_chip(knowledge.chips, "Ascend910", "--chip"); });
  CHECK(message.find("is the name of several chips: say which of 910A, A3") != message.npos);
}

TEST_CASE("a live device is told apart from its namesakes by the size of its memory") {
  const Knowledge knowledge = load_knowledge();
  const auto id = [&](const char* name, std::int64_t mib) {
    const Chip* chip = match_device(knowledge.chips, name, mib * kMiB);
    return chip == nullptr ? std::string("none") : chip->id;
  };
  // Names and sizes as `npu-smi info` printed them on real hosts.
  CHECK(id("910B3", 65536) == "910B3");
  CHECK(id("910B4", 32768) == "910B4");
  CHECK(id("910B4-1", 65536) == "910B4-1");
  CHECK(id("Ascend910", 65536) == "A3");
  CHECK(id("910ProB", 32768) == "910A");
  CHECK(id("310P3", 44278) == "310P3");
  CHECK(id("310P3", 21534) == "310P3-24G");
  CHECK(id("Ascend950PR", 114688) == "950PR");
  CHECK(id("Ascend950PR", 86016) == "950PR-84G");
  CHECK(id("H100", 81920) == "none");
  CHECK(match_device(knowledge.chips, "910B2", std::nullopt)->id == "910B2");
}

TEST_CASE("the peak of every chip is its cube cores times clock times 16 cubed times 2") {
  const Knowledge knowledge = load_knowledge();
  int checked = 0;
  for (const Chip& chip : knowledge.chips) {
    if (!chip.cube_cores || !chip.clock_mhz) continue;
    const double peak =
        static_cast<double>(*chip.cube_cores) * static_cast<double>(*chip.clock_mhz) * 1e6 * 4096 * 2;
    CAPTURE(chip.id);
    CHECK(*chip.fp16_flops == doctest::Approx(peak).epsilon(0.002));
    ++checked;
  }
  CHECK(checked >= 10);
}

TEST_CASE("every chip states its source, and where its idle memory was seen") {
  for (const Chip& chip : load_knowledge().chips) {
    CAPTURE(chip.id);
    CHECK_FALSE(chip.source.empty());
    CHECK(chip.idle_hbm_bytes.has_value());
    CHECK_FALSE(chip.idle_source.empty());
  }
}

TEST_CASE("an entry of one's own replaces the built-in one and keeps its place") {
  Knowledge knowledge = load_knowledge();
  const auto before = knowledge.chips.size();
  add_knowledge(knowledge,
                parse_toml("[[chip]]\nid = \"910b4\"\nfamily = \"A2\"\nhbm = \"48GiB\"\n", "own.toml"));
  CHECK(knowledge.chips.size() == before);
  CHECK(find_chip(knowledge.chips, "910B4", "--chip").hbm_bytes == 48 * kGiB);
  add_knowledge(knowledge,
                parse_toml("[[chip]]\nid = \"910X\"\nfamily = \"A3\"\nhbm = \"96GiB\"\n", "own.toml"));
  CHECK(knowledge.chips.size() == before + 1);
}

TEST_CASE("a wrong entry is an error with file and line") {
  Knowledge knowledge;
  const auto message = [&](const char* text) {
    return message_of([&] { add_knowledge(knowledge, parse_toml(text, "own.toml")); });
  };
  CHECK(message("[[chip]]\nid = \"X\"\nfamily = \"A2\"\nhbm = \"64GiB\"\nhbm_bandwith = 1e12\n")
            .find("own.toml:5:1: unknown key 'hbm_bandwith'; did you mean 'hbm_bandwidth'?") == 0);
  CHECK(message("[[chip]]\nid = \"X\"\nfamily = \"A4\"\nhbm = \"64GiB\"\n").find("own.toml:3:") == 0);
  CHECK(message("[[chip]]\nid = \"X\"\nfamily = \"A2\"\nhbm = \"lots\"\n").find("own.toml:4:") == 0);
  CHECK(message("[[chip]]\nid = \"X\"\nfamily = \"A2\"\n").find("own.toml:1:") == 0);
  CHECK(message("[[model]]\nname = \"X\"\n").find("own.toml:1:") == 0);
  CHECK(message("[[modle]]\nname = \"X\"\n").find("did you mean 'model'?") != std::string::npos);
}

TEST_CASE("a model is found with or without its organisation, in any case") {
  const Knowledge knowledge = load_knowledge();
  for (const char* name : {"Qwen2.5-7B-Instruct", "qwen2.5-7b-instruct", "Qwen/Qwen2.5-7B-Instruct",
                           "Qwen2.5-7B", "/data/weights/Qwen2.5-7B-Instruct/"}) {
    CHECK(find_model(knowledge.models, name, "--model").name == "Qwen2.5-7B-Instruct");
  }
  CHECK(*find_model(knowledge.models, "Qwen2.5-7B", "--model").weights_bytes == 15'231'233'024);
  CHECK(find_model(knowledge.models, "DeepSeek-R1", "--model").name == "DeepSeek-V3");
}

TEST_CASE("an unknown model is an error that names the nearest one") {
  const Knowledge knowledge = load_knowledge();
  const std::string message =
      message_of([&] { find_model(knowledge.models, "Qwen2.5-7B-Instrct", "--model"); });
  CHECK(message.find("--model: unknown model 'Qwen2.5-7B-Instrct'; did you mean 'Qwen2.5-7B-Instruct'?") ==
        0);
}

TEST_CASE("no name means two models") {
  const Knowledge knowledge = load_knowledge();
  std::set<std::string> names;
  for (const KnownModel& model : knowledge.models) {
    CHECK(names.insert(model.name).second);
    for (const std::string& alias : model.aliases) {
      CAPTURE(alias);
      CHECK(names.insert(alias).second);
    }
  }
  Knowledge own = knowledge;
  const char* text = "[[model]]\nname = \"Mine\"\naliases = [\"Qwen2.5-7B\"]\nconfig = { hidden_size = 1 }\n";
  CHECK(message_of([&] {
          add_knowledge(own, parse_toml(text, "own.toml"));
        }).find("'Qwen2.5-7B' names both") != std::string::npos);
}

}  // namespace
}  // namespace ms
