// The images examples/mnist.cpp learns from: MNIST's files, or drawn ones.
#pragma once

#include <string>
#include <vector>

#include "heed/tensor/random/random.h"

namespace heed::examples {

struct Digits {
  Tensor images;  ///< [N, H, W] f32 in [0, 1]
  Tensor labels;  ///< [N] i64
};

struct DigitData {
  Digits train, valid, test;
  std::vector<std::string> notes = {};  ///< what was read
};

/// train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte of the folder,
/// each with or without ".gz". A twelfth of the training images, drawn at random, chooses the model. FormatError,
/// IoError.
DigitData read_digits(const std::string& folder, Generator& generator);

/// 12,000, 1,000 and 2,000 of models/tasks/digits.h.
DigitData draw_digit_data(Generator& generator);

/// The rows of `from` in this order.
Digits rows_of(const Digits& from, const std::vector<std::int64_t>& rows);

}  // namespace heed::examples
