#include "base/heap.hpp"

#include <sys/mman.h>

#include <cstdint>

#if defined(__GLIBC__) && defined(MS_STATIC)
#include <malloc.h>
#include <unistd.h>

#include <cstdlib>
#endif

namespace ms {
namespace {

constexpr std::uintptr_t kHugePage = std::uintptr_t{2} << 20;

}  // namespace

void use_huge_pages(void* begin, std::size_t bytes) {
  const auto address = reinterpret_cast<std::uintptr_t>(begin);
  const std::uintptr_t first = (address + kHugePage - 1) / kHugePage * kHugePage;
  const std::uintptr_t end = (address + bytes) / kHugePage * kHugePage;
  // Where the kernel has none, small pages do.
  if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
}

void use_huge_pages() {
#if defined(__GLIBC__) && defined(MS_STATIC)
  constexpr std::uintptr_t kHeapBytes = std::uintptr_t{16} << 20;
  // The next growth takes it all, and nothing is given back in between.
  mallopt(M_TOP_PAD, static_cast<int>(kHeapBytes));
  mallopt(M_TRIM_THRESHOLD, static_cast<int>(2 * kHeapBytes));
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
  constexpr std::size_t kMoreThanIsLeft = 512 << 10;
  void* volatile grown = std::malloc(kMoreThanIsLeft);  // volatile: what is not used is not allocated
  use_huge_pages(static_cast<char*>(sbrk(0)) - kHeapBytes, kHeapBytes);
  std::free(grown);
#endif
}

void use_huge_pages_in_thread() {
#if defined(__GLIBC__) && defined(MS_STATIC)
  constexpr std::size_t kHeapBytes = std::size_t{8} << 20;
  // The heap of a thread begins with a small page that is written to already, which spoils its first huge
  // page. What lies there is passed over: never touched, never given back.
  constexpr std::size_t kPassedOver = kHugePage - (std::size_t{64} << 10);
  void* volatile passed_over = std::malloc(kPassedOver);
  use_huge_pages(passed_over, kHeapBytes);
#endif
}

}  // namespace ms
