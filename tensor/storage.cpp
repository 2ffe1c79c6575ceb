#include "heed/tensor/storage.h"

#include <new>

#include "heed/tensor/parallel.h"

namespace heed {

static_assert(sizeof(Storage) == 64, "the data must start on its own cache line");

Storage* Storage::create(std::size_t bytes) { return new (allocate_aligned(sizeof(Storage) + bytes)) Storage(bytes); }

void Storage::destroy(Storage* storage) noexcept {
  storage->~Storage();
  free_aligned(storage);
}

}  // namespace heed
