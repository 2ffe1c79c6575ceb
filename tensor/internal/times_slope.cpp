#include "heed/tensor/internal/times_slope.h"

#include "heed/tensor/create.h"
#include "heed/tensor/internal/map_rows.h"

namespace heed {

Tensor times_slope(std::string_view name, kernels::Slope f, const Tensor& dy, const Tensor& at, double parameter) {
  return dispatch_float(name, dy.dtype(), [&]<class T> {
    Tensor dx = empty(dy.shape(), dy.dtype(), name);
    map_row_pairs<T, T>(dy, at, dx, light_grain,
                        [f, p = static_cast<T>(parameter), row = kernels::activation().of<T>().times_slope](
                            const T* above, const T* read, T* to, std::size_t n) { row(f, p, above, read, to, n); });
    return dx;
  });
}

}  // namespace heed
