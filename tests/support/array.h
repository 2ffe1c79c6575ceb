// Arrays for slow references: a shape and its numbers in row-major order. No strides, no sharing, no code of the
// library but Shape: what is computed with them is plain loops over doubles.
#pragma once

#include <string>
#include <vector>

#include "heed/tensor/tensor.h"

namespace heed::test {

using Index = std::vector<std::int64_t>;

/// Every index of a shape in row-major order, for a range-for loop; one empty index for rank 0.
class Indices {
 public:
  explicit Indices(const Shape& shape);

  struct End {};
  class Iterator {
   public:
    explicit Iterator(const Indices& all);
    const Index& operator*() const { return index_; }
    Iterator& operator++();
    bool operator!=(End) const { return left_ > 0; }

   private:
    Index sizes_, index_;
    std::int64_t left_;
  };
  Iterator begin() const { return Iterator(*this); }
  End end() const { return {}; }

 private:
  Index sizes_;
};
inline Indices indices(const Shape& shape) { return Indices(shape); }

struct Array {
  Shape shape;
  std::vector<double> numbers;

  explicit Array(const Shape& sizes = {}, double value = 0);
  double& operator[](const Index& index) { return numbers[place(index)]; }
  double operator[](const Index& index) const { return numbers[place(index)]; }

  /// The element that broadcasting shows at `index` of a shape of at least this rank.
  double shown(const Index& index) const;

 private:
  std::size_t place(const Index& index) const;
};

/// The numbers of x, read through its strides one by one. Any dtype.
Array to_array(const Tensor& x);

/// The numbers in a new row-major tensor, converted to `dtype`.
Tensor to_tensor(const Array& array, DType dtype);

/// "" when `got` has this shape and every number is within `ulps` units in the last place of its dtype of the wanted
/// one (`scale` is added to the wanted number's size, for results that come from cancelling sums); NaN matches NaN and
/// infinity the same infinity. Else a description of the first number that is not.
std::string difference(const Tensor& got, const Array& wanted, double ulps, double scale = 0);

/// True when shape, dtype and every bit of every number agree.
bool same_bits(const Tensor& a, const Tensor& b);

/// A hash of shape, strides, dtype, version and every byte of the storage.
std::size_t fingerprint(const Tensor& x);

}  // namespace heed::test
