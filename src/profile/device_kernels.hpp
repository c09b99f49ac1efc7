#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "profile/kernel_chains.hpp"

namespace ms::profile {

/// Count, sum and largest of durations. [s]
struct TimeSum {
  std::uint64_t count = 0;
  double seconds = 0;
  double max_seconds = 0;

  void add(double value) {
    ++count;
    seconds += value;
    if (value > max_seconds) max_seconds = value;
  }
  double mean_seconds() const { return count == 0 ? 0.0 : seconds / static_cast<double>(count); }
};

/// A kernel as statistics group it: "MatMulV2" on "AI_CORE".
struct KernelType {
  std::string type;
  std::string core;

  auto operator<=>(const KernelType&) const = default;
};
/// Lets a map of kernel types be searched without making one.
struct KernelTypeOrder {
  using is_transparent = void;
  using View = std::pair<std::string_view, std::string_view>;

  static View view(const KernelType& type) { return {type.type, type.core}; }
  static View view(const View& type) { return type; }
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return view(a) < view(b);
  }
};
using KernelTypes = std::map<KernelType, TimeSum, KernelTypeOrder>;

/// What a core does: where a kernel ran.
enum class CoreKind { cube, vector, aicpu, communication, other };
CoreKind core_kind(std::string_view core);

/// Share of a kernel's time in which a unit was busy, weighted by time.
enum class CoreUnit : std::size_t { mac, aic_mte2, fixpipe, vec, aiv_mte2, aiv_mte3, cube };
inline constexpr std::size_t kCoreUnits = 7;
struct CoreUnitColumn {
  std::string_view column;  ///< in kernel_details.csv and op_summary
  std::string_view name;    ///< in facts
  double scale;             ///< of the column's value to a ratio
};
inline constexpr std::array<CoreUnitColumn, kCoreUnits> kCoreUnitColumns = {
    {{"aic_mac_ratio", "mac", 1},
     {"aic_mte2_ratio", "aic_mte2", 1},
     {"aic_fixpipe_ratio", "fixpipe", 1},
     {"aiv_vec_ratio", "vec", 1},
     {"aiv_mte2_ratio", "aiv_mte2", 1},
     {"aiv_mte3_ratio", "aiv_mte3", 1},
     {"cube_utilization(%)", "cube", 0.01}}};

/// One kernel. Views hold while it is added.
struct Kernel {
  std::string_view type;
  std::string_view core;
  std::string_view stream;
  std::optional<std::int64_t> start_ns;
  std::int64_t duration_ns = 0;
  std::optional<std::int64_t> wait_ns;
  std::optional<std::int64_t> block_dim;
  std::array<std::optional<double>, kCoreUnits> units = {};
  std::string_view input_shapes;  ///< as kernel_details.csv writes them; "" where they are not recorded
  std::string_view input_types;
  std::string_view input_formats;
};

/// Gaps between what ran one after another.
struct Gaps {
  TimeSum time;
  std::int64_t busy_until_ns = 0;
  std::int64_t first_ns = 0;
  std::int64_t last_start_ns = 0;
  bool begun = false;

  /// Kernels come in order of their start; one that does not is counted and makes no gap.
  void add(std::int64_t start_ns, std::int64_t end_ns);
  std::uint64_t out_of_order = 0;
  double span_seconds() const { return static_cast<double>(busy_until_ns - first_ns) / 1e9; }
};

/// Statistics over the kernels of one card, gathered in one pass.
struct KernelStatistics {
  /// Kernels shorter than this cost more to launch than to run. Source: MindStudio guides on small operators.
  static constexpr std::int64_t kShortNs = 5'000;
  /// AI CPU operators longer than this are worth replacing. Source: msprof-analyze, AICPU checker.
  static constexpr std::int64_t kSlowAicpuNs = 20'000;
  /// A unit busy for this share of a kernel of at least kBoundTaskNs bounds it. Source: msprof-analyze,
  /// operator bound checker.
  static constexpr double kBoundRatio = 0.8;
  static constexpr std::int64_t kBoundTaskNs = 20'000;
  /// Names beyond this many are summed under one.
  static constexpr std::size_t kMaxTypes = 20'000;

  void add(const Kernel& kernel);

  TimeSum compute;        ///< all kernels but communication
  TimeSum communication;  ///< HCCL kernels
  TimeSum short_kernels;  ///< of compute, shorter than kShortNs
  TimeSum aicpu;
  TimeSum slow_aicpu;
  TimeSum bound;  ///< of compute, with one unit busy for kBoundRatio
  double wait_seconds = 0;
  KernelTypes types;
  std::map<std::string, TimeSum, std::less<>> cores;
  /// By the kind of core and the cores that a kernel was spread over.
  std::map<std::pair<CoreKind, std::int64_t>, TimeSum> block_dims;
  ChainFinder chains;
  TimeSum matrix_products;  ///< whose input shapes are known
  /// Of them those with an input whose rows are not aligned, by that input.
  std::map<std::string, TimeSum, std::less<>> unaligned;
  struct Weighted {
    double sum = 0;
    double weight = 0;
  };
  std::array<Weighted, kCoreUnits> units = {};
  Gaps device;  ///< nothing ran on any stream
  std::map<std::string, Gaps, std::less<>> streams;
};

}  // namespace ms::profile
