#include "examples/support/gpt_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "examples/support/model_file.h"
#include "heed/tensor/error.h"

namespace heed::examples {
namespace {

constexpr ModelFormat format{.program = "gpt", .key = "heed.gpt"};

}  // namespace

std::vector<std::string> gpt_positions() { return {"learned", "sinusoidal", "rotary", "none"}; }

models::GptPositions gpt_positions(std::string_view name) {
  const std::vector<std::string> names = gpt_positions();
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) throw FormatError(fmt::format("'{}' is no kind of positions", name));
  return static_cast<models::GptPositions>(found - names.begin());
}

void GptModel::save(const std::filesystem::path& path) const {
  const models::GptConfig& c = lm.config();
  nlohmann::json description{{"positions", gpt_positions()[static_cast<std::size_t>(c.positions)]},
                             {"context", c.context},
                             {"embedding", c.embedding},
                             {"heads", c.heads},
                             {"kv_heads", c.kv_heads},
                             {"layers", c.layers},
                             {"dropout", c.dropout}};
  tokens.describe(description);
  save_model(path, format, nn::state_dict(lm), description);
}

GptModel GptModel::load(const std::filesystem::path& path) {
  std::optional<GptModel> model;
  load_model(path, format, [&](const nlohmann::json& description, const nn::StateDict& tensors) {
    LmTokens tokens = LmTokens::from_description(description);
    const models::GptConfig config{.vocabulary = tokens.size(),
                                   .context = integer(description, "context"),
                                   .embedding = integer(description, "embedding"),
                                   .heads = integer(description, "heads"),
                                   .layers = integer(description, "layers"),
                                   .kv_heads = integer(description, "kv_heads"),
                                   .dropout = description.at("dropout").get<double>(),
                                   .positions = gpt_positions(description.at("positions").get<std::string>())};
    if (config.layers > 1000) throw FormatError(fmt::format("{} layers are too many", config.layers));
    if (config.context > longest_context) throw FormatError(fmt::format("a context of {} is too long", config.context));
    double expected = 0;
    (void)models::Gpt(config, nn::ParameterSource::counting(expected));
    // The file has the embedding under two names.
    expected += static_cast<double>(config.vocabulary) * static_cast<double>(config.embedding);
    check_elements(tensors, expected);
    model = GptModel{std::move(tokens), models::Gpt(config, nn::ParameterSource::zeros())};
    nn::load_state_dict(model->lm, tensors);
  });
  return std::move(*model);
}

void GptModel::check_replaceable(const std::filesystem::path& path) { check_replaceable_model(path, format); }

}  // namespace heed::examples
