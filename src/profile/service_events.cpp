#include "profile/service_events.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "profile/batch_items.hpp"
#include "profile/csv.hpp"
#include "profile/json_cursor.hpp"

namespace ms::profile {
namespace {

// What the attributes of an event say. Views are into its text.
struct Attributes {
  std::string_view request;  // the text of `rid`
  std::string_view from;
  std::string_view to;
  std::string_view batch_type;
  std::string_view status;
  std::optional<double> batch_code;
  std::optional<double> batch_size;
  std::optional<double> input_tokens;
  std::optional<double> output_tokens;
  std::optional<double> queue_size;
  std::optional<double> total_blocks;
  std::optional<double> free_blocks;
  std::optional<double> usage;
  std::optional<double> dp_rank;
};

std::string_view plain(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') return text.substr(1, text.size() - 2);
  return text;
}

// Names had '=' in front in the first versions, and have it behind now.
std::string_view attribute_name(std::string_view name) {
  if (name.starts_with('=')) name.remove_prefix(1);
  if (name.ends_with('=')) name.remove_suffix(1);
  return name;
}

bool parse_attributes(std::string_view text, Attributes& found) {
  struct Number {
    std::string_view name;
    std::optional<double> Attributes::*field;
  };
  static constexpr std::array<Number, 12> kNumbers = {{{"recvTokenSize", &Attributes::input_tokens},
                                                       {"replyTokenSize", &Attributes::output_tokens},
                                                       {"QueueSize", &Attributes::queue_size},
                                                       {"TotalBlocks", &Attributes::total_blocks},
                                                       {"FreeBlocks", &Attributes::free_blocks},
                                                       {"FreeBlocksAfter", &Attributes::free_blocks},
                                                       {"deviceBlock", &Attributes::free_blocks},
                                                       {"deviceKvCache", &Attributes::free_blocks},
                                                       {"UsagePercent", &Attributes::usage},
                                                       {"batch_size", &Attributes::batch_size},
                                                       {"batchSize", &Attributes::batch_size},
                                                       {"dp_rank", &Attributes::dp_rank}}};
  JsonCursor json(text);
  return json.object([&](std::string_view raw) {
    const std::string_view name = attribute_name(raw);
    if (name == "rid" || name == "res_list") {
      found.request = json.skip();
    } else if (name == "batch_type") {
      found.batch_type = plain(json.skip());
    } else if (name == "batchType") {
      if (json.peek() == '"') {
        found.batch_type = json.raw_string().value_or("");
      } else {
        found.batch_code = json.number();
      }
    } else if (name == "status" || name == "scope#QueueName") {
      found.status = plain(json.skip());
    } else if (name == "from") {
      found.from = plain(json.skip());
    } else if (name == "to") {
      found.to = plain(json.skip());
    } else {
      const auto number = std::find_if(kNumbers.begin(), kNumbers.end(),
                                       [&](const Number& known) { return known.name == name; });
      if (number == kNumbers.end()) {
        json.skip();
      } else {
        found.*(number->field) = json.number_or_text();
      }
    }
  });
}

// Numbers of ids come as 0, 0.0 and "0".
std::string id_of(std::string_view text) {
  text = plain(text);
  if (text.ends_with(".0") && parse_double(text)) text.remove_suffix(2);
  return std::string(text);
}

// Calls `take` with the id and the iteration (nullopt where there is none) of every request that `text`
// names: a string, a number, or a list of them or of objects.
template <class F>
void each_request(std::string_view text, F take) {
  JsonCursor json(text);
  if (json.peek() != '[') {
    const std::string_view one = json.skip();
    if (!one.empty() && one != "null") take(id_of(one), std::optional<double>());
    return;
  }
  json.array([&] {
    if (json.peek() != '{') {
      take(id_of(json.skip()), std::optional<double>());
      return;
    }
    std::string_view id;
    std::optional<double> iteration;
    json.object([&](std::string_view name) {
      if (name == "rid") {
        id = json.skip();
      } else if (name == "iter") {
        iteration = json.number_or_text();
      } else {
        json.skip();
      }
    });
    if (!id.empty()) take(id_of(id), iteration);
  });
}

// A time that was not recorded changes nothing.
void earliest(double& time, double other) {
  if (!std::isnan(other) && !(time <= other)) time = other;
}
void latest(double& time, double other) {
  if (!std::isnan(other) && !(time >= other)) time = other;
}

// The phase of MindIE's batchType: 0 prefill, 1 decode, 2 extend, 3 mixed.
BatchPhases phases_of_code(double code) {
  return {.prefill = code == 0 || code == 2 || code == 3, .decode = code == 1 || code == 3};
}

void add_batch(const ServiceEvent& event, const Attributes& attributes, BatchEvent kind, Records& records) {
  BatchItems items;
  const bool counted = count_items(attributes.request, items);
  Batch batch;
  batch.event = kind;
  batch.start = event.start;
  batch.seconds = event.seconds;
  batch.process = event.process;
  batch.dp_rank = event.dp_rank;
  batch.size = counted ? items.requests : attributes.batch_size.value_or(kNone);
  take_items(
      batch, counted ? items : BatchItems(),
      attributes.batch_code ? phases_of_code(*attributes.batch_code) : phases_of(attributes.batch_type));
  records.batches.push_back(batch);
}

void add_forward(const ServiceEvent& event, const Attributes& attributes, Records& records) {
  BatchItems items;
  Forward forward;
  forward.start = event.start;
  forward.seconds = event.seconds;
  forward.process = event.process;
  forward.dp_rank = attributes.dp_rank ? static_cast<std::int32_t>(*attributes.dp_rank) : event.dp_rank;
  if (count_items(attributes.request, items)) forward.size = items.requests;
  if (items.phases_known) {
    forward.prefill_requests = items.prefill_requests;
    forward.decode_requests = items.decode_requests;
  }
  records.forwards.push_back(forward);
}

void add_times(const ServiceEvent& event, const Attributes& attributes, Records& records) {
  const std::string_view name = event.name;
  const bool arrives = name == "httpReq";
  const bool replies =
      name == "decode" || name == "detokenize" || name == "sendResponse" || name == "outputSync";
  const bool ends =
      name == "httpRes" || name == "DecodeEnd" || name == "sendResponse" || name == "outputSync";
  const bool enqueues = name == "Enqueue" || name == "ReqEnQueue";
  const bool dequeues = name == "Dequeue" || name == "ReqDeQueue";
  // MindIE has further queues, of requests that run.
  const bool waiting = attributes.status.empty() || to_lower(attributes.status) == "waiting";
  each_request(attributes.request, [&](std::string id, std::optional<double> iteration) {
    const bool first_step = iteration && *iteration == 0;
    const bool second_step = iteration && *iteration == 1;
    const bool tells = arrives || replies || ends || enqueues || dequeues || first_step || second_step ||
                       attributes.input_tokens || attributes.output_tokens;
    if (!tells) return;
    RequestEvents& times = records.request_events[std::move(id)];
    if (arrives) earliest(times.arrival, event.start);
    if (arrives || first_step) latest(times.first_token, event.end());
    if (second_step) earliest(times.second_step, event.start);
    if (replies) earliest(times.first_reply, event.end());
    if (ends) latest(times.end, event.end());
    if (name == "httpRes" || name == "DecodeEnd") times.answered = true;
    if (enqueues && waiting) earliest(times.enqueued, event.start);
    if (dequeues && waiting) latest(times.dequeued, event.end());
    if (attributes.input_tokens) times.input_tokens = *attributes.input_tokens;
    if (attributes.output_tokens) times.output_tokens = *attributes.output_tokens;
  });
}

void add_state(const ServiceEvent& event, const Attributes& attributes, Records& records) {
  if (attributes.total_blocks || attributes.free_blocks) {
    KvSample sample{event.start, attributes.total_blocks.value_or(kNone),
                    attributes.free_blocks.value_or(kNone), attributes.usage.value_or(kNone)};
    records.kv.push_back(sample);
  }
  if (attributes.queue_size) {
    const std::string status = to_lower(attributes.status);
    QueueSample sample{.time = event.start, .waiting = kNone, .running = kNone, .swapped = kNone};
    (status == "running"   ? sample.running
     : status == "swapped" ? sample.swapped
                           : sample.waiting) = *attributes.queue_size;
    records.queue.push_back(sample);
  }
}

void merge(RequestEvents& into, const RequestEvents& other) {
  earliest(into.arrival, other.arrival);
  latest(into.first_token, other.first_token);
  earliest(into.first_reply, other.first_reply);
  earliest(into.second_step, other.second_step);
  latest(into.end, other.end);
  earliest(into.enqueued, other.enqueued);
  latest(into.dequeued, other.dequeued);
  if (std::isnan(into.input_tokens)) into.input_tokens = other.input_tokens;
  if (std::isnan(into.output_tokens)) into.output_tokens = other.output_tokens;
  into.answered = into.answered || other.answered;
}

// Without the "-0123abcd" that vLLM puts behind the id of the client.
std::string_view without_hash(std::string_view id) {
  constexpr std::size_t kHash = 9;
  if (id.size() <= kHash || id[id.size() - kHash] != '-') return id;
  const std::string_view hash = id.substr(id.size() - kHash + 1);
  const bool hex = hash.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return hex ? id.substr(0, id.size() - kHash) : id;
}

}  // namespace

bool add_event(const ServiceEvent& event, Records& records) {
  Attributes attributes;
  const bool parsed = event.args.empty() || parse_attributes(event.args, attributes);
  if (!attributes.from.empty() && !attributes.to.empty()) {
    records.request_aliases[id_of(attributes.to)] = id_of(attributes.from);
    return parsed;
  }
  if (event.name == "BatchSchedule" || event.name == "batchFrameworkProcessing") {
    add_batch(event, attributes, BatchEvent::schedule, records);
  } else if (event.name == "modelExec") {
    add_batch(event, attributes, BatchEvent::execute, records);
  } else if (event.name == "Execute") {
    add_batch(event, attributes, BatchEvent::dispatch, records);
  } else if (event.name == "forward") {
    add_forward(event, attributes, records);
  } else if (event.seconds > 0 && !event.name.empty()) {
    const auto known = records.spans.find(event.name);
    SpanStatistics& span =
        known != records.spans.end() ? known->second : records.spans[std::string(event.name)];
    span.seconds.add(event.seconds);
  }
  add_state(event, attributes, records);
  if (!attributes.request.empty()) add_times(event, attributes, records);
  return parsed;
}

void finish_requests(Records& records) {
  std::unordered_map<std::string, RequestEvents> merged;
  for (const auto& [id, times] : records.request_events) {
    const auto alias = records.request_aliases.find(id);
    std::string known = alias == records.request_aliases.end() ? id : alias->second;
    const std::string base(without_hash(known));
    if (base != known && records.request_events.contains(base)) known = base;
    merge(merged[known], times);
  }
  records.request_events.clear();
  records.request_aliases.clear();
  std::vector<std::pair<std::string, Request>> requests;
  for (const auto& [id, times] : merged) {
    if (std::isnan(times.arrival)) continue;
    Request request;
    request.arrival = times.arrival;
    request.input_tokens = times.input_tokens;
    request.output_tokens = times.output_tokens;
    // The reply is what the client waits for, and behind the event of the schedule. Where answers are not
    // streamed the only reply is the last: then the first token was there when the second step began.
    double reply = times.first_reply;
    if (times.second_step < reply) reply = times.second_step;
    const double first = reply > times.first_token ? reply : times.first_token;
    if (first > times.arrival) request.ttft = first - times.arrival;
    // A request that was put back leaves the queue again: what is longer than its first token took is not the
    // wait for it.
    const double queued = times.dequeued - times.enqueued;
    if (queued >= 0 && !(queued > request.ttft)) request.queue = queued;
    if (times.answered && times.end >= times.arrival) request.latency = times.end - times.arrival;
    if (request.latency >= request.ttft && request.output_tokens > 1) {
      request.tpot = (request.latency - request.ttft) / (request.output_tokens - 1);
    }
    requests.emplace_back(id, request);
  }
  std::sort(requests.begin(), requests.end(), [](const auto& a, const auto& b) {
    return a.second.arrival != b.second.arrival ? a.second.arrival < b.second.arrival : a.first < b.first;
  });
  for (auto& [id, request] : requests) records.requests.push_back(request);
}

}  // namespace ms::profile
