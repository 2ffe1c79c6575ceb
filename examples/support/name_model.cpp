#include "examples/support/name_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "examples/support/char_model.h"
#include "examples/support/model_file.h"
#include "heed/autograd/record.h"
#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"

namespace heed::examples {
namespace {

constexpr ModelFormat format{.program = "names", .key = "heed.names"};
constexpr const char* counts = "counts";  // the tensor of an n-gram model

Tensor row_of(std::span<const std::int64_t> ids) {
  Tensor row = empty({1, static_cast<std::int64_t>(ids.size())}, DType::i64);
  std::copy(ids.begin(), ids.end(), row.mutable_data<std::int64_t>());
  return row;
}

struct Next {
  std::span<const std::int64_t> ids;

  Tensor operator()(const models::Ngram& lm) const { return log(lm.probabilities(ids)); }
  Tensor operator()(const models::MlpLm& lm) const {
    return last(lm.forward(row_of(ids.last(to_size(lm.config().context)))));
  }
  template <class Cell>
  Tensor operator()(const models::RecurrentLm<Cell>& lm) const {
    return last(lm.forward(row_of(ids)).logits);
  }

 private:
  static Tensor last(const Variable& logits) { return select(select(logits.value(), 0, 0), 0, -1); }
};

nn::StateDict tensors_of(const models::Ngram& lm) { return {{counts, lm.counts()}}; }
template <class Lm>
nn::StateDict tensors_of(const Lm& lm) {
  return nn::state_dict(lm);
}

void load_tensors(models::Ngram& lm, const nn::StateDict& tensors) {
  const auto found = tensors.find(counts);
  if (found == tensors.end() || tensors.size() != 1) throw FormatError("it has not one table of counts");
  lm.add_counts(found->second);
}
template <class Lm>
void load_tensors(Lm& lm, const nn::StateDict& tensors) {
  nn::load_state_dict(lm, tensors);
}

NameModel from_file(const nlohmann::json& description, const nn::StateDict& tensors) {
  const auto kind = description.at("model").get<std::string>();
  Alphabet alphabet(description.at("characters").get<std::vector<std::string>>());
  alphabet.encode("\n");  // refused without it
  const NameLmConfig config{.vocabulary = alphabet.size(),
                            .context = integer(description, "context"),
                            .embedding = integer(description, "embedding"),
                            .hidden = integer(description, "hidden"),
                            .layers = integer(description, "layers"),
                            .dropout = description.at("dropout").get<double>()};
  if (config.layers > 1000 || config.context > 1000)
    throw FormatError(fmt::format("{} layers or {} symbols of context are too many", config.layers, config.context));
  double expected = 0;
  make_name_lm(kind, config, nn::ParameterSource::counting(expected));
  if (kind != name_lm_kinds()[0]) check_elements(tensors, expected);
  NameModel model{std::move(alphabet), config, make_name_lm(kind, config, nn::ParameterSource::zeros())};
  std::visit([&](auto& lm) { load_tensors(lm, tensors); }, model.lm);
  return model;
}

}  // namespace

const std::vector<std::string>& name_lm_kinds() {
  static const std::vector<std::string> kinds{"ngram", "mlp", "rnn", "lstm", "gru"};
  return kinds;
}

AnyNameLm make_name_lm(std::string_view kind, const NameLmConfig& c, const nn::ParameterSource& source) {
  if (kind == "ngram")
    return models::Ngram(
        {.vocabulary = c.vocabulary, .order = c.context + 1, .smoothing = models::Smoothing::interpolated});
  if (kind == "mlp")
    return models::MlpLm(
        {.vocabulary = c.vocabulary, .context = c.context, .embedding = c.embedding, .hidden = c.hidden}, source);
  return std::visit([](auto&& lm) { return AnyNameLm(std::move(lm)); }, make_lm(kind,
                                                                                {.vocabulary = c.vocabulary,
                                                                                 .embedding = c.embedding,
                                                                                 .hidden = c.hidden,
                                                                                 .layers = c.layers,
                                                                                 .dropout = c.dropout},
                                                                                source));
}

std::int64_t NameModel::padding() const {
  return std::holds_alternative<models::Ngram>(lm) || std::holds_alternative<models::MlpLm>(lm) ? config.context : 1;
}

Tensor NameModel::next_logits(const std::vector<std::int64_t>& ids) const {
  const NoGrad no_gradients;
  return std::visit(Next{ids}, lm);
}

void NameModel::save(const std::filesystem::path& path) const {
  save_model(path, format, std::visit([](const auto& model) { return tensors_of(model); }, lm),
             {{"model", name_lm_kinds()[lm.index()]},
              {"context", config.context},
              {"embedding", config.embedding},
              {"hidden", config.hidden},
              {"layers", config.layers},
              {"dropout", config.dropout},
              {"characters", alphabet.characters()}});
}

NameModel NameModel::load(const std::filesystem::path& path) {
  std::optional<NameModel> model;
  load_model(path, format, [&](const nlohmann::json& description, const nn::StateDict& tensors) {
    model = from_file(description, tensors);
  });
  return std::move(*model);
}

void NameModel::check_replaceable(const std::filesystem::path& path) { check_replaceable_model(path, format); }

}  // namespace heed::examples
