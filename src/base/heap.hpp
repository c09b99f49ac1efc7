#pragma once

namespace ms {

/// Has the first 16 MiB of the heap come from huge pages, where the kernel gives them (transparent_hugepage
/// `always` or `madvise`). A short run touches thousands of small pages once each, and a virtual machine pays
/// for every one. To be called before anything else; does nothing with another allocator than glibc's.
void use_huge_pages();

}  // namespace ms
