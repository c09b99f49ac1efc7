#include "profile/kernel_chains.hpp"

#include <algorithm>

#include "profile/device_kernels.hpp"

namespace ms::profile {

void ChainFinder::close(const Open& open, KernelChains& chains) {
  if (open.length < kShortest) return;
  auto found = chains.find(open.types);
  if (found == chains.end()) {
    if (chains.size() >= kMostChains) return;
    found = chains.emplace(open.types, KernelChain{.length = open.length}).first;
  }
  KernelChain& chain = found->second;
  ++chain.count;
  chain.seconds += open.seconds;
  chain.span_seconds += static_cast<double>(open.end_ns - open.first_ns) / 1e9;
  chain.read_seconds += open.read_seconds;
}

void ChainFinder::add(const Kernel& kernel, bool vector) {
  if (!kernel.start_ns) return;
  auto found = streams_.find(kernel.stream);
  if (found == streams_.end()) found = streams_.emplace(kernel.stream, Open()).first;
  Open& open = found->second;
  const bool continues =
      vector && open.length > 0 && open.length < kLongest && *kernel.start_ns >= open.end_ns;
  if (!continues) {
    close(open, chains_);
    open = {};
  }
  if (!vector) return;
  if (open.length == 0) open.first_ns = *kernel.start_ns;
  if (open.length++ > 0) open.types += ", ";
  open.types += kernel.type;
  const double seconds = static_cast<double>(kernel.duration_ns) / 1e9;
  open.end_ns = *kernel.start_ns + kernel.duration_ns;
  open.seconds += seconds;
  const auto& reads = kernel.units[static_cast<std::size_t>(CoreUnit::aiv_mte2)];
  open.read_seconds += seconds * std::clamp(reads.value_or(0), 0.0, 1.0);
}

KernelChains ChainFinder::chains() const {
  KernelChains all = chains_;
  for (const auto& [stream, open] : streams_) close(open, all);
  return all;
}

}  // namespace ms::profile
