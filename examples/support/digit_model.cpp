#include "examples/support/digit_model.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "examples/support/model_file.h"
#include "heed/tensor/error.h"

namespace heed::examples {
namespace {

constexpr ModelFormat format{.program = "mnist", .key = "heed.mnist"};
constexpr std::int64_t largest_side = 1 << 15;

}  // namespace

void DigitModel::save(const std::filesystem::path& path) const {
  save_model(
      path, format, nn::state_dict(net),
      {{"height", height}, {"width", width}, {"hidden", net.config().hidden}, {"dropout", net.config().dropout}});
}

DigitModel DigitModel::load(const std::filesystem::path& path) {
  std::optional<DigitModel> model;
  load_model(path, format, [&](const nlohmann::json& description, const nn::StateDict& tensors) {
    const std::int64_t height = integer(description, "height"), width = integer(description, "width");
    if (height < 1 || height > largest_side || width < 1 || width > largest_side)
      throw FormatError("its images have no usable size");
    const models::MlpClassifierConfig config{.inputs = height * width,
                                             .classes = 10,
                                             .hidden = description.at("hidden").get<std::vector<std::int64_t>>(),
                                             .dropout = description.at("dropout").get<double>()};
    if (config.hidden.size() > 1000) throw FormatError("it has too many layers");
    check_elements(tensors, nn::count_parameters<models::MlpClassifier>(config));
    model = DigitModel{height, width, models::MlpClassifier(config, nn::ParameterSource::zeros())};
    nn::load_state_dict(model->net, tensors);
  });
  return std::move(*model);
}

void DigitModel::check_replaceable(const std::filesystem::path& path) { check_replaceable_model(path, format); }

}  // namespace heed::examples
