#include "profile/device_profile.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "profile/device_tasks.hpp"

namespace ms::profile {
namespace {

// What profilers put between the folder of a rank and its files.
constexpr std::array<std::string_view, 5> kOutputFolders = {
    "ascend_profiler_output", "mindstudio_profiler_output", "cluster_analysis_output", "summary", "timeline"};

std::string_view last_component(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

template <class Part>
void take_if_absent(Part& mine, Part& other, bool absent) {
  if (absent) mine = std::move(other);
}

// Rows that name their device and rows that do not, of one device.
void add_memory(DeviceMemory& memory, const DeviceMemory& other) {
  for (const auto& [name, peak] : other.components) {
    DeviceMemory::Peak& mine = memory.components[name];
    mine.allocated = std::max(mine.allocated, peak.allocated);
    mine.reserved = std::max(mine.reserved, peak.reserved);
    mine.active = std::max(mine.active, peak.active);
  }
  for (const auto& [name, bytes] : other.module_peaks) {
    memory.module_peaks[name] = std::max(memory.module_peaks[name], bytes);
  }
  memory.allocations += other.allocations;
  memory.allocated_bytes += other.allocated_bytes;
  memory.short_lived += other.short_lived;
  memory.static_bytes += other.static_bytes;
}

// What the card lacks and `other`, of the same device, has.
void join(Card& card, Card&& other, bool same_origin) {
  if (same_origin && card.memory && other.memory) add_memory(*card.memory, *other.memory);
  take_if_absent(card.steps, other.steps, card.steps.empty());
  for (std::size_t source = 0; source < kKernelSources; ++source) {
    take_if_absent(card.kernels[source], other.kernels[source], !card.kernels[source]);
  }
  take_if_absent(card.op_statistic, other.op_statistic, card.op_statistic.empty());
  take_if_absent(card.communication, other.communication, !card.communication);
  take_if_absent(card.links, other.links, card.links.empty());
  take_if_absent(card.api, other.api, card.api.empty());
  take_if_absent(card.operators, other.operators, card.operators.empty());
  take_if_absent(card.memory, other.memory, !card.memory);
  take_if_absent(card.copies, other.copies, card.copies.empty());
  take_if_absent(card.timeline, other.timeline, !card.timeline);
  take_if_absent(card.l2_hit_rate, other.l2_hit_rate, card.l2_hit_rate.count == 0);
  take_if_absent(card.settings, other.settings, card.settings.empty());
  take_if_absent(card.device, other.device, !card.device);
  take_if_absent(card.rank, other.rank, !card.rank);
  take_if_absent(card.profiler_level, other.profiler_level, card.profiler_level.empty());
  take_if_absent(card.cann_version, other.cann_version, card.cann_version.empty());
}

}  // namespace

void Communication::add(std::string_view step, std::string_view operation, double seconds) {
  constexpr std::size_t kMaxKinds = 1000;
  elapsed.add(seconds);
  const std::string kind(collective_kind(operation));
  const bool known = kinds.contains(kind);
  if (!known && kinds.size() >= kMaxKinds) return;
  kinds[kind].add(seconds);
  if (!ends_on_all_together(kind) || calls.size() >= kMaxCalls) return;
  const auto place = std::find(call_kinds.begin(), call_kinds.end(), kind);
  const auto index = static_cast<std::uint32_t>(place - call_kinds.begin());
  if (place == call_kinds.end()) call_kinds.push_back(kind);
  const std::string name = std::string(step) + '/' + std::string(operation);
  calls.push_back({.operation = std::hash<std::string>()(name), .seconds = seconds, .kind = index});
}

const KernelStatistics* Card::best_kernels() const {
  for (const auto& statistics : kernels) {
    if (statistics) return &*statistics;
  }
  return nullptr;
}

std::string_view card_folder(std::string_view folder) {
  while (true) {
    const std::string last = to_lower(last_component(folder));
    if (std::find(kOutputFolders.begin(), kOutputFolders.end(), last) == kOutputFolders.end()) return folder;
    folder =
        folder.size() > last.size() ? folder.substr(0, folder.size() - last.size() - 1) : std::string_view();
  }
}

std::optional<int> rank_in_name(std::string_view name) {
  const std::string lower = to_lower(name);
  for (const std::string_view word : {"rank", "profiler_info_", "pytorch_profiler_"}) {
    for (std::size_t at = lower.rfind(word); at != std::string::npos;
         at = at == 0 ? at : lower.rfind(word, at - 1)) {
      std::size_t begin = at + word.size();
      while (begin < lower.size() && (lower[begin] == '_' || lower[begin] == '-')) ++begin;
      std::size_t end = begin;
      while (end < lower.size() && is_digit(lower[end])) ++end;
      constexpr std::size_t kMostDigits = 7;
      if (end > begin && end - begin <= kMostDigits) return std::stoi(lower.substr(begin, end - begin));
      if (at == 0) break;
    }
  }
  return std::nullopt;
}

Card& DeviceProfile::card(std::string_view folder, std::optional<int> device, CardOrigin origin) {
  const std::string_view base = card_folder(folder);
  Card& card = cards_[{std::string(base), device, origin}];
  card.folder = base;
  if (device) card.device = device;
  return card;
}

Card& DeviceProfile::cluster_card(std::string_view folder, int rank) {
  const std::string_view base = card_folder(folder);
  Card& card = cards_[{std::string(base), rank, CardOrigin::cluster}];
  card.folder = base;
  card.rank = rank;
  return card;
}

std::vector<Card> DeviceProfile::finish() const {
  // A database stands behind the files of its folder, and what names no device behind the only one there is.
  std::map<std::string, std::set<int>> devices;  // by folder
  for (const auto& [key, card] : cards_) {
    if (key.number && key.origin != CardOrigin::cluster) devices[key.folder].insert(*key.number);
  }
  std::map<std::pair<std::string, std::optional<int>>, Card> own;
  std::vector<const Card*> of_cluster;
  for (const CardOrigin origin : {CardOrigin::files, CardOrigin::database}) {
    for (const auto& [key, card] : cards_) {
      if (key.origin != origin) continue;
      const std::set<int>& known = devices[key.folder];
      const std::optional<int> number = known.size() == 1 ? *known.begin() : key.number;
      const auto [place, is_new] = own.try_emplace({key.folder, number}, card);
      if (!is_new) join(place->second, Card(card), origin == CardOrigin::files);
    }
  }
  std::vector<Card> result;
  std::set<int> ranks;
  for (auto& [place, card] : own) {
    // The folder of one rank is named for it; where it holds several devices, each is a rank.
    if (!card.rank && devices[place.first].size() < 2) card.rank = rank_in_name(place.first);
    if (!card.rank) card.rank = card.device;
    if (card.rank) ranks.insert(*card.rank);
    result.push_back(std::move(card));
  }
  for (const auto& [key, card] : cards_) {
    if (key.origin == CardOrigin::cluster && !ranks.contains(*card.rank)) result.push_back(card);
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Card& a, const Card& b) { return a.rank < b.rank; });
  return result;
}

}  // namespace ms::profile
