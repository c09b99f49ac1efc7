#pragma once

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "facts/document.hpp"
#include "profile/device_profile.hpp"

// The subjects that add_device_facts() is made of, and what they share.
namespace ms::profile {

/// The cards of a run, and the facts below `device` that are made of them.
class DeviceFacts {
 public:
  using Has = std::function<bool(const Card& card)>;

  DeviceFacts(const std::vector<Card>& cards, FactDocument& facts) : cards_(cards), facts_(facts) {}

  const std::vector<Card>& cards() const { return cards_; }

  /// Whether a card has what `has` asks for; those that have are where the facts set from now on come from.
  /// Otherwise marks `paths` as absent, since none of `files` was read.
  bool any(const Has& has, std::initializer_list<const char*> paths, const char* files);
  /// The cards that have it are where the facts set from now on come from, `otherwise` where none has.
  void take_source(const Has& has, const char* otherwise);

  void set(const std::string& path, Json value);
  void absent(const std::string& path, std::string reason);

 private:
  const std::vector<Card>& cards_;
  FactDocument& facts_;
  std::string source_;
};

/// Steps, their shares, and how they differ between ranks.
void add_device_step_facts(DeviceFacts& facts);
void add_device_kernel_facts(DeviceFacts& facts);
void add_device_copy_facts(DeviceFacts& facts);
/// Functions of CANN on the host.
void add_device_function_facts(DeviceFacts& facts);
/// Operators of the framework.
void add_device_operator_facts(DeviceFacts& facts);
void add_device_communication_facts(DeviceFacts& facts);
/// Which ranks come last to collectives, and how long the others wait for them.
void add_device_wait_facts(DeviceFacts& facts);
/// What went between ranks.
void add_device_traffic_facts(DeviceFacts& facts);
void add_device_memory_facts(DeviceFacts& facts);
void add_device_timeline_facts(DeviceFacts& facts);
void add_device_setting_facts(DeviceFacts& facts);

/// How many entries of a ranking are facts.
inline constexpr std::size_t kRanked = 50;

/// 0 where there is no whole.
inline double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0.0;
}

/// The rank of a card, or the marker that says that it is not known.
Json rank_of(const Card& card);

/// Count, total, mean, and share of `whole` seconds.
Json time_json(const TimeSum& time, double whole);

/// `object` with a further member.
Json with(Json object, const char* name, Json value);

void add(TimeSum& sum, const TimeSum& other);

template <class Map>
void add_all(Map& sums, const Map& others) {
  for (const auto& [key, time] : others) add(sums[key], time);
}

/// The entries of a map with the largest of what `key` gives, first.
template <class Map, class Key>
std::vector<const typename Map::value_type*> largest(const Map& map, Key key) {
  std::vector<const typename Map::value_type*> entries;
  for (const auto& entry : map) entries.push_back(&entry);
  std::stable_sort(entries.begin(), entries.end(),
                   [&](const auto* a, const auto* b) { return key(*a) > key(*b); });
  if (entries.size() > kRanked) entries.resize(kRanked);
  return entries;
}

}  // namespace ms::profile
