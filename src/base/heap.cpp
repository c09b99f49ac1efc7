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

}  // namespace ms
