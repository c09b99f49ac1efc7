// TOML that experts write: a rule pack, waivers, a profile, probes. It is taken or refused with an
// InputError, and the rules of a pack judge a host.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "probe/probe_set.hpp"
#include "rule/evaluate.hpp"
#include "rule/library.hpp"
#include "rule/profile.hpp"
#include "rule/waivers.hpp"
#include "support/declared_facts.hpp"

namespace {

constexpr const char* kKnownPack = R"(
[[rule]]
id       = "THP"
fact     = "memory.thp.mode"
check    = 'memory.thp.mode == "madvise"'
severity = "error"
title    = { en = "Huge pages", zh = "大页" }
why      = { en = "Because.", zh = "因为。" }
source   = ["test"]
)";

const ms::FactDocument& host() {
  static const ms::FactDocument facts = [] {
    ms::FactDocument made;
    made.set("host.name", "node-1", "test");
    made.set("env", {{"TASK_QUEUE_ENABLE", "2"}}, "environment");
    made.set("memory.thp.mode", "always", "test");
    made.set("npu.devices", {{{"id", 0}, {"health", "OK"}}, {{"id", 1}, {"health", "Alarm"}}}, "test");
    made.set_absent("cpu.governors", "not read", "test");
    return made;
  }();
  return facts;
}

template <class Read>
void take_or_refuse(Read read) {
  try {
    read();
  } catch (const ms::InputError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<ms::FactSpec> specs = ms::test::declared_facts();
  static const ms::RuleLibrary known = ms::load_pack(specs, kKnownPack, "known.toml");
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    ms::parse_toml(text, "file.toml");
  } catch (const ms::InputError&) {
    return 0;
  }
  take_or_refuse([&] {
    const ms::RuleLibrary library = ms::load_pack(specs, text, "pack.toml");
    const auto findings = ms::evaluate(library.rules, host(), ms::Scene());
    if (findings.size() < library.rules.size()) __builtin_trap();
  });
  take_or_refuse([&] {
    const ms::Date today(std::chrono::days(20'000));
    const auto waivers = ms::load_waivers(ms::parse_toml(text, "waivers.toml"), known.rules, today);
    auto findings = ms::evaluate(known.rules, host(), ms::Scene());
    ms::apply_waivers(waivers, "node-1", today, findings);
  });
  take_or_refuse([&] {
    auto chosen = ms::load_pack(specs, kKnownPack, "known.toml").rules;  // rules have no copies
    ms::apply_profile(ms::parse_toml(text, "profile.toml"), chosen);
    if (chosen.empty()) __builtin_trap();
  });
  take_or_refuse([&] {
    ms::ProbeSet probes;
    probes.add(ms::parse_toml(text, "probes.toml"), ms::ProbeLayer::site);
  });
  return 0;
}
