#include "heed/tensor/internal/overlap.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <utility>
#include <vector>

#include "heed/tensor/internal/rows.h"

namespace heed {
namespace {

// The bytes from the first a view touches to behind the last, and the greatest number that divides all its steps.
struct Extent {
  std::int64_t begin, end, size, step = 0;

  explicit Extent(const Tensor& x) : size(static_cast<std::int64_t>(size_of(x.dtype()))) {
    begin = x.offset() * size;
    end = begin + size;
    for (int axis = 0; axis < x.rank(); ++axis) {
      if (x.shape()[axis] < 2) continue;
      const std::int64_t stride = x.strides()[axis] * size, way = (x.shape()[axis] - 1) * stride;
      (way < 0 ? begin : end) += way;
      step = std::gcd(step, stride);
    }
  }
};

bool same_view(const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype() || a.offset() != b.offset() || !(a.shape() == b.shape())) return false;
  for (int axis = 0; axis < a.rank(); ++axis)
    if (a.shape()[axis] > 1 && a.strides()[axis] != b.strides()[axis]) return false;
  return true;
}

// True when every axis steps over all that the axes with smaller steps reach: then no element is addressed twice.
bool steps_over(const Tensor& y) {
  std::vector<std::pair<std::int64_t, std::int64_t>> axes;  // step, size
  for (int axis = 0; axis < y.rank(); ++axis)
    if (y.shape()[axis] > 1) axes.emplace_back(std::abs(y.strides()[axis]), y.shape()[axis]);
  std::sort(axes.begin(), axes.end());
  std::int64_t reach = 0;
  for (const auto& [step, size] : axes) {
    if (step <= reach) return false;
    reach += step * (size - 1);
  }
  return true;
}

bool has_a_place_twice(const Tensor& y) {
  std::vector<std::int64_t> places;
  places.reserve(static_cast<std::size_t>(y.numel()));
  const Rows<1> rows(y.shape(), {y.strides()});
  rows.visit(0, y.numel(), [&](const auto& offset, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) places.push_back(offset[0] + i * rows.stride(0));
  });
  std::sort(places.begin(), places.end());
  return std::adjacent_find(places.begin(), places.end()) != places.end();
}

}  // namespace

Overlap overlap_in_storage(const Tensor& a, const Tensor& b) {
  if (a.numel() == 0 || b.numel() == 0) return Overlap::none;
  if (same_view(a, b)) return Overlap::same;
  const Extent left(a), right(b);
  if (left.end <= right.begin || right.end <= left.begin) return Overlap::none;
  const std::int64_t step = std::gcd(left.step, right.step);
  if (step == 0) return Overlap::some;
  // All distances between their elements are `apart` but for multiples of `step`: two columns, even and odd indices.
  const std::int64_t apart = ((right.begin - left.begin) % step + step) % step;
  return apart >= left.size && step - apart >= right.size ? Overlap::none : Overlap::some;
}

void check_no_repeats(const char* operation, const Tensor& y) {
  if (y.is_contiguous()) return;
  for (int axis = 0; axis < y.rank(); ++axis)
    if (y.strides()[axis] == 0 && y.shape()[axis] > 1)
      throw ShapeError(
          fmt::format("{}: target {} repeats its elements along axis {}", operation, y.shape().str(), axis));
  if (!steps_over(y) && has_a_place_twice(y))
    throw ShapeError(fmt::format("{}: elements of target {} with strides [{}] share places", operation, y.shape().str(),
                                 fmt::join(y.strides(), ", ")));
}

}  // namespace heed
