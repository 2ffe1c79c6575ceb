#include "examples/support/text_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "examples/support/model_file.h"
#include "heed/autograd/record.h"
#include "heed/nn/data/batches.h"
#include "heed/nn/data/text.h"
#include "heed/tensor/error.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

constexpr ModelFormat format{.program = "classify", .key = "heed.classify"};

}  // namespace

const std::vector<std::string>& text_model_kinds() {
  static const std::vector<std::string> kinds{"bag", "gru", "lstm"};
  return kinds;
}

AnyTextClassifier make_text_classifier(std::string_view kind, const models::TextClassifierConfig& config,
                                       const nn::ParameterSource& source) {
  const std::vector<std::string>& kinds = text_model_kinds();
  if (kind == kinds[0]) return models::BagClassifier(config, source);
  if (kind == kinds[1]) return models::GruClassifier(config, source);
  if (kind == kinds[2]) return models::LstmClassifier(config, source);
  throw FormatError(fmt::format("'{}' is no kind of classifier", kind));
}

std::vector<std::int64_t> TextModel::encode(std::string_view text) const { return vocabulary.encode(nn::words(text)); }

std::vector<std::int64_t> TextModel::predict(const std::vector<std::vector<std::int64_t>>& texts) const {
  const NoGrad no_gradients;
  std::vector<std::int64_t> classes;
  for (std::size_t begin = 0; begin < texts.size(); begin += 100) {
    const nn::PaddedBatch batch =
        nn::pad_batch(std::span(texts).subspan(begin, std::min<std::size_t>(100, texts.size() - begin)));
    const Variable logits = std::visit([&](const auto& model) { return model.forward(batch.ids, batch.lengths); }, net);
    const Tensor best = argmax(logits.value(), -1).contiguous();
    classes.insert(classes.end(), best.data<std::int64_t>(), best.data<std::int64_t>() + best.numel());
  }
  return classes;
}

void TextModel::save(const std::filesystem::path& path) const {
  std::visit(
      [&](const auto& model) {
        const models::TextClassifierConfig& c = model.config();
        save_model(path, format, nn::state_dict(model),
                   {{"kind", text_model_kinds()[net.index()]},
                    {"embedding", c.embedding},
                    {"hidden", c.hidden},
                    {"dropout", c.dropout},
                    {"words", vocabulary.tokens()},
                    {"labels", labels}});
      },
      net);
}

TextModel TextModel::load(const std::filesystem::path& path) {
  std::optional<TextModel> model;
  load_model(path, format, [&](const nlohmann::json& description, const nn::StateDict& tensors) {
    const auto kind = description.at("kind").get<std::string>();
    nn::Vocabulary vocabulary(description.at("words").get<std::vector<std::string>>());
    auto labels = description.at("labels").get<std::vector<std::string>>();
    if (labels.empty() || std::set(labels.begin(), labels.end()).size() != labels.size())
      throw FormatError("its labels are none, or not different");
    const models::TextClassifierConfig config{.vocabulary = vocabulary.size(),
                                              .classes = std::ssize(labels),
                                              .embedding = integer(description, "embedding"),
                                              .hidden = integer(description, "hidden"),
                                              .dropout = description.at("dropout").get<double>()};
    double expected = 0;
    make_text_classifier(kind, config, nn::ParameterSource::counting(expected));
    check_elements(tensors, expected);
    model = TextModel{std::move(vocabulary), std::move(labels),
                      make_text_classifier(kind, config, nn::ParameterSource::zeros())};
    std::visit([&](auto& net) { nn::load_state_dict(net, tensors); }, model->net);
  });
  return std::move(*model);
}

void TextModel::check_replaceable(const std::filesystem::path& path) { check_replaceable_model(path, format); }

}  // namespace heed::examples
