// Results to the last bit, as hashes that are compared with committed ones: every processor whose multiply-adds are
// fused must give the same (bits.cpp).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "heed/tensor/tensor.h"

namespace heed::test {

/// FNV-1a over 64-bit words. Numbers count by their bits, but every NaN is the same one: its sign and payload differ
/// between x86 and arm64.
class BitHash {
 public:
  void add(std::uint64_t word);
  void add(float number);
  void add(double number);
  void add(const Tensor& x);  ///< dtype, shape and the numbers in row-major order
  template <class T>
  void add(const std::vector<T>& numbers) {
    for (const T& number : numbers) add(number);
  }

  std::string str() const;  ///< 16 hexadecimal digits

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

/// What was computed, and its hash.
using Hashes = std::map<std::string, std::string>;

/// Values and gradients of every row of the table of operations, in f32 and f64.
void hash_operations(Hashes& hashes);

/// Kernels on rows of many lengths, which are longer than the samples of operations.
void hash_kernels(Hashes& hashes);

/// Random numbers, initial values, steps of optimizers, norms.
void hash_training(Hashes& hashes);

}  // namespace heed::test
