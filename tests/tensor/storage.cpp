// Storage: counted handles, the version counter, and views that outlive the tensor they were taken from.
#include "heed/tensor/storage.h"

#include <cstring>
#include <thread>
#include <vector>

#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;

TEST_CASE("a storage starts on its own cache line", "[tensor][storage]") {
  for (std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{1000003}}) {
    const StorageRef storage(Storage::create(bytes));
    CHECK(storage->bytes() == bytes);
    CHECK(reinterpret_cast<std::uintptr_t>(storage->data()) % 64 == 0);
    std::memset(storage->data(), 0x5A, bytes);
    CHECK(storage->bytes() == bytes);
    CHECK(storage->version() == 0);
  }
}

TEST_CASE("the version counts changes and is shared by all handles", "[tensor][storage]") {
  const StorageRef storage(Storage::create(8)), other = storage;
  storage->bump_version();
  other->bump_version();
  CHECK(storage->version() == 2);
  CHECK(other->version() == 2);
}

TEST_CASE("a handle is unique when no other exists", "[tensor][storage]") {
  const StorageRef none;
  CHECK_FALSE(none.unique());
  CHECK_FALSE(static_cast<bool>(none));

  StorageRef a(Storage::create(8));
  const Storage* block = a.get();
  CHECK(a.unique());
  {
    const StorageRef b = a;
    CHECK(b.get() == block);
    CHECK_FALSE(a.unique());
    CHECK_FALSE(b.unique());
  }
  CHECK(a.unique());

  StorageRef moved = std::move(a);
  CHECK(moved.unique());
  CHECK(moved.get() == block);
  const StorageRef& self = moved;
  moved = self;
  CHECK(moved.unique());

  StorageRef c(Storage::create(8));
  c = moved;
  CHECK(c.get() == block);
  CHECK_FALSE(moved.unique());
  moved = StorageRef();
  CHECK(c.unique());
}

TEST_CASE("a view keeps the numbers when the tensor is gone", "[tensor][storage]") {
  Tensor base = arange(1000);
  std::vector<Tensor> views = {slice(base, 0, 10, 20), slice(base, 0, -1, to_end, -7),
                               expand(select(base, 0, 5), {3, 4}), transpose(reshape(base, {20, 50}), 0, 1),
                               unsqueeze(base, 0)};
  std::vector<test::Array> before;
  for (const Tensor& view : views) {
    CHECK(view.storage().get() == base.storage().get());
    before.push_back(test::to_array(view));
  }
  CHECK_FALSE(base.storage().unique());
  base = Tensor();
  const Tensor others[] = {full({1000}, 7, DType::i64), full({1000}, 7, DType::i64)};  // would reuse a freed block
  for (std::size_t i = 0; i < views.size(); ++i) CHECK(test::to_array(views[i]).numbers == before[i].numbers);
  views.resize(1);
  CHECK(views[0].storage().unique());
}

TEST_CASE("handles may be copied by many threads at once", "[tensor][storage]") {
  const StorageRef storage(Storage::create(8));
  std::vector<std::thread> pool;
  for (int thread = 0; thread < 4; ++thread)
    pool.emplace_back([&storage] {
      for (int i = 0; i < 20000; ++i) {
        StorageRef copy = storage;
        const StorageRef second = copy;
        copy = StorageRef();
      }
    });
  for (std::thread& thread : pool) thread.join();
  CHECK(storage.unique());
}
