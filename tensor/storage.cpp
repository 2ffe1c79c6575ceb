#include "heed/tensor/storage.h"

#include <new>

#include "heed/tensor/memory.h"

namespace heed {

static_assert(sizeof(Storage) == 64, "the data must start on its own cache line");

Storage* Storage::create(std::size_t bytes) {
  const detail::Block block = detail::allocate_block(sizeof(Storage) + bytes);
  detail::count_live(static_cast<std::int64_t>(bytes));
  return new (block.memory) Storage(bytes, block.capacity);
}

void Storage::destroy(Storage* storage) noexcept {
  const detail::Block block{storage, storage->capacity_};
  detail::count_live(-static_cast<std::int64_t>(storage->bytes_));
  storage->~Storage();
  detail::free_block(block);
}

}  // namespace heed
