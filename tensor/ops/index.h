// Indexing by tensors of indices (i64, each in [-size, size); IndexError otherwise). Any strides; x of any dtype for
// reading, f32, f64 or i64 for adding. Where one element receives several contributions they are added in the order of
// the indices, so the bits are always the same; in f32, 64 and more of them are added in double precision.
#pragma once

#include "heed/tensor/tensor.h"

namespace heed {

/// The slices of x along `axis` named by `indices` (of any rank): x [A.., n, B..], indices [I..] -> [A.., I.., B..].
/// With axis 0 and a table [V, D] this is an embedding look-up.
Tensor index_select(const Tensor& x, int axis, const Tensor& indices);

/// x with `source` [A.., I.., B..] added to the slices along `axis` named by `indices`: the transpose of index_select.
Tensor index_add(const Tensor& x, int axis, const Tensor& indices, const Tensor& source);

/// The same in place: y += source at the slices of y along `axis` named by `indices`. ShapeError when y is not
/// contiguous. Where y overlaps the source, the source's elements are those from before the call.
void add_indexed(Tensor& y, int axis, const Tensor& indices, const Tensor& source);

/// y[.., i, ..] = x[.., indices[.., i, ..], ..] along `axis`: indices have x's shape but for their size along `axis`.
Tensor gather(const Tensor& x, int axis, const Tensor& indices);

/// x with source[.., i, ..] added at [.., indices[.., i, ..], ..]: the transpose of gather.
Tensor scatter_add(const Tensor& x, int axis, const Tensor& indices, const Tensor& source);

/// The same in place: y += source at [.., indices[.., i, ..], ..]. Conditions as for add_indexed.
void add_scattered(Tensor& y, int axis, const Tensor& indices, const Tensor& source);

}  // namespace heed
