#pragma once

#include <chrono>

#include "facts/document.hpp"
#include "probe/host.hpp"

namespace ms {

/// Sets ascend.python_packages, from the names of the packages' metadata folders. Starts no Python.
void read_python_packages(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

}  // namespace ms
