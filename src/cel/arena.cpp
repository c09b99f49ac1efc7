#include "cel/arena.hpp"

#include <algorithm>
#include <cstdlib>

namespace ms::cel {

void* Arena::allocate_chunk(std::size_t bytes, std::size_t alignment) {
  constexpr std::size_t kFirst = 4096;
  constexpr std::size_t kLargest = std::size_t{1} << 20;
  const std::size_t doubled = chunk_ == nullptr ? kFirst : std::min(chunk_->size * 2, kLargest);
  const std::size_t size = std::max(doubled, bytes + alignment + sizeof(Chunk));
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  chunk_ = new (memory) Chunk{chunk_, size};
  next_ = static_cast<char*>(memory) + sizeof(Chunk);
  end_ = static_cast<char*>(memory) + size;
  return allocate(bytes, alignment);
}

void Arena::reset() {
  if (chunk_ == nullptr) {
    next_ = inline_;
    return;
  }
  while (chunk_->previous != nullptr) {
    Chunk* const older = chunk_->previous;
    chunk_->previous = older->previous;
    std::free(older);
  }
  next_ = reinterpret_cast<char*>(chunk_) + sizeof(Chunk);
  end_ = reinterpret_cast<char*>(chunk_) + chunk_->size;
}

void Arena::release() {
  while (chunk_ != nullptr) {
    Chunk* const previous = chunk_->previous;
    std::free(chunk_);
    chunk_ = previous;
  }
}

}  // namespace ms::cel
