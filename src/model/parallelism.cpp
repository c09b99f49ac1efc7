#include "model/parallelism.hpp"

#include <fmt/format.h>

#include <array>

#include "base/error.hpp"

namespace ms {
namespace {

// More ranks than any cluster has; keeps products of all degrees within 64 bits.
constexpr std::int64_t kMostRanks = 16'384;

struct Degree {
  std::string_view name;
  std::int64_t value;
};

// The divisors of a count, for a message.
std::string divisors(std::int64_t count) {
  std::string list;
  int shown = 0;
  for (std::int64_t degree = 1; degree <= count && shown < 16; ++degree) {
    if (count % degree != 0) continue;
    list += fmt::format("{}{}", list.empty() ? "" : ", ", degree);
    ++shown;
  }
  return list;
}

std::string valid_tp(std::int64_t kv_heads) {
  return fmt::format("{} or a multiple of {}", divisors(kv_heads), kv_heads);
}

}  // namespace

std::int64_t kv_heads_per_rank(std::int64_t kv_heads, std::int64_t tp, const std::string& source) {
  if (kv_heads % tp == 0) return kv_heads / tp;
  // KV heads are replicated, not split, when there are more ranks than heads.
  if (tp % kv_heads == 0) return 1;
  throw InputError(source,
                   fmt::format("tp {} does not fit {} KV heads: use {}", tp, kv_heads, valid_tp(kv_heads)));
}

void require_valid(const Parallelism& parallelism, const ModelSpec& spec, const std::string& source) {
  const std::array degrees = {Degree{"tp", parallelism.tp},
                              Degree{"dp", parallelism.dp},
                              Degree{"pp", parallelism.pp},
                              Degree{"cp", parallelism.cp},
                              Degree{"sp", parallelism.sp},
                              Degree{"moe_tp", parallelism.moe_tp.value_or(1)},
                              Degree{"moe_ep", parallelism.moe_ep.value_or(1)}};
  for (const Degree& degree : degrees) {
    if (degree.value >= 1 && degree.value <= kMostRanks) continue;
    throw InputError(source,
                     fmt::format("{} must be from 1 to {}, not {}", degree.name, kMostRanks, degree.value));
  }
  if (parallelism.pp > spec.layers) {
    throw InputError(source, fmt::format("pp {} is more than the {} layers: use 1 to {}", parallelism.pp,
                                         spec.layers, spec.layers));
  }
  for (const AttentionLayers& group : spec.attention) {
    if (group.kind != LayerKind::full && group.kind != LayerKind::sliding) continue;
    kv_heads_per_rank(group.kv_heads, parallelism.tp, source);
  }
  if (!spec.experts) return;
  const std::int64_t ep = parallelism.moe_ep.value_or(1);
  if (spec.experts->routed % ep != 0) {
    throw InputError(source, fmt::format("moe_ep {} does not divide the {} experts: use {}", ep,
                                         spec.experts->routed, divisors(spec.experts->routed)));
  }
  if (parallelism.moe_tp && parallelism.moe_ep &&
      *parallelism.moe_tp * ep != parallelism.tp * parallelism.dp * parallelism.cp) {
    throw InputError(source,
                     fmt::format("moe_tp {} x moe_ep {} must be tp x dp x cp = {}", *parallelism.moe_tp, ep,
                                 parallelism.tp * parallelism.dp * parallelism.cp));
  }
}

}  // namespace ms
