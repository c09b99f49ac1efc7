#include <array>
#include <cmath>

#include "profile/service_table_groups.hpp"

namespace ms::profile {
namespace {

bool is_request(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"http_rid"}) &&
         has_any(header, {"recv_token_size", "execution_time(ms)", "execution_time",
                          "execution_time(microsecond)", "reply_token_size"});
}

// The parser of the profiler divides times to the first token and in the queue by 1000 once too often (its
// `analyze` does): no first token is a hundred times faster than the mean token of its own request.
void check_first_token(std::vector<Request>& requests, std::size_t first, FileReport& report) {
  std::size_t known = 0;
  std::size_t too_short = 0;
  for (std::size_t i = first; i < requests.size(); ++i) {
    const Request& request = requests[i];
    if (!(request.ttft > 0) || !(request.latency > 0)) continue;
    ++known;
    const double tokens = request.output_tokens >= 1 ? request.output_tokens : 1;
    if (request.ttft < request.latency / tokens * 1e-2) ++too_short;
  }
  if (known == 0 || too_short * 2 <= known) return;
  for (std::size_t i = first; i < requests.size(); ++i) {
    requests[i].ttft *= 1e3;
    requests[i].queue *= 1e3;
  }
  report.note(
      {"first_token_latency(ms) and queue_wait_time(ms) are a thousandth of what the requests took: they "
       "hold "
       "seconds; corrected",
       "first_token_latency(ms) 与 queue_wait_time(ms) 仅为请求实际耗时的千分之一：实际单位为秒，已修正"});
}

void read_request(Rows& rows, Records& records, FileReport& report) {
  const CsvHeader& header = rows.header();
  TimeColumn start(header, {"start_time(ms)", "start_time_httpReq(microsecond)", "start_time_httpReq(ms)",
                            "start_datetime", "start_time"});
  TimeColumn latency(header, {"execution_time(ms)", "execution_time(microsecond)", "execution_time"});
  TimeColumn queue(header, {"queue_wait_time(ms)", "queue_wait_time(microsecond)", "queue_wait_time"});
  TimeColumn ttft(header,
                  {"first_token_latency(ms)", "first_token_latency(microsecond)", "first_token_latency"});
  const NumberColumn input(header, {"recv_token_size"});
  const NumberColumn output(header, {"reply_token_size"});
  const NumberColumn hits(header, {"cache_hit_rate"});
  const std::size_t first = records.requests.size();
  while (rows.next()) {
    const auto cells = rows.cells();
    Request request;
    request.arrival = start.at(cells);
    request.input_tokens = input.at(cells);
    request.output_tokens = output.at(cells);
    request.latency = latency.at(cells);
    request.queue = queue.at(cells);
    request.ttft = ttft.at(cells);
    request.cache_hit_ratio = hits.at(cells);
    const bool timed = request.latency >= 0 || request.ttft >= 0 || request.arrival >= 0;
    if (!timed || request.latency < 0 || request.ttft < 0) {
      rows.bad(timed ? "a negative time" : "no times");
      continue;
    }
    append(records.requests, request, rows);
    ++report.records;
  }
  check_first_token(records.requests, first, report);
  for (std::size_t i = first; i < records.requests.size(); ++i) {
    Request& request = records.requests[i];
    if (request.latency >= request.ttft && request.output_tokens > 1) {
      request.tpot = (request.latency - request.ttft) / (request.output_tokens - 1);
    }
  }
  start.note_unit(report);
}

bool is_pd_communication(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"rid"}) && has_any(header, {"prefill_res_time(ms)", "prefill_res_time"});
}

// The columns are dates under a header that says "(ms)".
void read_pd_communication(Rows& rows, Records& records, FileReport& report) {
  const CsvHeader& header = rows.header();
  TimeColumn arrival(header, {"http_req_time(ms)", "http_req_time"});
  TimeColumn prefilled(header, {"prefill_res_time(ms)", "prefill_res_time"});
  TimeColumn ended(header, {"request_end_time(ms)", "request_end_time"});
  while (rows.next()) {
    const auto cells = rows.cells();
    Request request;
    request.arrival = arrival.at(cells);
    request.ttft = prefilled.at(cells) - request.arrival;
    request.latency = ended.at(cells) - request.arrival;
    if (!(request.ttft >= 0) && !(request.latency >= 0)) {
      rows.bad("no times");
      continue;
    }
    append(records.requests, request, rows);
    ++report.records;
  }
}

bool is_spec_decode(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"rid", "spec_tokens", "accepted_tokens"});
}

void read_spec_decode(Rows& rows, Records& records, FileReport& report) {
  const NumberColumn proposed(rows.header(), {"spec_tokens"});
  const NumberColumn accepted(rows.header(), {"accepted_tokens"});
  while (rows.next()) {
    const double tokens = proposed.at(rows.cells());
    if (!(tokens >= 0) || !(accepted.at(rows.cells()) >= 0)) {
      rows.bad("no counts");
      continue;
    }
    records.proposed_tokens += tokens;
    records.accepted_tokens += accepted.at(rows.cells());
    ++report.records;
  }
}

}  // namespace

std::span<const ServiceTable> request_tables() {
  static const std::array<ServiceTable, 3> tables = {{
      {"request", {"requests as the service saw them", "服务侧请求"}, is_request, read_request},
      {"pd_split_communication",
       {"requests between prefill and decode nodes", "P/D 节点间通信"},
       is_pd_communication,
       read_pd_communication},
      {"spec_decode", {"speculative decoding", "投机推理"}, is_spec_decode, read_spec_decode},
  }};
  return tables;
}

}  // namespace ms::profile
