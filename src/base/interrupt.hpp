#pragma once

namespace ms {

/// While one lives, Ctrl-C (SIGINT) ends nothing by itself: it is noted, work that takes long looks at
/// interrupt_requested() and ends early, and a command that runs is killed with its process group. What
/// SIGINT did before comes back at the end. One at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  ~InterruptGuard();

 private:
  void (*before_)(int);
};

/// Whether Ctrl-C came while an InterruptGuard lived.
bool interrupt_requested();

}  // namespace ms
