#include "heed/nn/maxout.h"

#include <fmt/format.h>

#include "heed/autograd/elementwise.h"
#include "heed/autograd/movement.h"

namespace heed::nn {

Variable maxout(const Variable& x, std::int64_t pieces) {
  if (x.rank() == 0 || pieces < 1 || x.size(-1) % pieces != 0)
    throw ShapeError(fmt::format("maxout: {} does not divide into groups of {}", x.shape().str(), pieces));
  Variable y = slice(x, -1, 0, to_end, pieces);
  for (std::int64_t piece = 1; piece < pieces; ++piece) y = maximum(y, slice(x, -1, piece, to_end, pieces));
  return y;
}

}  // namespace heed::nn
