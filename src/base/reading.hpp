#pragma once

#include <string>
#include <utility>
#include <variant>

namespace ms {

/// Why a value is not there, in words a person can act on: "npu-smi: not found on PATH".
struct Absent {
  std::string reason;
};

/// A value that was read from outside, or the reason why it could not be. Reading fails as data, never as
/// an exception: one unreadable file costs one fact.
template <class T>
class Reading {
 public:
  Reading(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(*-explicit-*)
  Reading(Absent absent) : state_(std::in_place_index<1>, std::move(absent)) {}

  explicit operator bool() const { return state_.index() == 0; }
  const T& operator*() const { return std::get<0>(state_); }
  T& operator*() { return std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }

  /// Only where there is no value.
  const std::string& reason() const { return std::get<1>(state_).reason; }
  const Absent& absent() const { return std::get<1>(state_); }

 private:
  std::variant<T, Absent> state_;
};

}  // namespace ms
