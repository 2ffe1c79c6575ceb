// How a kernel file hands out its functions: one struct of function pointers for float and one for double, which the
// chosen instruction set fills. A kernel file ends like this:
//
//   template <class T>
//   constexpr GruKernels<T> table{.forward = forward<T>, ...};
//   Tables<GruKernels> gru_tables() { return {table<float>, table<double>}; }
//   ...
//   HWY_EXPORT(gru_tables);
//   Tables<GruKernels> gru() { return HWY_DYNAMIC_DISPATCH(gru_tables)(); }
//
// and is called as kernels::gru().of<T>().forward(...).
#pragma once

#include <type_traits>

namespace heed::kernels {

/// One table for each element type.
template <template <class> class Kernels>
struct Tables {
  const Kernels<float>& f32;
  const Kernels<double>& f64;

  template <class T>
  const Kernels<T>& of() const {
    if constexpr (std::is_same_v<T, float>)
      return f32;
    else
      return f64;
  }
};

}  // namespace heed::kernels
