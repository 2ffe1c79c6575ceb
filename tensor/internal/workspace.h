// Memory that a computation needs while it runs, for several threads.
#pragma once

#include "heed/tensor/create.h"

namespace heed {

/// `parts` pieces of at least `numbers` numbers each, aligned to 64 bytes and not initialised. Little ones are on the
/// stack; the others are a tensor, so that they stay warm between uses and count as memory. MemoryError naming
/// `operation`.
template <class T>
class Workspace {
 public:
  Workspace(const char* operation, std::size_t numbers, std::size_t parts)
      : pitch_((numbers + line - 1) / line * line), begin_(small_) {
    if (pitch_ * parts <= std::size(small_)) return;
    large_ = empty({static_cast<std::int64_t>(pitch_ * parts)}, dtype_of<T>(), operation);
    begin_ = large_.mutable_data<T>();
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  T* part(std::size_t i) const { return begin_ + i * pitch_; }

 private:
  static constexpr std::size_t line = 64 / sizeof(T);

  std::size_t pitch_;
  alignas(64) T small_[16384 / sizeof(T)];
  Tensor large_;
  T* begin_;
};

}  // namespace heed
