#include "heed/tensor/mutate.h"

#include <fmt/format.h>

#include <cstring>

#include "heed/tensor/internal/overlap.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/internal/rows.h"
#include "heed/tensor/kernels/elementwise.h"

namespace heed {
namespace {

constexpr std::int64_t grain = 32768;  // elements; below this a second thread costs more than it brings

void check_operands(const char* operation, const Tensor& y, const Tensor& x) {
  check_defined(operation, "target", y);
  check_defined(operation, "source", x);
  if (!(y.shape() == x.shape()))
    throw ShapeError(
        fmt::format("{}: shapes differ: target {}, source {}", operation, y.shape().str(), x.shape().str()));
}

}  // namespace

void fill(Tensor& y, Scalar value) {
  check_defined("fill", "target", y);
  check_no_repeats("fill", y);
  const Rows<1> rows(y.shape(), {y.strides()});
  dispatch(y.dtype(), [&]<class T> {
    T* to = y.mutable_data<T>();
    const T element = value.as<T>();
    const std::int64_t step = rows.stride(0);
    parallel_chunks(y.numel(), grain, [&](std::int64_t begin, std::int64_t end) {
      rows.visit(begin, end, [&](const auto& offset, std::int64_t n) {
        T* row = to + offset[0];
        if (step == 1)
          std::fill(row, row + n, element);
        else
          for (std::int64_t i = 0; i < n; ++i) row[i * step] = element;
      });
    });
  });
}

void copy_from(Tensor& y, const Tensor& given) {
  check_operands("copy_from", y, given);
  check_no_repeats("copy_from", y);
  const Tensor x = unless_overlapping(given, y);
  const Rows<2> rows(y.shape(), {y.strides(), x.strides()});
  const std::int64_t to_step = rows.stride(0), from_step = rows.stride(1);
  dispatch(y.dtype(), [&]<class To> {
    dispatch(x.dtype(), [&]<class From> {
      const From* from = x.data<From>();
      To* to = y.mutable_data<To>();
      parallel_chunks(y.numel(), grain, [&](std::int64_t begin, std::int64_t end) {
        rows.visit(begin, end, [&](const auto& offset, std::int64_t n) {
          To* target = to + offset[0];
          const From* source = from + offset[1];
          if constexpr (std::is_same_v<To, From>)
            if (to_step == 1 && from_step == 1) {
              std::memmove(target, source, static_cast<std::size_t>(n) * sizeof(To));
              return;
            }
          for (std::int64_t i = 0; i < n; ++i) target[i * to_step] = convert<To>(source[i * from_step]);
        });
      });
    });
  });
}

void add_scaled(Tensor& y, const Tensor& given, double factor) {
  check_operands("add_scaled", y, given);
  check_same_dtype("add_scaled", y.dtype(), given.dtype());
  if (!is_float(y.dtype())) throw_dtype("add_scaled", y.dtype(), "f32 or f64");
  check_no_repeats("add_scaled", y);
  const Tensor x = unless_overlapping(given, y);
  dispatch_float("add_scaled", y.dtype(), [&]<class T> {
    const auto& kernel = kernels::elementwise().of<T>();
    const T* from = x.data<T>();
    if (y.is_contiguous() && x.is_contiguous()) {
      T* to = y.mutable_data<T>();
      parallel_chunks(y.numel(), grain, [&](std::int64_t begin, std::int64_t end) {
        kernel.add_scaled(static_cast<T>(factor), from + begin, to + begin, static_cast<std::size_t>(end - begin));
      });
      return;
    }
    T* to = y.mutable_data<T>();
    const Rows<2> rows(y.shape(), {y.strides(), x.strides()});
    const std::int64_t y_step = rows.stride(0), x_step = rows.stride(1);
    parallel_chunks(y.numel(), grain, [&](std::int64_t begin, std::int64_t end) {
      rows.visit(begin, end, [&](const auto& offset, std::int64_t n) {
        T* target = to + offset[0];
        const T* source = from + offset[1];
        if (y_step == 1 && x_step == 1) {
          kernel.add_scaled(static_cast<T>(factor), source, target, static_cast<std::size_t>(n));
          return;
        }
        for (std::int64_t i = 0; i < n; ++i) target[i * y_step] += static_cast<T>(factor) * source[i * x_step];
      });
    });
  });
}

}  // namespace heed
