#pragma once

#include <string_view>

#include "profile/run.hpp"

namespace ms::profile {

/// One event of a raw service profile: a span, or a moment that takes no time.
struct ServiceEvent {
  std::string_view name;  ///< "BatchSchedule", "httpReq", "forward"
  double start = kNone;   ///< [s]
  double seconds = 0;     ///< how long it took; a time since 1970 could not tell so small a difference
  std::string_view args;  ///< JSON object of its attributes; names may have '=' at either end
  std::uint32_t process = 0;
  std::int32_t dp_rank = -1;  ///< of the process, where the event has none

  double end() const { return start + seconds; }
};

/// Adds what the event says to `records`. False where its attributes are no JSON object; what its name and
/// times say is then taken all the same.
bool add_event(const ServiceEvent& event, Records& records);

/// Turns the events of requests that were added into requests, once all files were read.
void finish_requests(Records& records);

}  // namespace ms::profile
