#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace ms::cel {

/// A stack of small values whose first N need no heap. For scratch while compiling and evaluating.
template <class T, std::size_t N>
class InlineVector {
 public:
  void push_back(const T& value) {
    if (size_ < N) {
      first_[size_] = value;
    } else {
      if (more_.empty()) more_.assign(first_, first_ + N);
      more_.resize(size_);
      more_.push_back(value);
    }
    ++size_;
  }

  /// Drops what was pushed after the vector had `size` elements.
  void shrink(std::size_t size) {
    size_ = size;
    if (size <= N) more_.clear();
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return size_ > N ? more_.data() : first_; }
  const T* data() const { return size_ > N ? more_.data() : first_; }
  T& operator[](std::size_t i) { return data()[i]; }
  const T& operator[](std::size_t i) const { return data()[i]; }
  T& back() { return data()[size_ - 1]; }
  std::span<const T> from(std::size_t first) const { return {data() + first, size_ - first}; }
  std::span<const T> all() const { return from(0); }

 private:
  std::size_t size_ = 0;
  T first_[N];
  std::vector<T> more_;
};

}  // namespace ms::cel
