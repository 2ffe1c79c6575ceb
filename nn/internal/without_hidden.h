// What a mask hides, where it is not finite. Not part of the public interface.
#pragma once

#include "heed/autograd/variable.h"

namespace heed::nn {

/// x [B, S, D] with 0 at positions that no query may attend to, by a mask [T, S], [B, T, S] or [B, H, T, S] of bool
/// whose sizes may be 1; x itself where all of it is finite (padding is then a query like any other), and for other
/// masks, which whoever reads them refuses.
Variable without_hidden(const Variable& x, const Tensor& mask);

}  // namespace heed::nn
