#pragma once

#include <span>
#include <string_view>

#include "cel/eval_context.hpp"
#include "cel/function.hpp"

namespace ms::cel {

// The sections of the library, one file each.
std::span<const FunctionEntry> conversion_functions();
std::span<const FunctionEntry> string_functions();
std::span<const FunctionEntry> format_functions();
std::span<const FunctionEntry> math_functions();
std::span<const FunctionEntry> time_functions();
std::span<const FunctionEntry> list_functions();
std::span<const FunctionEntry> optional_functions();
std::span<const FunctionEntry> encoding_functions();
std::span<const FunctionEntry> network_functions();
std::span<const FunctionEntry> fact_functions();
std::span<const FunctionEntry> cpuset_functions();
std::span<const FunctionEntry> document_functions();

}  // namespace ms::cel
