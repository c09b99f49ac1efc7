#pragma once

#include <vector>

#include "base/json.hpp"
#include "cel/name.hpp"

namespace ms::cel {

/// Finds a value of a document by its path in one step instead of one search for each name of the path.
///
/// It only ever shortens the way to what is there: elements of lists, markers' insides, and names beyond a
/// size or that collide too often are not in it, and are found by walking. The document must not lose what
/// it had when it was indexed.
class FactIndex {
 public:
  explicit FactIndex(const Json::object_t& document);

  /// nullptr: not in the index.
  const Json* find(const FactPath& path) const {
    for (std::size_t probe = 0; probe < kProbes; ++probe) {
      const Entry& entry = table_[(path.hash + probe) & mask_];
      if (entry.hash == path.hash && leads_to(entry, path)) return entry.value;
      if (entry.value == nullptr) return nullptr;
    }
    return nullptr;
  }

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::string_view name;
    const Entry* parent = nullptr;  ///< nullptr: a member of the document itself
    const Json* value = nullptr;    ///< nullptr: a free place
  };

  static constexpr std::size_t kProbes = 16;

  static bool leads_to(const Entry& entry, const FactPath& path) {
    const Entry* step = &entry;
    for (std::size_t i = path.names.size(); i-- > 0; step = step->parent) {
      if (step == nullptr || !same_text(step->name, path.names[i].text)) return false;
    }
    return step == nullptr;
  }

  void add(const Json::object_t& object, const Entry* parent, std::size_t depth);
  Entry* place(std::uint64_t hash);

  std::vector<Entry> table_;
  std::size_t mask_ = 0;
};

}  // namespace ms::cel
