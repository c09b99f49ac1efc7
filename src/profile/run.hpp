#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "profile/device_profile.hpp"
#include "profile/distribution.hpp"

namespace ms::profile {

/// A number that was not recorded.
inline constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// One request, as the client or the service saw it. Times are seconds, of an epoch or from a common start.
struct Request {
  double arrival = kNone;
  double input_tokens = kNone;
  double output_tokens = kNone;
  double ttft = kNone;           ///< arrival to first token, queueing included
  double queue = kNone;          ///< waiting before the first step
  double latency = kNone;        ///< arrival to last token
  double tpot = kNone;           ///< mean time of an output token after the first
  double prefill_batch = kNone;  ///< requests in the batch that computed its first token
  double cache_hit_ratio = kNone;
};

/// What a record of a batch is about.
enum class BatchEvent {
  schedule,  ///< the scheduler put it together: BatchSchedule, batchFrameworkProcessing
  execute,   ///< the model computed it: modelExec, and Execute of MindIE, which is the dispatch alone
  dispatch,  ///< it was handed to the workers
  other,     ///< modelRunnerExec, specDecoding
};

/// One batch. Counts are requests; times are seconds.
struct Batch {
  BatchEvent event = BatchEvent::other;
  double start = kNone;
  double seconds = kNone;
  double size = kNone;
  double prefill_requests = kNone;
  double decode_requests = kNone;
  double prefill_tokens = kNone;
  double decode_tokens = kNone;
  double context_tokens = kNone;  ///< that its requests hold together, those that it adds included
  std::int32_t dp_rank = -1;      ///< -1: not recorded
  std::uint32_t process = 0;      ///< index in Records::processes
};

/// One forward pass of the model on one rank. Times are seconds.
struct Forward {
  double start = kNone;
  double seconds = kNone;
  double size = kNone;  ///< requests
  double prefill_requests = kNone;
  double decode_requests = kNone;
  std::int32_t dp_rank = -1;
  std::uint32_t process = 0;
};

/// The KV cache at one moment.
struct KvSample {
  double time = kNone;
  double total_blocks = kNone;
  double free_blocks = kNone;
  double used_ratio = kNone;  ///< 0 to 1
};

/// Requests in the queues at one moment.
struct QueueSample {
  double time = kNone;
  double waiting = kNone;
  double running = kNone;
  double swapped = kNone;
};

/// One prefill or decode node in an interval of time.
struct NodeSample {
  double time = kNone;
  std::string node;
  std::string role;  ///< "prefill", "decode"
  double added = kNone;
  double ended = kNone;
  double running = kNone;
};

/// Spans of one name: "preprocess", "sample".
struct SpanStatistics {
  Distribution seconds;
};

/// When the events of one request were, as they are read: what a Request is made of in the end.
struct RequestEvents {
  double arrival = kNone;      ///< start of httpReq
  double first_token = kNone;  ///< end of the last of the events of its first token
  double first_reply = kNone;  ///< end of the first reply
  double second_step = kNone;  ///< start of the first event of its second token
  double end = kNone;
  double enqueued = kNone;
  double dequeued = kNone;
  double input_tokens = kNone;
  double output_tokens = kNone;
  bool answered = false;  ///< an event says that it ended
};

/// What one source recorded of a service.
struct Records {
  std::vector<Request> requests;
  std::vector<Batch> batches;
  std::vector<Forward> forwards;
  std::vector<KvSample> kv;
  std::vector<QueueSample> queue;
  std::vector<NodeSample> nodes;
  std::map<std::string, SpanStatistics, std::less<>> spans;
  std::vector<std::string> processes;  ///< names of ranks: "ms_service_node0-1001"
  Distribution kv_pull_seconds;        ///< pulls of KV blocks from prefill to decode nodes
  std::uint64_t preemptions = 0;
  double proposed_tokens = 0;  ///< by the draft of speculative decoding
  double accepted_tokens = 0;
  std::vector<std::vector<double>> expert_seconds_by_layer;  ///< by layer and rank

  /// Events of requests by the id that the event has; the service gives a request several.
  std::unordered_map<std::string, RequestEvents> request_events;
  std::unordered_map<std::string, std::string> request_aliases;  ///< id of the engine -> id of the client

  /// The index of a process, which is added where it is new.
  std::uint32_t process(std::string_view name);
};

/// The same run may lie in a folder several times: as the raw database, and as what a parser made of it. A
/// quantity is taken from the first of these that has it.
enum class Origin : std::size_t { csv, profiler_db, raw_db, trace, log };
inline constexpr std::size_t kOrigins = 5;

/// Loads of experts as one rank counted them.
struct ExpertLoad {
  std::string phase;  ///< "prefill", "decode", or "" where it is not said
  std::string rank;
  std::vector<std::vector<double>> layers;  ///< tokens by layer and expert slot
};

/// Statistics of one quantity as a file states them: "mean", "p50", "p75", "p90", "p99", "min", "max",
/// "count".
using StatedSpread = std::map<std::string, double, std::less<>>;

/// What a benchmark client says of a whole run: its own statistics.
struct Benchmark {
  std::string source;  ///< file or folder, below the folder that was searched
  std::string tool;    ///< "mindie", "aisbench", "vllm"
  /// By quantity: "ttft", "tpot", "itl", "latency", "queue" [s], "input_tokens", "output_tokens",
  /// "output_tokens_per_second".
  std::map<std::string, StatedSpread, std::less<>> spreads;
  /// "duration_seconds", "requests", "failed_requests", "concurrency", "max_concurrency",
  /// "requests_per_second", "output_tokens_per_second", "input_tokens_per_second", "total_tokens_per_second".
  std::map<std::string, double, std::less<>> values;
  std::map<std::string, std::string, std::less<>> settings;  ///< of the client: "request_rate", "model_id"
};

/// All that was read of a run.
struct Run {
  std::vector<Request> client_requests;  ///< as a benchmark saw them
  std::uint64_t failed_client_requests = 0;
  std::vector<Benchmark> benchmarks;
  Distribution itl;  ///< time between tokens, from the client. [s]
  /// Times of decode steps by batch size, and of prefill, from a client that records the batch. [s]
  std::map<std::int64_t, Distribution> decode_by_batch;
  std::map<std::int64_t, Distribution> prefill_by_batch;
  std::array<Records, kOrigins> service;
  std::vector<ExpertLoad> experts;
  DeviceProfile device;                ///< what ran on the cards
  std::uint64_t placement_layers = 0;  ///< of a placement of experts

  /// What the log of the engine says once: "kv_tokens", "kv_blocks", "kv_bytes", "weights_bytes",
  /// "max_concurrency".
  std::map<std::string, double, std::less<>> start_values;
  /// Arguments that the log of the engine says it was started with: "max_model_len".
  std::map<std::string, std::string, std::less<>> start_arguments;
  Distribution log_prompt_tokens_per_second;
  Distribution log_output_tokens_per_second;
  double log_prefix_hit_ratio = kNone;

  /// The benchmark of a tool and source, which is added where it is new.
  Benchmark& benchmark(std::string_view tool, std::string_view source);

  Records& of(Origin origin) { return service[static_cast<std::size_t>(origin)]; }
  const Records& of(Origin origin) const { return service[static_cast<std::size_t>(origin)]; }
};

}  // namespace ms::profile
