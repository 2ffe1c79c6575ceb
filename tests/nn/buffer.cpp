// A Buffer is a tensor when it is used and a value when its module is copied.
#include "heed/nn/buffer.h"

#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using nn::Buffer;

TEST_CASE("a buffer taken out of its module is the handle, or does not compile", "[nn][buffer]") {
  STATIC_REQUIRE(!std::is_convertible_v<const Buffer&, Buffer>);
  STATIC_REQUIRE(!std::is_convertible_v<Tensor, Buffer>);
  STATIC_REQUIRE(std::is_constructible_v<Buffer, const Buffer&>);
  STATIC_REQUIRE(std::is_nothrow_move_constructible_v<Buffer>);
  Buffer b(zeros({2}));
  const Tensor handle = b;
  fill(b, 3);
  CHECK(handle.data<float>()[1] == 3);
}

TEST_CASE("copying a buffer copies its elements, assigning writes into the tensor that is there", "[nn][buffer]") {
  const bool moves = GENERATE(false, true);
  Buffer b(tensor({1, 2}, {2})), copy(b), none;
  CHECK(copy.storage().get() != b.storage().get());
  CHECK(test::same_bits(copy, b));
  const auto assign = [&](Buffer& from) { moves ? b = std::move(from) : b = from; };
  const Tensor handle = b;
  Buffer other(tensor({5, 6}, {2})), wide(zeros({3})), integers(zeros({2}, DType::i64));
  assign(other);
  CHECK(b.storage().get() == handle.storage().get());
  CHECK(test::same_bits(handle, tensor({5, 6}, {2})));
  CHECK(test::refused<ShapeError>([&] { assign(wide); }) == "buffer: shape [3] is assigned to shape [2]");
  CHECK(test::refused<DTypeError>([&] { assign(integers); }) == "buffer: i64 is assigned to f32, shape [2]");
  CHECK(test::refused<ShapeError>([&] { assign(none); }) == "buffer: nothing is assigned to one of shape [2]");
  CHECK(test::refused<ShapeError>([&] { moves ? none = std::move(b) : none = b; }) ==
        "buffer: one of shape [2] is assigned to none");
  Buffer moved(zeros({7}));
  const Buffer away = std::move(moved);
  moved = b;
  CHECK(moved.storage().get() != b.storage().get());
  const Buffer away_too = std::move(moved);
  moved = std::move(b);
  CHECK(moved.storage().get() == handle.storage().get());
}
