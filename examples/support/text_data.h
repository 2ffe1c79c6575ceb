// The labelled texts examples/classify.cpp learns from.
#pragma once

#include <string>
#include <vector>

#include "heed/nn/data/labelled_texts.h"
#include "heed/tensor/random/random.h"

namespace heed::examples {

struct TextData {
  nn::LabelledTexts train, valid, test;  ///< with the names of `train`
  std::vector<std::string> notes = {};   ///< what was read
};

/// A file of labelled lines; a folder with train/seq.in and train/label, and so valid and test (SNIPS), whose division
/// is kept; or a folder with one folder of text files for each label. What is not divided is divided at random: eight
/// tenths to learn from, one to choose by, one to measure. FormatError, IoError; FormatError for fewer than 10 texts
/// (8 to learn from) or two labels.
TextData read_text_data(const std::string& path, Generator& generator);

/// 3,000, 500 and 1,000 of models/tasks/requests.h.
TextData make_text_data(Generator& generator);

}  // namespace heed::examples
