#pragma once

#include <span>

#include "profile/input.hpp"

/// The tables of kinds, a family each: a reader of a further kind is a row in one of them.
namespace ms::profile {

/// Results that a benchmark client wrote.
std::span<const Kind> benchmark_kinds();

/// What the service recorded of itself: schedule, requests, cache.
std::span<const Kind> service_kinds();

/// What ran on the cards: outputs of the Ascend PyTorch profiler and of msprof.
std::span<const Kind> device_kinds();

}  // namespace ms::profile
