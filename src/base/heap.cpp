#include "base/heap.hpp"

#include <sys/mman.h>

#include <cstdint>

#if defined(__GLIBC__) && defined(MS_STATIC)
#include <malloc.h>

#include <cstdlib>
#endif

namespace ms {
namespace {

constexpr std::uintptr_t kHugePage = std::uintptr_t{2} << 20;

// The start of the first huge page at an address or behind it.
std::uintptr_t huge_page_from(std::uintptr_t address) {
  return (address + kHugePage - 1) / kHugePage * kHugePage;
}

}  // namespace

void use_huge_pages(void* begin, std::size_t bytes) {
  const auto address = reinterpret_cast<std::uintptr_t>(begin);
  const std::uintptr_t first = huge_page_from(address);
  const std::uintptr_t end = (address + bytes) / kHugePage * kHugePage;
  // Where the kernel has none, small pages do.
  if (first < end) madvise(static_cast<char*>(begin) + (first - address), end - first, MADV_HUGEPAGE);
}

void use_huge_pages() {
#if defined(__GLIBC__) && defined(MS_STATIC)
  constexpr std::size_t kHeapBytes = std::size_t{16} << 20;
  // The next growth takes it all, and nothing is given back in between.
  mallopt(M_TOP_PAD, static_cast<int>(kHeapBytes));
  mallopt(M_TRIM_THRESHOLD, static_cast<int>(2 * kHeapBytes));
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
  constexpr std::size_t kMoreThanIsLeft = 256 << 10;
  void* volatile grown = std::malloc(kMoreThanIsLeft);  // volatile: what is not used is not allocated
  const std::uintptr_t begin = reinterpret_cast<std::uintptr_t>(grown);
  std::free(grown);
  // A small page that is written to spoils the huge page around it, and behind every block lies a mark of
  // malloc's. What lies before the first whole one is passed over: never touched, never given back.
  constexpr std::size_t kMark = 4096;
  const std::uintptr_t first = huge_page_from(begin + kMoreThanIsLeft + kMark);
  void* volatile passed_over = std::malloc(first - begin - kMark);
  use_huge_pages(passed_over, kHeapBytes);
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
