#include <doctest/doctest.h>

#include <chrono>

#include "base/json.hpp"
#include "base/subprocess.hpp"
#include "captures.hpp"
#include "profile/input.hpp"
#include "profile/run.hpp"

namespace {

using ms::Json;
using namespace ms::profile;

// What the script reads in the same file: records, and sums of what the file holds.
Json second_reading(const std::string& kind, const std::string& file) {
  const std::vector<std::string> argv = {"python3", MS_SOURCE_DIR "/tests/captures/device_profile_read.py",
                                         kind, file};
  const auto output = ms::run_command(argv, std::chrono::seconds(60));
  REQUIRE_MESSAGE(output, output.reason());
  REQUIRE_MESSAGE(output->status == 0, output->text);
  return ms::parse_json(output->text, "device_profile_read.py");
}

Json kernel_sums(const KernelStatistics& kernels) {
  Json types = Json::object();
  for (const auto& [type, time] : kernels.types)
    types[type.type + "/" + type.core] = {time.count, time.seconds};
  return {{"compute", kernels.compute.seconds},
          {"communication", kernels.communication.seconds},
          {"short", kernels.short_kernels.count},
          {"gaps", kernels.device.time.seconds},
          {"types", types}};
}

Json step_sums(const std::vector<StepTime>& steps) {
  Json sums = Json::array();
  for (const StepTime& step : steps) sums.push_back({step.computing, step.exposed_communication, step.free});
  return sums;
}

// What was read of one file, in the words of the script. Only what this kind of file gives is there.
Json first_reading(const Card& card) {
  Json sums = Json::object();
  if (const KernelStatistics* kernels = card.best_kernels()) sums["kernels"] = kernel_sums(*kernels);
  if (!card.steps.empty()) sums["steps"] = step_sums(card.steps);
  double seconds = 0;
  std::uint64_t count = 0;
  for (const auto& [type, time] : card.op_statistic) seconds += time.seconds, count += time.count;
  if (count > 0) sums["op_statistic"] = {count, seconds};
  seconds = 0, count = 0;
  for (const auto& [name, api] : card.api) seconds += api.time.seconds, count += api.time.count;
  if (count > 0) sums["api"] = {count, seconds};
  seconds = 0, count = 0;
  for (const auto& [name, time] : card.operators) seconds += time.host_self, count += time.count;
  if (count > 0) sums["operators"] = {count, seconds};
  if (card.communication) {
    double packets = 0;
    double bytes = 0;
    for (const auto& [kind, link] : card.communication->links) {
      bytes += link.bytes;
      for (const auto& [size, packet] : link.packets) packets += static_cast<double>(packet.count);
    }
    sums["communication"] = {card.communication->elapsed.count, card.communication->elapsed.seconds, bytes,
                             packets};
  }
  if (!card.links.empty()) {
    double bytes = 0;
    double time = 0;
    for (const auto& [link, traffic] : card.links) bytes += traffic.bytes, time += traffic.seconds;
    sums["links"] = {bytes, time};
  }
  if (card.memory) {
    double reserved = 0;
    double modules = 0;
    for (const auto& [name, peak] : card.memory->components) reserved += peak.reserved;
    for (const auto& [name, bytes] : card.memory->module_peaks) modules += bytes;
    sums["memory"] = {reserved, modules, card.memory->allocations, card.memory->allocated_bytes,
                      card.memory->static_bytes};
  }
  if (card.l2_hit_rate.count > 0) sums["l2"] = {card.l2_hit_rate.count, card.l2_hit_rate.seconds};
  if (card.timeline && card.timeline->events > 0) {
    Json lanes = Json::object();
    for (const auto& [name, time] : card.timeline->overlap) lanes[name] = {time.count, time.seconds};
    Json categories = Json::object();
    for (const auto& [name, time] : card.timeline->categories) categories[name] = {time.count, time.seconds};
    sums["timeline"] = {{"events", card.timeline->events}, {"lanes", lanes}, {"categories", categories}};
  }
  if (!card.copies.empty()) {
    seconds = 0, count = 0;
    for (const auto& [kind, copy] : card.copies) seconds += copy.time.seconds, count += copy.time.count;
    sums["copies"] = {count, seconds};
  }
  return sums;
}

bool close(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) {
    const double x = a.get<double>();
    const double y = b.get<double>();
    return std::abs(x - y) <= 1e-6 * std::max(std::abs(x), std::abs(y)) + 1e-9;
  }
  if (a.type() != b.type() || a.size() != b.size()) return false;
  if (a.is_object()) {
    for (const auto& [key, value] : a.items()) {
      if (!b.contains(key) || !close(value, b[key])) return false;
    }
    return true;
  }
  if (!a.is_array()) return a == b;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!close(a[i], b[i])) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("every profile of devices is recognised, and its totals are those of another reading") {
  const auto folder = ms::captures_folder() / "08_ascend_profiler";
  int read = 0;
  for (const FoundFile& file : find_files(folder, {}).files) {
    CAPTURE(file.relative);
    Run run;
    const FolderReading reading = read_profiles(file.path, run);
    if (file.path.extension() == ".yaml") {  // maps names of operators, records nothing
      CHECK(reading.files.empty());
      continue;
    }
    REQUIRE(reading.files.size() == 1);
    CHECK(reading.files[0].kind.starts_with("device."));
    CHECK(reading.files[0].bad_records == 0);
    Json sums = Json::array();
    for (const Card& card : run.device.finish()) {
      Json one = first_reading(card);
      if (!one.empty()) sums.push_back(std::move(one));
    }
    const Json expected = second_reading(reading.files[0].kind, file.path.string());
    if (reading.files[0].kind != "device.database")
      CHECK(Json(reading.files[0].records) == expected["records"]);
    CHECK_MESSAGE(close(sums, expected["cards"]), sums.dump(), "\n", expected["cards"].dump());
    ++read;
  }
  CHECK(read > 100);
}
