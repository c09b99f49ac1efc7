#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ms {

/// Seconds of a duration as a person writes it: "120s", "2m", "1.5h", "500ms", "120" (seconds). nullopt when
/// it is not one, or is negative.
std::optional<double> parse_seconds(std::string_view text);

/// A duration as a person reads it: "0.2 s", "45 s", "2 min 5 s".
std::string format_seconds(double seconds);

}  // namespace ms
