#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profile/activity.hpp"
#include "profile/device_kernels.hpp"

namespace ms::profile {

/// One step of one card, as the profiler splits it. [s]
struct StepTime {
  std::string step;  ///< "" where the profiler was not told of steps
  double computing = 0;
  double communication = 0;
  double exposed_communication = 0;  ///< not overlapped by computing
  double overlapped = 0;
  double free = 0;
  double bubble = 0;  ///< waiting for another pipeline stage
  double preparing = 0;

  /// Computing, exposed communication and free time make up a step.
  double total() const { return computing + exposed_communication + free; }
};

/// Packets of one size over one kind of link.
struct PacketSize {
  std::uint64_t count = 0;
  double seconds = 0;
};

/// What went over one kind of link: "HCCS", "RDMA", "SDMA", "PCIE", "SIO".
struct LinkKind {
  double bytes = 0;
  double seconds = 0;
  double max_seconds = 0;                ///< of one operation
  std::map<double, PacketSize> packets;  ///< by bytes of a packet
};

/// One call of an operation that no rank leaves before all have come to it.
struct CollectiveCall {
  std::uint64_t operation = 0;  ///< hash of its step and its name, which are the same on every rank
  double seconds = 0;
  std::uint32_t kind = 0;  ///< index in Communication::call_kinds
};

/// Communication of one card by communication.json.
struct Communication {
  /// One call in a step ("" where none is known): "hcom_allReduce__586_0_1@77".
  void add(std::string_view step, std::string_view operation, double seconds);

  TimeSum elapsed;
  double transit_seconds = 0;
  double wait_seconds = 0;
  double synchronization_seconds = 0;
  double idle_seconds = 0;
  std::map<std::string, TimeSum, std::less<>> kinds;  ///< "allReduce", "send"
  std::map<std::string, LinkKind, std::less<>> links;
  std::vector<CollectiveCall> calls;    ///< the first kMaxCalls
  std::vector<std::string> call_kinds;  ///< "allReduce", "allGather"

  static constexpr std::size_t kMaxCalls = 50'000;
};

/// What one rank sent to another, by communication_matrix.json.
struct Link {
  std::string source;
  std::string destination;
  std::string transport;

  auto operator<=>(const Link&) const = default;
};
struct LinkTraffic {
  double bytes = 0;
  double seconds = 0;
};
using LinkMatrix = std::map<Link, LinkTraffic>;

/// Calls of one function on the host.
struct ApiTime {
  std::string level;  ///< "acl", "runtime", "hccl", "node", "model"
  TimeSum time;
};
using ApiTimes = std::map<std::string, ApiTime, std::less<>>;

/// Time of one framework operator, on the host and on the device. [s]
struct OperatorTime {
  std::uint64_t count = 0;
  double host_self = 0;
  double host_total = 0;
  double device_self = 0;
};
using OperatorTimes = std::map<std::string, OperatorTime, std::less<>>;

/// Memory of one card. [bytes]
struct DeviceMemory {
  struct Peak {
    double allocated = 0;
    double reserved = 0;
    double active = 0;
  };
  std::map<std::string, Peak, std::less<>> components;      ///< "PTA", "GE", "PTA+GE", "APP", "WORKSPACE"
  std::map<std::string, double, std::less<>> module_peaks;  ///< "HCCL", "RUNTIME": reserved
  std::uint64_t allocations = 0;
  double allocated_bytes = 0;     ///< of all allocations together
  std::uint64_t short_lived = 0;  ///< released within kShortLivedSeconds
  double static_bytes = 0;

  static constexpr double kShortLivedSeconds = 1e-3;
};

/// A copy by the direction or the engine that is known of it: "host to device", "pcie", "sdma".
struct CopySum {
  TimeSum time;
  double bytes = 0;
};
using Copies = std::map<std::string, CopySum, std::less<>>;

/// What only a timeline holds.
struct Timeline {
  std::map<std::string, TimeSum, std::less<>>
      overlap;  ///< lanes of the overlap analysis: "Computing", "Free"
  std::map<std::string, TimeSum, std::less<>> modules;     ///< nn.Module calls
  std::map<std::string, TimeSum, std::less<>> ranges;      ///< mstx and user annotations
  std::map<std::string, TimeSum, std::less<>> categories;  ///< host events: "cpu_op", "enqueue", "dequeue"
  ApiTimes api;
  TimeSum garbage_collection;
  Activity acl_calls;                          ///< when the host called AscendCL
  std::vector<Interval> free_times;            ///< of kLongFreeSeconds or more, the first kMaxFreeTimes
  std::uint64_t sdma_transfers = 0;            ///< of collectives, of more than no bytes
  std::uint64_t unaligned_sdma_transfers = 0;  ///< whose bytes are no multiple of kAlignedBytes
  std::uint64_t events = 0;
  std::optional<std::int64_t> first_ns;
  std::optional<std::int64_t> last_ns;
  std::optional<double> min_frequency_mhz;
  std::optional<double> max_frequency_mhz;

  static constexpr double kLongFreeSeconds = 0.05;
  static constexpr std::size_t kMaxFreeTimes = 10'000;

  double span_seconds() const { return first_ns ? static_cast<double>(*last_ns - *first_ns) / 1e9 : 0.0; }
};

/// Where kernels were read from, the fullest record first.
enum class KernelSource : std::size_t { kernel_details, op_summary, database, timeline, task_time };
inline constexpr std::size_t kKernelSources = 5;

/// All that was read of one card. A part is absent where no file gave it.
struct Card {
  std::string folder;  ///< below the folder that was searched
  std::optional<int> rank;
  std::optional<int> device;

  std::vector<StepTime> steps;
  std::array<std::optional<KernelStatistics>, kKernelSources> kernels;
  KernelTypes op_statistic;
  std::optional<Communication> communication;
  LinkMatrix links;
  ApiTimes api;
  OperatorTimes operators;
  std::optional<DeviceMemory> memory;
  Copies copies;
  std::optional<Timeline> timeline;
  TimeSum l2_hit_rate;  ///< ratios, not times: count and sum of the kernels that have one
  std::map<std::string, std::string, std::less<>> settings;  ///< environment of the process
  std::string profiler_level;
  std::string cann_version;

  /// The fullest record of kernels; nullptr where there is none.
  const KernelStatistics* best_kernels() const;
};

/// Where what is known of a card was read. The same run may lie in a folder several times.
enum class CardOrigin {
  files,     ///< tables and timelines
  database,  ///< SQLite of the same profiler: taken where files lack a part
  cluster,   ///< summary of all ranks: taken for ranks that are not there themselves
};

/// All cards of a run.
class DeviceProfile {
 public:
  /// The card that a file, or a row that names its device, belongs to. The PyTorch profiler writes a folder
  /// for each rank; msprof one for all devices of a host.
  Card& card(std::string_view folder, std::optional<int> device = std::nullopt,
             CardOrigin origin = CardOrigin::files);
  /// The card of a rank in the summary of a cluster.
  Card& cluster_card(std::string_view folder, int rank);

  /// Gives ranks to cards that have none, joins what was read of a card in several places, and leaves out
  /// cluster summaries of ranks that are there themselves. In order of rank and folder.
  std::vector<Card> finish() const;

  bool empty() const { return cards_.empty(); }

 private:
  struct Key {
    std::string folder;
    std::optional<int> number;  ///< device, or rank of a cluster
    CardOrigin origin = CardOrigin::files;

    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, Card> cards_;
};

/// The folder of a rank, without the names that profilers put below it: "rank0/ASCEND_PROFILER_OUTPUT" is
/// "rank0".
std::string_view card_folder(std::string_view folder);

/// The rank in the name of a folder or file: "rank0", "test_rank_1", "profiler_info_3.json".
std::optional<int> rank_in_name(std::string_view name);

}  // namespace ms::profile
