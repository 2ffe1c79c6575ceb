// Gated linear units: one half of x gates the other.
#pragma once

#include "heed/autograd/variable.h"

namespace heed {

/// y = a∘f(b) with a and b the first and the second half of x along `axis`: x [.., 2n, ..] -> y [.., n, ..]; f32, f64.
/// f is sigmoid (glu, Dauphin et al. 2017), relu, gelu or silu (Shazeer 2020). da = dy∘f(b), db = dy∘a∘f'(b); saves a,
/// b and f(b). ShapeError for a size that is not even, IndexError for the axis, DTypeError.
Variable glu(const Variable& x, int axis = -1);
Variable reglu(const Variable& x, int axis = -1);
Variable geglu(const Variable& x, int axis = -1);
Variable swiglu(const Variable& x, int axis = -1);

}  // namespace heed
