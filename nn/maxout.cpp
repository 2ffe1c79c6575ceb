#include "heed/nn/maxout.h"

#include <fmt/format.h>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/record.h"
#include "heed/tensor/create.h"

namespace heed::nn {
namespace {

// Number `piece` of every group.
template <class V>
V piece_of(const V& x, std::int64_t piece, std::int64_t pieces) {
  return slice(x, -1, piece, to_end, pieces);
}

struct Maxout final : Rule<Maxout> {
  static constexpr std::string_view op = "maxout";
  Saved x{*this}, y{*this};
  std::int64_t pieces = 1;

  template <class V>
  Grads<V> vjp(const V& dy) {     // dy over how many are the largest, to each of those
    std::vector<Tensor> smaller;  // rather than "equal": NaNs pass dy on as well
    Tensor count = full(y.tensor().shape(), pieces, dy.dtype());
    for (std::int64_t piece = 0; piece < pieces; ++piece) {
      smaller.push_back(piece_of(x.tensor(), piece, pieces) < y.tensor());
      count = count - to(smaller.back(), dy.dtype());
    }
    const V contribution = dy / V(count);
    std::vector<V> parts;
    for (const Tensor& mask : smaller) parts.push_back(where(mask, 0, contribution));
    return {reshape(stack(parts, -1), x.tensor().shape())};
  }
};

}  // namespace

Variable maxout(const Variable& x, std::int64_t pieces) {
  check_defined("maxout", "x", x.value());
  if (x.rank() == 0 || pieces < 1 || x.size(-1) % pieces != 0)
    throw ShapeError(fmt::format("maxout: {} does not divide into groups of {}", x.shape().str(), pieces));
  Tensor y = piece_of(x.value(), 0, pieces);
  for (std::int64_t piece = 1; piece < pieces; ++piece) y = maximum(y, piece_of(x.value(), piece, pieces));
  return record<Maxout>(y, {x}, [&](Maxout& rule) {
    rule.x.keep_input(0, x);
    rule.y.keep_output(y);
    rule.pieces = pieces;
  });
}

}  // namespace heed::nn
