// Leaves that a result depends on and that nobody trains.
#include "heed/autograd/inspect/untracked.h"

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "support/catch.h"

using namespace heed;

TEST_CASE("untracked_leaves names what a result depends on beside the tracked leaves", "[untracked]") {
  const Variable w(ones({4, 3}), true), scale(ones({3}, DType::f32), true), bias(ones({3}), true),
      elsewhere(ones({7}), true);
  const Variable y = sum(matmul(Variable(ones({2, 4})), w) * scale + bias);
  using Texts = std::vector<std::string>;
  CHECK(untracked_leaves(y, {w, scale, bias, elsewhere}) == Texts{});
  CHECK(untracked_leaves(y, {bias, w}) == Texts{"f32 [3], used by expand"});
  CHECK(untracked_leaves(y, {bias, scale}) == Texts{"f32 [4, 3], used by matmul"});
  CHECK(untracked_leaves(y, {}).size() == 3);
  CHECK(untracked_leaves(sum(w * w + w), {}) == Texts{"f32 [4, 3], used by add"});  // once, and by what is nearest
  CHECK(untracked_leaves(w, {}) == Texts{"f32 [4, 3], the result itself"});
  CHECK(untracked_leaves(w, {w}) == Texts{});
  CHECK(untracked_leaves(w.detach(), {}) == Texts{});
  CHECK(untracked_leaves(Variable(), {}) == Texts{});
}
