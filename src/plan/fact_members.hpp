#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace ms {

/// Puts a member into facts where there is a value; what is absent is left out.
template <class T>
void put(Json& facts, std::string_view name, const std::optional<T>& value) {
  if (value) facts[std::string(name)] = *value;
}

inline void put(Json& facts, std::string_view name, const std::string& value) {
  if (!value.empty()) facts[std::string(name)] = value;
}

}  // namespace ms
