#include "examples/support/forecast_model.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "examples/support/model_file.h"
#include "heed/tensor/error.h"

namespace heed::examples {
namespace {

constexpr ModelFormat format{.program = "timeseries", .key = "heed.timeseries"};

}  // namespace

void save_forecaster(const std::filesystem::path& path, const models::Forecaster& model) {
  const models::ForecasterConfig& c = model.config();
  save_model(path, format, nn::state_dict(model), {{"season", c.season}, {"hidden", c.hidden}, {"layers", c.layers}});
}

models::Forecaster load_forecaster(const std::filesystem::path& path) {
  std::optional<models::Forecaster> model;
  load_model(path, format, [&](const nlohmann::json& description, const nn::StateDict& tensors) {
    const models::ForecasterConfig config{.season = integer(description, "season"),
                                          .hidden = integer(description, "hidden"),
                                          .layers = integer(description, "layers")};
    if (config.layers > 1000) throw FormatError(fmt::format("{} layers are too many", config.layers));
    check_elements(tensors, 2 + nn::count_parameters<models::Forecaster>(config));  // mean and scale besides
    model.emplace(config, nn::ParameterSource::zeros());
    nn::load_state_dict(*model, tensors);
    if (!(model->scale() > 0)) throw FormatError(fmt::format("its scale is {}", model->scale()));
  });
  return std::move(*model);
}

void check_replaceable_forecaster(const std::filesystem::path& path) { check_replaceable_model(path, format); }

}  // namespace heed::examples
