#include "base/interrupt.hpp"

#include <atomic>
#include <csignal>

namespace ms {
namespace {

std::atomic<bool> requested = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

void note_interrupt(int /*signal*/) {
  requested = true;
}

}  // namespace

InterruptGuard::InterruptGuard() {
  requested = false;
  before_ = std::signal(SIGINT, note_interrupt);
}

InterruptGuard::~InterruptGuard() {
  std::signal(SIGINT, before_);
}

bool interrupt_requested() {
  return requested;
}

}  // namespace ms
