#include "heed/tensor/ops/index.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <span>
#include <vector>

#include "heed/tensor/create.h"
#include "heed/tensor/internal/overlap.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/kernels/elementwise.h"
#include "heed/tensor/kernels/reduce.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"

namespace heed {
namespace {

// All indices as row-major non-negative numbers below `size`.
Tensor checked_indices(const char* operation, const Tensor& indices, std::int64_t size) {
  if (indices.dtype() != DType::i64) throw_dtype(fmt::format("{}: indices", operation), indices.dtype(), "i64");
  Tensor result = indices.clone();
  std::int64_t* index = result.mutable_data<std::int64_t>();
  for (std::int64_t i = 0, n = result.numel(); i < n; ++i) {
    if (index[i] < -size || index[i] >= size)
      throw IndexError(fmt::format("{}: index {} is outside an axis of size {}", operation, index[i], size));
    if (index[i] < 0) index[i] += size;
  }
  return result;
}

// x seen as [outer, n, inner] around `axis`.
struct Around {
  std::int64_t outer = 1, n = 1, inner = 1;
  Around(const Shape& shape, int axis) : n(shape[axis]) {
    for (int i = 0; i < shape.rank(); ++i) (i < axis ? outer : i > axis ? inner : n) *= i == axis ? 1 : shape[i];
  }
};

Shape selected_shape(const Shape& x, int axis, const Shape& indices) {
  Shape shape;
  for (int i = 0; i < axis; ++i) shape.push_back(x[i]);
  for (std::int64_t size : indices) shape.push_back(size);
  for (int i = axis + 1; i < x.rank(); ++i) shape.push_back(x[i]);
  return shape;
}

void check_shape(const char* operation, const char* what, const Shape& found, const Shape& wanted) {
  if (!(found == wanted))
    throw ShapeError(fmt::format("{}: {} has shape {}, expected {}", operation, what, found.str(), wanted.str()));
}

void check_addable(const char* operation, const Tensor& x, const Tensor& source) {
  check_same_dtype(operation, x.dtype(), source.dtype());
  if (x.dtype() == DType::boolean) throw_dtype(operation, x.dtype(), "f32, f64 or i64");
}

// Integers wrap around, as they do in add().
template <class T>
T wrapping_sum(T a, T b) {
  if constexpr (!std::is_same_v<T, std::int64_t>)
    return static_cast<T>(a + b);
  else
    return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

// `indices` must agree with x's shape beside `axis`; [outer, m, inner] places follow.
void check_alongside(const char* operation, const Shape& x, int axis, const Shape& indices) {
  Shape wanted = x;
  if (indices.rank() == x.rank()) wanted[axis] = indices[axis];
  check_shape(operation, "indices", indices, wanted);
}

// From this many contributions to one place on, f32 adds up in double precision.
constexpr std::int64_t many = 64;

// The positions of `ids` in the order of the places they name, equal places in the order of the positions.
Tensor by_place(const char* operation, const std::int64_t* ids, std::int64_t count, std::int64_t places) {
  Tensor result = empty({count}, DType::i64, operation);
  std::int64_t* order = result.mutable_data<std::int64_t>();
  if (places / 4 > count) {  // a table of the places would be the larger part of the work
    std::iota(order, order + count, std::int64_t{0});
    std::sort(order, order + count,
              [&](std::int64_t a, std::int64_t b) { return ids[a] != ids[b] ? ids[a] < ids[b] : a < b; });
    return result;
  }
  Tensor table = empty({places + 1}, DType::i64, operation);
  std::int64_t* begin = table.mutable_data<std::int64_t>();
  std::fill_n(begin, places + 1, std::int64_t{0});
  for (std::int64_t i = 0; i < count; ++i) ++begin[ids[i] + 1];
  for (std::int64_t place = 1; place <= places; ++place) begin[place] += begin[place - 1];
  for (std::int64_t i = 0; i < count; ++i) order[begin[ids[i]]++] = i;
  return result;
}

// Calls body(place, positions of its contributions) for every place that `order` (by_place) has.
template <class Body>
void each_place(std::span<const std::int64_t> order, const std::int64_t* ids, Body body) {
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    const std::int64_t place = ids[order[begin]];
    while (end < order.size() && ids[order[end]] == place) ++end;
    body(place, order.subspan(begin, end - begin));
  }
}

// The source by rows, and as it was before y changes. ShapeError unless y lies by rows.
Tensor apart_from_target(const char* operation, const char* what, const Tensor& y, const Tensor& source) {
  if (!y.is_contiguous())
    throw ShapeError(fmt::format("{}: the {} {} is not contiguous", operation, what, y.shape().str()));
  return overlap(source, y) == Overlap::none ? source.contiguous() : source.clone();
}

// y += source at the slices, or at the elements, that `indices` name. `what` is what messages call y.
void add_at_slices(const char* operation, const char* what, Tensor& y, int axis, const Tensor& indices,
                   const Tensor& source) {
  check_defined(operation, what, y);
  check_defined(operation, "indices", indices);
  check_defined(operation, "source", source);
  const int position = normalize_axis(operation, axis, y.rank());
  check_addable(operation, y, source);
  const Tensor index = checked_indices(operation, indices, y.shape()[position]);
  check_shape(operation, "source", source.shape(), selected_shape(y.shape(), position, indices.shape()));
  const Tensor dense = apart_from_target(operation, what, y, source);
  const Around around(y.shape(), position);
  const std::int64_t* ids = index.data<std::int64_t>();
  const std::int64_t count = index.numel();
  // Threads share the columns, never a place: each place sees its contributions in the order of the indices.
  const std::int64_t columns = std::max<std::int64_t>(64, 32768 / (count + 1));
  const bool add_in_double = y.dtype() == DType::f32 && count >= many;
  const Tensor grouped = add_in_double ? by_place(operation, ids, count, around.n) : Tensor();
  const auto order = grouped.defined() ? std::span(grouped.data<std::int64_t>(), static_cast<std::size_t>(count))
                                       : std::span<const std::int64_t>();
  const auto add_rows = [&]<class T>() {
    const T* from = dense.data<T>();
    T* to = y.mutable_data<T>();
    const auto add = [] {
      if constexpr (std::is_floating_point_v<T>)
        return [binary = kernels::elementwise().of<T>().binary](T* target, const T* row, std::size_t n) {
          binary(kernels::Binary::add, target, row, target, n);
        };
      else
        return [](T* target, const T* row, std::size_t n) {
          for (std::size_t i = 0; i < n; ++i) target[i] = wrapping_sum(target[i], row[i]);
        };
    }();
    parallel_chunks(around.inner, columns, [&](std::int64_t begin, std::int64_t end) {
      const auto width = static_cast<std::size_t>(end - begin);
      std::vector<double> total(add_in_double ? width : 0);
      for (std::int64_t outer = 0; outer < around.outer; ++outer) {
        T* targets = to + outer * around.n * around.inner + begin;
        const T* rows = from + outer * count * around.inner + begin;
        if constexpr (std::is_same_v<T, float>) {
          if (add_in_double) {
            const auto accumulate = kernels::reduce().of<T>().accumulate;
            each_place(order, ids, [&](std::int64_t place, std::span<const std::int64_t> contributions) {
              T* target = targets + place * around.inner;
              if (std::ssize(contributions) < many) {
                for (std::int64_t i : contributions) add(target, rows + i * around.inner, width);
                return;
              }
              std::copy_n(target, width, total.begin());
              for (std::int64_t i : contributions) accumulate(rows + i * around.inner, total.data(), width);
              std::transform(total.begin(), total.end(), target, [](double sum) { return static_cast<T>(sum); });
            });
            continue;
          }
        }
        for (std::int64_t i = 0; i < count; ++i) add(targets + ids[i] * around.inner, rows + i * around.inner, width);
      }
    });
  };
  if (y.dtype() == DType::i64)
    add_rows.operator()<std::int64_t>();
  else
    dispatch_float(operation, y.dtype(), add_rows);
}

void add_at_elements(const char* operation, const char* what, Tensor& y, int axis, const Tensor& indices,
                     const Tensor& source) {
  check_defined(operation, what, y);
  check_defined(operation, "indices", indices);
  check_defined(operation, "source", source);
  const int position = normalize_axis(operation, axis, y.rank());
  check_addable(operation, y, source);
  check_alongside(operation, y.shape(), position, indices.shape());
  check_shape(operation, "source", source.shape(), indices.shape());
  Tensor index = checked_indices(operation, indices, y.shape()[position]);
  const Tensor dense = apart_from_target(operation, what, y, source);
  const Around to(y.shape(), position), from(indices.shape(), position);
  const std::int64_t count = dense.numel();
  std::int64_t* places = index.mutable_data<std::int64_t>();  // in y, of every element of the source
  for (std::int64_t i = 0; i < count; ++i)
    places[i] = (i / (from.n * from.inner) * to.n + places[i]) * to.inner + i % from.inner;
  if (y.dtype() == DType::f32 && from.n >= many) {
    const Tensor grouped = by_place(operation, places, count, y.numel());
    const float* add = dense.data<float>();
    float* target = y.mutable_data<float>();
    each_place({grouped.data<std::int64_t>(), static_cast<std::size_t>(count)}, places,
               [&](std::int64_t place, std::span<const std::int64_t> contributions) {
                 double total = static_cast<double>(target[place]);
                 for (std::int64_t i : contributions) total += static_cast<double>(add[i]);
                 target[place] = static_cast<float>(total);
               });
    return;
  }
  dispatch(y.dtype(), [&]<class T> {
    const T* add = dense.data<T>();
    T* target = y.mutable_data<T>();
    for (std::int64_t i = 0; i < count; ++i) target[places[i]] = wrapping_sum(target[places[i]], add[i]);
  });
}

}  // namespace

Tensor index_select(const Tensor& x, int axis, const Tensor& indices) {
  check_defined("index_select", "x", x);
  check_defined("index_select", "indices", indices);
  const int position = normalize_axis("index_select", axis, x.rank());
  const Tensor index = checked_indices("index_select", indices, x.shape()[position]);
  Tensor y = empty(selected_shape(x.shape(), position, indices.shape()), x.dtype(), "index_select");
  const Tensor dense = x.contiguous();
  const Around around(x.shape(), position);
  const std::int64_t* ids = index.data<std::int64_t>();
  const std::int64_t count = y.numel() == 0 ? 0 : index.numel();
  const auto bytes = static_cast<std::size_t>(around.inner) * size_of(x.dtype());
  dispatch(x.dtype(), [&]<class T> {
    const T* from = dense.data<T>();
    T* to = y.mutable_data<T>();
    parallel_chunks(around.outer * count, 1 + 32768 / (around.inner + 1), [&](std::int64_t begin, std::int64_t end) {
      for (; begin < end; ++begin) {
        const std::int64_t block = begin / count * around.n + ids[begin % count];
        std::memcpy(to + begin * around.inner, from + block * around.inner, bytes);
      }
    });
  });
  return y;
}

Tensor index_add(const Tensor& x, int axis, const Tensor& indices, const Tensor& source) {
  check_defined("index_add", "x", x);
  Tensor y = x.clone();
  add_at_slices("index_add", "x", y, axis, indices, source);
  return y;
}

void add_indexed(Tensor& y, int axis, const Tensor& indices, const Tensor& source) {
  add_at_slices("add_indexed", "target", y, axis, indices, source);
}

Tensor gather(const Tensor& x, int axis, const Tensor& indices) {
  check_defined("gather", "x", x);
  check_defined("gather", "indices", indices);
  const int position = normalize_axis("gather", axis, x.rank());
  check_alongside("gather", x.shape(), position, indices.shape());
  const Tensor index = checked_indices("gather", indices, x.shape()[position]);
  Tensor y = empty(indices.shape(), x.dtype(), "gather");
  const Tensor dense = x.contiguous();
  const Around from(x.shape(), position), to(indices.shape(), position);
  const std::int64_t* ids = index.data<std::int64_t>();
  dispatch(x.dtype(), [&]<class T> {
    const T* source = dense.data<T>();
    T* target = y.mutable_data<T>();
    for (std::int64_t i = 0, n = y.numel(); i < n; ++i)
      target[i] = source[(i / (to.n * to.inner) * from.n + ids[i]) * from.inner + i % to.inner];
  });
  return y;
}

Tensor scatter_add(const Tensor& x, int axis, const Tensor& indices, const Tensor& source) {
  check_defined("scatter_add", "x", x);
  Tensor y = x.clone();
  add_at_elements("scatter_add", "x", y, axis, indices, source);
  return y;
}

void add_scattered(Tensor& y, int axis, const Tensor& indices, const Tensor& source) {
  add_at_elements("add_scattered", "target", y, axis, indices, source);
}

}  // namespace heed
