#pragma once

#include <cstddef>

namespace ms {

/// Has the first 14 MiB or so of the heap come from huge pages, where the kernel gives them
/// (transparent_hugepage `always` or `madvise`). A short run touches thousands of small pages once each, and
/// a virtual machine pays for every one. To be called before anything else; does nothing with another
/// allocator than glibc's.
void use_huge_pages();

/// The same for 6 MiB or so of what the calling thread allocates from, before it allocates.
void use_huge_pages_in_thread();

/// Has what was allocated at [begin, begin + bytes), and not written to yet, come from huge pages, where the
/// kernel gives them: for lists of many megabytes, of which each small page would be a fault of its own.
void use_huge_pages(void* begin, std::size_t bytes);

}  // namespace ms
