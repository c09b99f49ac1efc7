#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "profile/bench_results.hpp"
#include "profile/json_cursor.hpp"
#include "profile/lines.hpp"
#include "profile/run.hpp"

namespace ms::profile {
namespace {

// What a member of a line is, by the names that clients give it. `unit` turns its number into seconds or
// tokens.
struct Member {
  std::string_view name;
  double Request::*field;
  double unit;
};

constexpr std::array<Member, 38> kMembers = {{{"input_tokens", &Request::input_tokens, 1},
                                              {"input_len", &Request::input_tokens, 1},
                                              {"input_length", &Request::input_tokens, 1},
                                              {"prompt_tokens", &Request::input_tokens, 1},
                                              {"prompt_len", &Request::input_tokens, 1},
                                              {"num_prompt_tokens", &Request::input_tokens, 1},
                                              {"output_tokens", &Request::output_tokens, 1},
                                              {"output_len", &Request::output_tokens, 1},
                                              {"output_length", &Request::output_tokens, 1},
                                              {"completion_tokens", &Request::output_tokens, 1},
                                              {"num_output_tokens", &Request::output_tokens, 1},
                                              {"generated_tokens", &Request::output_tokens, 1},
                                              {"ttft", &Request::ttft, 1},
                                              {"ttft_s", &Request::ttft, 1},
                                              {"ttft_seconds", &Request::ttft, 1},
                                              {"ttft_ms", &Request::ttft, 1e-3},
                                              {"time_to_first_token", &Request::ttft, 1},
                                              {"first_token_latency_ms", &Request::ttft, 1e-3},
                                              {"tpot", &Request::tpot, 1},
                                              {"tpot_seconds", &Request::tpot, 1},
                                              {"tpot_ms", &Request::tpot, 1e-3},
                                              {"latency", &Request::latency, 1},
                                              {"latency_s", &Request::latency, 1},
                                              {"latency_seconds", &Request::latency, 1},
                                              {"latency_ms", &Request::latency, 1e-3},
                                              {"e2el", &Request::latency, 1},
                                              {"e2el_ms", &Request::latency, 1e-3},
                                              {"e2e_latency", &Request::latency, 1},
                                              {"e2e_latency_ms", &Request::latency, 1e-3},
                                              {"queue", &Request::queue, 1},
                                              {"queue_seconds", &Request::queue, 1},
                                              {"queue_ms", &Request::queue, 1e-3},
                                              {"queue_time", &Request::queue, 1},
                                              {"arrival", &Request::arrival, 1},
                                              {"arrival_time", &Request::arrival, 1},
                                              {"start_time", &Request::arrival, 1},
                                              {"timestamp", &Request::arrival, 1},
                                              {"prefill_batch", &Request::prefill_batch, 1}}};

const Member* member_of(std::string_view name) {
  const auto found = std::find_if(kMembers.begin(), kMembers.end(),
                                  [&](const Member& member) { return member.name == name; });
  return found == kMembers.end() ? nullptr : &*found;
}

// A time of more than this that a name without a unit calls seconds is milliseconds.
constexpr double kLongestSeconds = 3600;

}  // namespace

bool is_request_lines(const Head& head) {
  if (head.first_byte() != '{') return false;
  const std::string_view line = trim(std::string_view(head.text).substr(0, head.text.find('\n')));
  if (!line.ends_with('}')) return false;
  bool length = false;
  bool time = false;
  JsonCursor json(line);
  json.object([&](std::string_view name) {
    const Member* member = member_of(name);
    length = length || (member != nullptr && member->field == &Request::output_tokens);
    time = time ||
           (member != nullptr && (member->field == &Request::ttft || member->field == &Request::latency));
    json.skip();
  });
  return length && time && !json.failed();
}

void read_request_lines(Input& input, Run& run, FileReport& report) {
  LineReader lines(input.bytes);
  const std::size_t first = run.client_requests.size();
  std::vector<double> unitless;
  while (lines.next()) {
    if (trim(lines.text()).empty()) continue;
    Request request;
    bool ok = true;
    std::string_view problem;
    JsonCursor json(lines.text());
    const bool object = json.object([&](std::string_view name) {
      const Member* member = member_of(name);
      if (name == "success") {
        ok = json.skip() != "false";
      } else if (name == "itl" && json.peek() == '[') {
        json.array([&] { run.itl.add(json.number().value_or(kNone)); });
      } else if (member == nullptr || json.peek() == 'n') {
        json.skip();
      } else if (const auto value = json.number_or_text(); !value || *value < 0) {
        problem = member->name;
      } else {
        request.*(member->field) = *value * member->unit;
        if (member->name == "ttft" || member->name == "latency") unitless.push_back(*value);
      }
    });
    if (!object || !json.at_end()) {
      report.bad(lines.line(), "no valid JSON object");
    } else if (!problem.empty()) {
      report.bad(lines.line(), fmt::format("'{}' is no number of 0 or more", problem));
    } else if (!ok) {
      ++run.failed_client_requests;
      ++report.records;
    } else {
      if (!(request.tpot >= 0) && request.latency >= request.ttft && request.output_tokens > 1) {
        request.tpot = (request.latency - request.ttft) / (request.output_tokens - 1);
      }
      run.client_requests.push_back(request);
      ++report.records;
    }
  }
  const auto spread = spread_of(std::move(unitless));
  if (!spread || spread->p50 <= kLongestSeconds) return;
  for (std::size_t i = first; i < run.client_requests.size(); ++i) {
    Request& request = run.client_requests[i];
    for (const auto field : {&Request::ttft, &Request::latency, &Request::tpot, &Request::queue}) {
      request.*field *= 1e-3;
    }
  }
  report.note({"times without a unit are too long for seconds: read as milliseconds",
               "未注明单位的时间过大，不可能是秒：按毫秒读取"});
}

}  // namespace ms::profile
