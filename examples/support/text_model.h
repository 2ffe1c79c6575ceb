// What examples/classify.cpp saves: a classifier of texts, the words it knows and the labels it gives.
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "heed/models/text_classifier.h"
#include "heed/nn/data/vocabulary.h"

namespace heed::examples {

using AnyTextClassifier = std::variant<models::BagClassifier, models::GruClassifier, models::LstmClassifier>;

/// The kinds of AnyTextClassifier, in its order: bag, gru, lstm.
const std::vector<std::string>& text_model_kinds();

/// A fresh classifier of one of the kinds.
AnyTextClassifier make_text_classifier(std::string_view kind, const models::TextClassifierConfig& config,
                                       const nn::ParameterSource& source);

struct TextModel {
  nn::Vocabulary vocabulary;
  std::vector<std::string> labels;
  AnyTextClassifier net;

  /// The text's words (nn::words) as ids.
  std::vector<std::int64_t> encode(std::string_view text) const;

  /// The likeliest class of each text.
  std::vector<std::int64_t> predict(const std::vector<std::vector<std::int64_t>>& texts) const;

  /// One safetensors file: weights, and in its metadata the kind, the sizes, words and labels, and the machine that
  /// wrote it. Written atomically.
  void save(const std::filesystem::path& path) const;

  /// FormatError when the file is not what save() writes, IoError when it cannot be read.
  static TextModel load(const std::filesystem::path& path);

  /// FormatError when something else than a model of save() is there, which would be replaced.
  static void check_replaceable(const std::filesystem::path& path);
};

}  // namespace heed::examples
