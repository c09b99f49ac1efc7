#include "cel/fact_index.hpp"

#include <algorithm>
#include <bit>

#include "cel/value.hpp"

namespace ms::cel {
namespace {

constexpr std::size_t kDeepest = 16;
constexpr std::size_t kMostNames = 1 << 16;

// The object in a value whose members have paths of their own.
const Json::object_t* inner_object(const Json& json) {
  return is_absent_marker(json) ? nullptr : json.get_ptr<const Json::object_t*>();
}

std::size_t count_names(const Json::object_t& object, std::size_t depth) {
  if (depth > kDeepest) return 0;
  std::size_t count = object.size();
  for (const auto& [name, value] : object) {
    if (const auto* const inner = inner_object(value)) count += count_names(*inner, depth + 1);
  }
  return count;
}

}  // namespace

FactIndex::FactIndex(const Json::object_t& document)
    : table_(std::bit_ceil(2 * std::clamp<std::size_t>(count_names(document, 1), 1, kMostNames))),
      mask_(table_.size() - 1) {
  add(document, nullptr, 1);
}

void FactIndex::add(const Json::object_t& object, const Entry* parent, std::size_t depth) {
  for (const auto& [name, value] : object) {
    const std::uint64_t hash = name_hash(name, parent == nullptr ? 0 : parent->hash);
    Entry* const entry = place(hash);
    if (entry == nullptr) continue;
    *entry = {.hash = hash, .name = name, .parent = parent, .value = &value};
    const Json::object_t* const inner = depth < kDeepest ? inner_object(value) : nullptr;
    if (inner != nullptr) add(*inner, entry, depth + 1);
  }
}

FactIndex::Entry* FactIndex::place(std::uint64_t hash) {
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    Entry& entry = table_[(hash + probe) & mask_];
    if (entry.value == nullptr) return &entry;
  }
  return nullptr;
}

}  // namespace ms::cel
