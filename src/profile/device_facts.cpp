#include "profile/device_facts.hpp"

#include "profile/device_facts_parts.hpp"

namespace ms::profile {
namespace {

std::string source_of(const std::vector<Card>& cards, const DeviceFacts::Has& has) {
  std::string source;
  std::size_t count = 0;
  for (const Card& card : cards) {
    if (has(card) && count++ == 0) source = card.folder.empty() ? "the profile" : card.folder;
  }
  return count > 1 ? source + " and " + std::to_string(count - 1) + " more" : source;
}

}  // namespace

bool DeviceFacts::any(const Has& has, std::initializer_list<const char*> paths, const char* files) {
  source_ = source_of(cards_, has);
  if (!source_.empty()) return true;
  for (const char* path : paths) {
    facts_.set_absent(std::string("device.") + path, std::string("no ") + files + " was read", "profile");
  }
  return false;
}

void DeviceFacts::take_source(const Has& has, const char* otherwise) {
  source_ = source_of(cards_, has);
  if (source_.empty()) source_ = otherwise;
}

void DeviceFacts::set(const std::string& path, Json value) {
  facts_.set("device." + path, std::move(value), source_);
}

void DeviceFacts::absent(const std::string& path, std::string reason) {
  facts_.set_absent("device." + path, std::move(reason), source_);
}

Json rank_of(const Card& card) {
  return card.rank ? Json(*card.rank)
                   : absent_marker("no rank in the name of its folder, nor in profiler_info", card.folder);
}

void add(TimeSum& sum, const TimeSum& other) {
  sum.count += other.count;
  sum.seconds += other.seconds;
  sum.max_seconds = std::max(sum.max_seconds, other.max_seconds);
}

Json time_json(const TimeSum& time, double whole) {
  return {{"count", time.count},
          {"total_seconds", time.seconds},
          {"mean_seconds", time.mean_seconds()},
          {"share", ratio(time.seconds, whole)}};
}

Json with(Json object, const char* name, Json value) {
  object[name] = std::move(value);
  return object;
}

void add_device_facts(const DeviceProfile& profile, FactDocument& facts) {
  if (profile.empty()) return;
  const std::vector<Card> cards = profile.finish();
  DeviceFacts parts(cards, facts);
  parts.take_source([](const Card&) { return true; }, "profile");
  parts.set("ranks", Json(cards.size()));
  add_device_step_facts(parts);
  add_device_kernel_facts(parts);
  add_device_copy_facts(parts);
  add_device_function_facts(parts);
  add_device_operator_facts(parts);
  add_device_communication_facts(parts);
  add_device_traffic_facts(parts);
  add_device_memory_facts(parts);
  add_device_timeline_facts(parts);
  add_device_setting_facts(parts);
}

}  // namespace ms::profile
