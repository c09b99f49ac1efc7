#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace ms::profile {

struct Kernel;

/// Kernels that ran one after another on a stream: "Cast, Mul, Add".
struct KernelChain {
  std::uint64_t length = 0;  ///< kernels of one
  std::uint64_t count = 0;
  double seconds = 0;       ///< of their kernels
  double span_seconds = 0;  ///< from the start of the first to the end of the last
  double read_seconds = 0;  ///< in which their kernels read memory (aiv_mte2_ratio)
};
using KernelChains = std::map<std::string, KernelChain, std::less<>>;

/// Finds runs of kernels of the vector core between those of other cores: what one fused kernel might do.
/// Source: msprof-analyze, fusible operators, which looks at runs of 2 to 10.
class ChainFinder {
 public:
  static constexpr std::size_t kShortest = 2;
  static constexpr std::size_t kLongest = 10;
  /// Different chains that are kept at most.
  static constexpr std::size_t kMostChains = 20'000;

  /// Kernels of one stream come in the order of their start; one that does not ends its chain.
  void add(const Kernel& kernel, bool vector);

  /// All chains, those that nothing has ended included.
  KernelChains chains() const;

 private:
  struct Open {
    std::string types;
    std::uint64_t length = 0;
    std::int64_t first_ns = 0;
    std::int64_t end_ns = 0;
    double seconds = 0;
    double read_seconds = 0;
  };

  static void close(const Open& open, KernelChains& chains);

  std::map<std::string, Open, std::less<>> streams_;
  KernelChains chains_;
};

}  // namespace ms::profile
