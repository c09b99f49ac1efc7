#include "base/heap.hpp"

#if defined(__GLIBC__) && defined(MS_STATIC)
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#endif

namespace ms {

void use_huge_pages() {
#if defined(__GLIBC__) && defined(MS_STATIC)
  constexpr std::uintptr_t kHeapBytes = std::uintptr_t{16} << 20;
  constexpr std::uintptr_t kHugePage = std::uintptr_t{2} << 20;
  // The next growth takes it all, and nothing is given back in between.
  mallopt(M_TOP_PAD, static_cast<int>(kHeapBytes));
  mallopt(M_TRIM_THRESHOLD, static_cast<int>(2 * kHeapBytes));
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
  constexpr std::size_t kMoreThanIsLeft = 512 << 10;
  void* volatile grown = std::malloc(kMoreThanIsLeft);  // volatile: what is not used is not allocated
  const auto end = reinterpret_cast<std::uintptr_t>(sbrk(0)) / kHugePage * kHugePage;
  const auto begin = (end - kHeapBytes) / kHugePage * kHugePage + kHugePage;
  // Where the kernel has none, small pages do.
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  std::free(grown);
#endif
}

}  // namespace ms
