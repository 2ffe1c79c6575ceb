// The layout of the incoming gradient does not matter: contiguous, transposed copy, slice with offset and steps, read
// backwards, expanded.
#include <algorithm>

#include "heed/autograd/backward.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "op_cases.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::test;

namespace {

// The same bits; but where the numbers of dy are added up, in an order that follows its strides, their rounding may
// differ.
void check_same(const OpCase& row, const Tensor& got, const Tensor& wanted, const Shape& y) {
  const bool adds_up = row.sums_gradient && !(wanted.shape() == y);
  if (!adds_up) {
    CHECK(same_bits(got, wanted));
    return;
  }
  double size = 1;
  for (double number : to_array(wanted).numbers) size = std::max(size, std::abs(number));
  CHECK(difference(got, to_array(wanted), 16, size) == "");
}

}  // namespace

TEST_CASE("gradients do not depend on the layout of the incoming gradient", "[ops]") {
  for (const OpCase& row : op_cases())
    for (const Sample& sample : row.samples()) {
      INFO(row.name << ": " << sample.what);
      const Variables x = leaves(sample.inputs);
      const Variable y = sample.apply(x);
      if (!y.requires_grad()) continue;  // integers
      const Tensor dense = converted({Numbers(34).uniform(y.shape())}, y.dtype())[0];
      const std::vector<Tensor> wanted = gradients(y, x, dense, {.retain_graph = true});
      for (Layout layout : all_layouts) {
        const std::vector<Tensor> got = gradients(y, x, laid_out(dense, layout), {.retain_graph = true});
        for (std::size_t i = 0; i < x.size(); ++i) check_same(row, got[i], wanted[i], y.shape());
      }
      const Tensor one = full({}, 0.75, y.dtype());
      const std::vector<Tensor> even = gradients(y, x, expand(one, y.shape()).clone(), {.retain_graph = true});
      const std::vector<Tensor> got = gradients(y, x, expand(one, y.shape()));
      for (std::size_t i = 0; i < x.size(); ++i) check_same(row, got[i], even[i], y.shape());
    }
}
