#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ms::cel {

/// Memory that is given out in pieces and taken back all at once. The first bytes lie in the object
/// itself, so that a common evaluation asks the heap for nothing. Destructors of what is placed here never
/// run.
///
/// One arena serves one evaluation at a time; the values of the evaluation live as long as the arena, or
/// until reset(). Reusing one arena for many evaluations keeps its memory warm.
class Arena {
 public:
  Arena() noexcept : next_(inline_), end_(inline_ + sizeof inline_) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() { release(); }

  void* allocate(std::size_t bytes, std::size_t alignment) {
    const auto address = reinterpret_cast<std::uintptr_t>(next_);
    const std::uintptr_t aligned = (address + alignment - 1) & ~std::uintptr_t{alignment - 1};
    const std::size_t padding = aligned - address;
    if (bytes + padding > static_cast<std::size_t>(end_ - next_)) return allocate_chunk(bytes, alignment);
    char* const result = next_ + padding;
    next_ = result + bytes;
    return result;
  }

  template <class T, class... Arguments>
  T* make(Arguments&&... arguments) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (allocate(sizeof(T), alignof(T))) T{std::forward<Arguments>(arguments)...};
  }

  /// `count` elements, each set to its default.
  template <class T>
  std::span<T> array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (count == 0) return {};
    T* const first = static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
    for (std::size_t i = 0; i < count; ++i) new (first + i) T();
    return {first, count};
  }

  /// `size` bytes that the caller fills.
  char* text(std::size_t size) { return static_cast<char*>(allocate(size == 0 ? 1 : size, 1)); }

  std::string_view copy(std::string_view text_to_copy) {
    if (text_to_copy.empty()) return {};
    char* const result = text(text_to_copy.size());
    std::memcpy(result, text_to_copy.data(), text_to_copy.size());
    return {result, text_to_copy.size()};
  }

  /// With a zero byte behind it, which the view does not cover.
  std::string_view copy_terminated(std::string_view text_to_copy) {
    char* const result = text(text_to_copy.size() + 1);
    if (!text_to_copy.empty()) std::memcpy(result, text_to_copy.data(), text_to_copy.size());
    result[text_to_copy.size()] = '\0';
    return {result, text_to_copy.size()};
  }

  template <class T>
  std::span<T> copy(std::span<const T> elements) {
    std::span<T> result = array<T>(elements.size());
    for (std::size_t i = 0; i < elements.size(); ++i) result[i] = elements[i];
    return result;
  }

  /// Forgets everything that was placed here. A loop of evaluations settles: what needed several chunks gets
  /// one of their size the next time.
  void reset() {
    if (chunk_ == nullptr) {
      next_ = inline_;
    } else {
      reset_chunks();
    }
  }

 private:
  struct Chunk {
    Chunk* previous;
    std::size_t size;
  };

  void* allocate_chunk(std::size_t bytes, std::size_t alignment);
  void reset_chunks();
  void release();

  // A program with its arena, and a first chunk, take at most the 1032 bytes up to which the allocator of
  // glibc answers from a list instead of searching.
  static constexpr std::size_t kInlineBytes = 768;

  char* next_;
  char* end_;
  Chunk* chunk_ = nullptr;
  std::size_t total_ = 0;  ///< of all chunks; after a reset what they were
  alignas(16) char inline_[kInlineBytes];
};

}  // namespace ms::cel
