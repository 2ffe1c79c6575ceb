#include "heed/tensor/ops/softmax.h"

#include <fmt/format.h>

#include "heed/tensor/create.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/kernels/softmax.h"
#include "heed/tensor/ops/movement.h"

namespace heed {
namespace {

// Calls row(kernels, x row, mask row or null, y row, n) for every row along `axis`, which is last while this computes.
template <class Row>
Tensor by_rows(const char* operation, const Tensor& x, int axis, const Tensor& mask, Row row) {
  check_defined(operation, "x", x);
  if (x.rank() == 0) throw ShapeError(fmt::format("{}: needs rank 1 or more, shape is []", operation));
  const int along = normalize_axis(operation, axis, x.rank()), last = x.rank() - 1;
  const auto exchanged = [&](const Tensor& t) { return along == last ? t : transpose(t, along, last); };
  Tensor dense_mask;
  if (mask.defined()) {
    if (mask.dtype() != DType::boolean) throw_dtype(fmt::format("{}: mask", operation), mask.dtype(), "bool");
    if (mask.rank() > x.rank() || !(broadcast(operation, mask.shape(), x.shape()) == x.shape()))
      throw ShapeError(
          fmt::format("{}: mask {} does not expand to {}", operation, mask.shape().str(), x.shape().str()));
    dense_mask = exchanged(expand(mask, x.shape())).contiguous();
  }
  const Tensor dense = exchanged(x).contiguous();
  const std::int64_t n = dense.size(-1), count = n == 0 ? 0 : x.numel() / n;
  return dispatch_float(operation, x.dtype(), [&]<class T> {
    const auto& kernel = kernels::softmax().of<T>();
    Tensor y = empty(dense.shape(), x.dtype(), operation);
    const T* from = dense.data<T>();
    const bool* flags = mask.defined() ? dense_mask.data<bool>() : nullptr;
    T* to = y.mutable_data<T>();
    parallel_chunks(count, 1 + 8192 / (n + 1), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin * n; i < end * n; i += n)
        row(kernel, from + i, flags ? flags + i : nullptr, to + i, to_size(n));
    });
    return exchanged(y).contiguous();
  });
}

}  // namespace

Tensor softmax(const Tensor& x, int axis, const Tensor& mask) {
  return by_rows("softmax", x, axis, mask, [](const auto& kernel, auto... row) { kernel.softmax(row...); });
}

Tensor log_softmax(const Tensor& x, int axis, const Tensor& mask) {
  return by_rows("log_softmax", x, axis, mask, [](const auto& kernel, auto... row) { kernel.log_softmax(row...); });
}

}  // namespace heed
