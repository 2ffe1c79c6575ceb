#include "heed/tensor/ops/softmax.h"

#include <fmt/format.h>

#include "heed/tensor/create.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/kernels/softmax.h"
#include "heed/tensor/ops/movement.h"

namespace heed {
namespace {

// Calls row(kernels, x row, mask row or null, y row, n) for every row along the last axis.
template <class Row>
Tensor by_rows(const char* operation, const Tensor& x, const Tensor& mask, Row row) {
  check_defined(operation, "x", x);
  if (x.rank() == 0) throw ShapeError(fmt::format("{}: needs rank 1 or more, shape is []", operation));
  Tensor wide;
  if (mask.defined()) {
    if (mask.dtype() != DType::boolean) throw_dtype(fmt::format("{}: mask", operation), mask.dtype(), "bool");
    if (mask.rank() > x.rank() || !(broadcast(operation, mask.shape(), x.shape()) == x.shape()))
      throw ShapeError(
          fmt::format("{}: mask {} does not expand to {}", operation, mask.shape().str(), x.shape().str()));
    wide = expand(mask, x.shape()).contiguous();
  }
  const Tensor dense = x.contiguous();
  const std::int64_t n = x.size(-1), count = n == 0 ? 0 : x.numel() / n;
  return dispatch_float(operation, x.dtype(), [&]<class T> {
    const auto& kernel = kernels::softmax<T>();
    Tensor y = empty(x.shape(), x.dtype(), operation);
    const T* from = dense.data<T>();
    const bool* flags = mask.defined() ? wide.data<bool>() : nullptr;
    T* to = y.mutable_data<T>();
    parallel_chunks(count, 1 + 8192 / (n + 1), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin * n; i < end * n; i += n)
        row(kernel, from + i, flags ? flags + i : nullptr, to + i, static_cast<std::size_t>(n));
    });
    return y;
  });
}

}  // namespace

Tensor softmax(const Tensor& x, const Tensor& mask) {
  return by_rows("softmax", x, mask, [](const auto& kernel, auto... row) { kernel.softmax(row...); });
}

Tensor log_softmax(const Tensor& x, const Tensor& mask) {
  return by_rows("log_softmax", x, mask, [](const auto& kernel, auto... row) { kernel.log_softmax(row...); });
}

Tensor softmax_backward(const Tensor& y, const Tensor& dy) {
  check_defined("softmax_backward", "y", y);
  check_defined("softmax_backward", "dy", dy);
  check_same_dtype("softmax_backward", y.dtype(), dy.dtype());
  if (!(y.shape() == dy.shape()))
    throw ShapeError(fmt::format("softmax_backward: y {}, dy {}", y.shape().str(), dy.shape().str()));
  const Tensor weights = y.contiguous(), gradient = dy.contiguous();
  return dispatch_float("softmax_backward", y.dtype(), [&]<class T> {
    const auto& kernel = kernels::softmax<T>();
    Tensor dx = empty(y.shape(), y.dtype(), "softmax_backward");
    const T *from = weights.data<T>(), *incoming = gradient.data<T>();
    T* to = dx.mutable_data<T>();
    const std::int64_t n = y.size(-1), count = n == 0 ? 0 : y.numel() / n;
    parallel_chunks(count, 1 + 16384 / (n + 1), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin * n; i < end * n; i += n)
        kernel.backward(from + i, incoming + i, to + i, static_cast<std::size_t>(n));
    });
    return dx;
  });
}

}  // namespace heed
