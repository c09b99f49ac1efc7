#pragma once

#include <string>
#include <vector>

#include "plan/operating_point.hpp"
#include "report/text_style.hpp"

namespace ms {

/// What the times and speeds of an operating point are estimated to be, each with its range, and the smaller
/// batch that is nearly as good; with `explain` the steps behind them. None where the speed of the chip is
/// not known.
std::vector<std::string> estimate_lines(const OperatingPoint& point, const TextStyle& style, bool explain);

}  // namespace ms
