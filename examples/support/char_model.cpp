#include "examples/support/char_model.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "examples/support/model_file.h"
#include "heed/tensor/error.h"

namespace heed::examples {
namespace {

constexpr ModelFormat format{.program = "char_rnn", .key = "heed.char_rnn"};
constexpr std::array<const char*, 3> cells{"rnn", "lstm", "gru"};

}  // namespace

AnyLm make_lm(std::string_view cell, const models::RecurrentLmConfig& config, const nn::ParameterSource& source) {
  if (cell == cells[0]) return models::RnnLm(config, source);
  if (cell == cells[1]) return models::LstmLm(config, source);
  if (cell == cells[2]) return models::GruLm(config, source);
  throw FormatError(fmt::format("'{}' is no kind of recurrent network", cell));
}

void CharModel::save(const std::filesystem::path& path) const {
  std::visit(
      [&](const auto& model) {
        const models::RecurrentLmConfig& c = model.config();
        nlohmann::json description{{"cell", cells[lm.index()]},
                                   {"embedding", c.embedding},
                                   {"hidden", c.hidden},
                                   {"layers", c.layers},
                                   {"dropout", c.dropout}};
        tokens.describe(description);
        save_model(path, format, nn::state_dict(model), description);
      },
      lm);
}

CharModel CharModel::load(const std::filesystem::path& path) {
  std::optional<CharModel> model;
  load_model(path, format, [&](const nlohmann::json& description, const nn::StateDict& tensors) {
    const auto cell = description.at("cell").get<std::string>();
    LmTokens tokens = LmTokens::from_description(description);
    const models::RecurrentLmConfig config{.vocabulary = tokens.size(),
                                           .embedding = integer(description, "embedding"),
                                           .hidden = integer(description, "hidden"),
                                           .layers = integer(description, "layers"),
                                           .dropout = description.at("dropout").get<double>()};
    if (config.layers > 1000) throw FormatError(fmt::format("{} layers are too many", config.layers));
    double expected = 0;
    make_lm(cell, config, nn::ParameterSource::counting(expected));
    check_elements(tensors, expected);
    model = CharModel{std::move(tokens), make_lm(cell, config, nn::ParameterSource::zeros())};
    std::visit([&](auto& lm) { nn::load_state_dict(lm, tensors); }, model->lm);
  });
  return std::move(*model);
}

void CharModel::check_replaceable(const std::filesystem::path& path) { check_replaceable_model(path, format); }

}  // namespace heed::examples
