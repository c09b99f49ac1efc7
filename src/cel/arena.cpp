#include "cel/arena.hpp"

#include <algorithm>
#include <cstdlib>

namespace ms::cel {

void* Arena::allocate_chunk(std::size_t bytes, std::size_t alignment) {
  constexpr std::size_t kSmallest = 1024;
  constexpr std::size_t kLargest = std::size_t{1} << 20;
  const std::size_t wanted = chunk_ == nullptr ? total_ : total_ / 4;
  const std::size_t size =
      std::max(std::clamp(wanted, kSmallest, kLargest), bytes + alignment + sizeof(Chunk));
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  total_ = chunk_ == nullptr ? size : total_ + size;
  chunk_ = new (memory) Chunk{chunk_, size};
  next_ = static_cast<char*>(memory) + sizeof(Chunk);
  end_ = static_cast<char*>(memory) + size;
  return allocate(bytes, alignment);
}

void Arena::reset_chunks() {
  if (chunk_->previous != nullptr) {
    release();
    next_ = inline_;
    end_ = inline_ + sizeof inline_;
  } else {
    next_ = reinterpret_cast<char*>(chunk_) + sizeof(Chunk);
  }
}

void Arena::release() {
  while (chunk_ != nullptr) {
    Chunk* const previous = chunk_->previous;
    std::free(chunk_);
    chunk_ = previous;
  }
}

}  // namespace ms::cel
