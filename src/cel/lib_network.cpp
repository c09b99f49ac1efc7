#include "cel/library.hpp"

namespace ms::cel {
std::span<const FunctionEntry> network_functions() { return {}; }
}  // namespace ms::cel
