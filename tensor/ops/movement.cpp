#include "heed/tensor/ops/movement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"

namespace heed {
namespace {

Tensor view(const Tensor& x, const Shape& shape, const Strides& strides, std::int64_t offset) {
  // An empty view starts at 0: there its address cannot leave the storage, however large its other sizes are.
  return Tensor(x.storage(), shape, strides, shape.numel() == 0 ? 0 : offset, x.dtype());
}

// `shape` with its -1 worked out from x; ShapeError unless the numbers of elements agree.
Shape resolved(const Tensor& x, Shape shape) {
  int unknown = -1;
  Shape known = shape;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] != -1) continue;
    if (unknown >= 0) throw ShapeError(fmt::format("reshape: {} has two sizes of -1", shape.str()));
    unknown = axis;
    known[axis] = 1;
  }
  const std::int64_t rest = known.numel();
  if (unknown >= 0 && rest > 0) shape[unknown] = x.numel() / rest;
  if ((unknown >= 0 && rest == 0) || shape.numel() != x.numel())
    throw ShapeError(
        fmt::format("reshape: {} has {} elements, {} cannot hold them", x.shape().str(), x.numel(), shape.str()));
  return shape;
}

// Strides of `shape` over x's storage; false when x's axes do not merge and split into it without a copy. From the last
// axis outwards, each run of evenly spaced old axes must be filled exactly by a run of new ones.
bool view_strides(const Tensor& x, const Shape& shape, Strides& strides) {
  strides = row_major_strides(shape);
  if (x.numel() == 0) return true;
  int to = shape.rank();
  for (int from = x.rank(); from > 0;) {
    if (x.shape()[--from] == 1) continue;
    const std::int64_t step = x.strides()[from];
    std::int64_t run = x.shape()[from];
    while (from > 0 && (x.shape()[from - 1] == 1 || x.strides()[from - 1] == step * run)) run *= x.shape()[--from];
    std::int64_t filled = 1;
    while (to > 0 && filled < run) {
      strides[--to] = step * filled;
      filled *= shape[to];
    }
    if (filled != run) return false;
  }
  return true;
}

void check_parts(const char* operation, const std::vector<Tensor>& parts) {
  if (parts.empty()) throw ShapeError(fmt::format("{}: no tensors", operation));
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (!parts[i].defined()) throw_undefined(operation, fmt::format("part {}", i));
}

}  // namespace

Tensor reshape(const Tensor& x, const Shape& wanted) {
  check_defined("reshape", "x", x);
  const Shape shape = resolved(x, wanted);
  Strides strides;
  if (view_strides(x, shape, strides)) return view(x, shape, strides, x.offset());
  return view(x.clone(), shape, row_major_strides(shape), 0);
}

Tensor permute(const Tensor& x, std::span<const int> order) {
  check_defined("permute", "x", x);
  Shape shape = x.shape();
  Strides strides = x.strides();
  unsigned seen = 0;
  int to = 0;
  for (int axis : order) {
    const int from = normalize_axis("permute", axis, x.rank());
    seen |= 1u << from;
    if (to == x.rank()) break;
    shape[to] = x.shape()[from];
    strides[to++] = x.strides()[from];
  }
  if (order.size() != static_cast<std::size_t>(x.rank()) || seen != (1u << x.rank()) - 1)
    throw IndexError(
        fmt::format("permute: [{}] is no order of the axes of {}", fmt::join(order, ", "), x.shape().str()));
  return view(x, shape, strides, x.offset());
}

Tensor transpose(const Tensor& x, int axis0, int axis1) {
  check_defined("transpose", "x", x);
  const int a = normalize_axis("transpose", axis0, x.rank()), b = normalize_axis("transpose", axis1, x.rank());
  Shape shape = x.shape();
  Strides strides = x.strides();
  std::swap(shape[a], shape[b]);
  std::swap(strides[a], strides[b]);
  return view(x, shape, strides, x.offset());
}

Tensor mT(const Tensor& x) {
  check_defined("mT", "x", x);
  if (x.rank() < 2) throw ShapeError(fmt::format("mT: needs rank 2 or more, shape is {}", x.shape().str()));
  return transpose(x, -2, -1);
}

Tensor expand(const Tensor& x, const Shape& shape) {
  check_defined("expand", "x", x);
  shape.numel();  // refuses negative and overflowing sizes
  const int shift = shape.rank() - x.rank();
  Strides strides = row_major_strides(shape);
  bool fits = shift >= 0;
  for (int axis = 0; fits && axis < shape.rank(); ++axis) {
    const std::int64_t size = axis < shift ? 1 : x.shape()[axis - shift];
    if (size != shape[axis] && size != 1)
      fits = false;
    else
      strides[axis] = axis < shift || size != shape[axis] ? 0 : x.strides()[axis - shift];
  }
  if (!fits) throw ShapeError(fmt::format("expand: {} does not expand to {}", x.shape().str(), shape.str()));
  return view(x, shape, strides, x.offset());
}

Tensor unsqueeze(const Tensor& x, int axis) {
  check_defined("unsqueeze", "x", x);
  const int position = normalize_axis("unsqueeze", axis, x.rank() + 1);
  Shape shape = x.shape();
  Strides strides = x.strides();
  strides.insert(position, position < x.rank() ? shape[position] * strides[position] : 1);
  shape.insert(position, 1);
  return view(x, shape, strides, x.offset());
}

Tensor squeeze(const Tensor& x, int axis) {
  check_defined("squeeze", "x", x);
  const int position = normalize_axis("squeeze", axis, x.rank());
  if (x.shape()[position] != 1)
    throw ShapeError(
        fmt::format("squeeze: axis {} of {} has size {}, not 1", axis, x.shape().str(), x.shape()[position]));
  Shape shape = x.shape();
  Strides strides = x.strides();
  shape.erase(position);
  strides.erase(position);
  return view(x, shape, strides, x.offset());
}

Tensor slice(const Tensor& x, int axis, std::int64_t begin, std::int64_t end, std::int64_t step) {
  check_defined("slice", "x", x);
  const int position = normalize_axis("slice", axis, x.rank());
  if (step == 0) throw IndexError("slice: step is 0");
  const std::int64_t size = x.shape()[position];
  // Where a walk may start and stop: [0, size] forwards, [-1, size - 1] backwards.
  const std::int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
  const auto bound = [&](std::int64_t value) { return std::clamp(value < 0 ? value + size : value, low, high); };
  const std::int64_t first = bound(begin);
  const std::int64_t last = end == to_end ? (step > 0 ? size : -1) : bound(end);
  const std::int64_t span = step > 0 ? last - first : first - last;
  const std::int64_t stride_size =
      step > 0 ? step : (step == std::numeric_limits<std::int64_t>::min() ? to_end : -step);
  Shape shape = x.shape();
  Strides strides = x.strides();
  shape[position] = span <= 0 ? 0 : 1 + (span - 1) / stride_size;
  const std::int64_t start = shape[position] == 0 ? 0 : first * strides[position];
  strides[position] = shape[position] <= 1 ? strides[position] : strides[position] * step;
  return view(x, shape, strides, x.offset() + start);
}

Tensor select(const Tensor& x, int axis, std::int64_t index) {
  check_defined("select", "x", x);
  const int position = normalize_axis("select", axis, x.rank());
  const std::int64_t size = x.shape()[position];
  if (index < -size || index >= size)
    throw IndexError(fmt::format("select: index {} is outside axis {} of {}", index, axis, x.shape().str()));
  Shape shape = x.shape();
  Strides strides = x.strides();
  const std::int64_t start = (index < 0 ? index + size : index) * strides[position];
  shape.erase(position);
  strides.erase(position);
  return view(x, shape, strides, x.offset() + start);
}

Tensor concat(const std::vector<Tensor>& parts, int axis) {
  check_parts("concat", parts);
  Shape shape = parts[0].shape();
  const int position = normalize_axis("concat", axis, shape.rank());
  shape[position] = 0;
  for (const Tensor& part : parts) {
    check_same_dtype("concat", parts[0].dtype(), part.dtype());
    Shape rest = part.shape();
    if (rest.rank() == shape.rank()) rest[position] = shape[position];
    if (!(rest == shape))
      throw ShapeError(
          fmt::format("concat: {} and {} differ beside axis {}", parts[0].shape().str(), part.shape().str(), axis));
    if (__builtin_add_overflow(shape[position], part.shape()[position], &shape[position]))
      throw ShapeError("concat: the sizes' sum exceeds 63 bits");
  }
  Tensor y = empty(shape, parts[0].dtype(), "concat");
  std::int64_t begin = 0;
  for (const Tensor& part : parts) {
    Tensor place = slice(y, position, begin, begin + part.shape()[position]);
    copy_from(place, part);
    begin += part.shape()[position];
  }
  return y;
}

Tensor stack(const std::vector<Tensor>& parts, int axis) {
  check_parts("stack", parts);
  const int position = normalize_axis("stack", axis, parts[0].rank() + 1);
  std::vector<Tensor> layers;
  layers.reserve(parts.size());
  for (const Tensor& part : parts) {
    if (!(part.shape() == parts[0].shape()))
      throw ShapeError(fmt::format("stack: shapes differ: {} and {}", parts[0].shape().str(), part.shape().str()));
    layers.push_back(unsqueeze(part, position));
  }
  return concat(layers, position);
}

std::vector<Tensor> unstack(const Tensor& x, int axis) {
  check_defined("unstack", "x", x);
  std::vector<Tensor> layers;
  const std::int64_t count = x.shape()[normalize_axis("unstack", axis, x.rank())];
  for (std::int64_t i = 0; i < count; ++i) layers.push_back(select(x, axis, i));
  return layers;
}

Tensor slice_scatter(const Tensor& x, const Shape& shape, int axis, std::int64_t begin, std::int64_t end,
                     std::int64_t step) {
  check_defined("slice_scatter", "x", x);
  Tensor y = zeros(shape, x.dtype());
  Tensor place = slice(y, axis, begin, end, step);
  if (!(x.shape() == place.shape()))
    throw ShapeError(fmt::format("slice_scatter: {} does not fit the slice {} of {}", x.shape().str(),
                                 place.shape().str(), shape.str()));
  copy_from(place, x);
  return y;
}

}  // namespace heed
