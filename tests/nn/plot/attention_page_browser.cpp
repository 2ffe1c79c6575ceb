// Pages for attention_page_browser.py, which looks at them in a real browser: scripts/browser.sh runs both. Writes
// them, and beside each what it must show, to the folder heed-pages.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "heed/autograd/fused/softmax.h"
#include "heed/models/transformer.h"
#include "heed/nn/attention/recorder.h"
#include "heed/nn/mask.h"
#include "heed/nn/plot/attention_page.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "nn/plot/hostile_tokens.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;

namespace {

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> list(1);
  for (const char c : text) {
    if (c == ' ')
      list.emplace_back();
    else
      list.back() += c;
  }
  return list;
}

// All layers of a Transformer at two steps of something, with all its attentions.
nn::AttentionPage transformer_page() {
  Generator generator(3);
  models::Transformer model({.source_vocabulary = 30,
                             .target_vocabulary = 30,
                             .embedding = 32,
                             .heads = 4,
                             .layers = 2,
                             .feedforward = 32,
                             .dropout = 0},
                            generator);
  nn::for_each_parameter(model, [&](const std::string&, nn::Parameter& p) {  // sharper than a first draw
    p = nn::Parameter(p.value() * 2.5);
  });
  const std::vector<std::string> source = words("the small cat sat on the warm red mat <eos>"),
                                 target = words("<bos> die kleine Katze saß auf der warmen Matte");
  const auto ids = [](const std::vector<std::string>& tokens) {
    return reshape(arange(static_cast<std::int64_t>(tokens.size())), {1, static_cast<std::int64_t>(tokens.size())});
  };
  nn::AttentionPage page{.title = "A Transformer that has learned nothing yet"};
  for (const char* step : {"first", "second"}) {
    const nn::AttentionRecorder recorder(model);
    model.forward({.source = {ids(source), {static_cast<std::int64_t>(source.size())}},
                   .target = ids(target) + (*step == 's' ? 10 : 0)});
    for (const nn::AttentionRecord& record : recorder.records()) {
      const bool encoder = record.module.starts_with("encoder"), self = record.module.ends_with("self_attn");
      page.maps.push_back(nn::attention_map(record.module, record.weights, 0, encoder ? source : target,
                                            self && !encoder ? target : source));
      page.maps.back().step = step;
    }
  }
  return page;
}

nn::AttentionPage hostile_page() {
  const std::vector<std::string> tokens = test::hostile_tokens();
  const auto size = static_cast<std::int64_t>(tokens.size());
  Generator generator(1);
  test::Array weights = test::to_array(softmax(normal(generator, {2, size, size})));
  constexpr double infinity = std::numeric_limits<double>::infinity();
  weights.numbers[0] = std::numeric_limits<double>::quiet_NaN();
  weights.numbers[1] = infinity;
  weights.numbers[2] = -infinity;
  return {.title = "<b>Hostile</b>",
          .maps = {{.layer = "<i>layer</i>",
                    .queries = tokens,
                    .keys = tokens,
                    .weights = test::to_tensor(weights, DType::f32)}}};
}

nn::AttentionPage large_page() {
  Generator generator(1);
  std::vector<std::string> tokens;
  for (int i = 0; i < 64; ++i) tokens.push_back("token" + std::to_string(i));
  return {.title = "8 heads, 64 tokens",
          .maps = {{.layer = "layers.0.self_attn",
                    .queries = tokens,
                    .keys = tokens,
                    .weights = softmax(normal(generator, {8, 64, 64}, 0, 3), nn::causal_mask(64, 64))}}};
}

nlohmann::json numbers(const nn::AttentionPage& page) {
  nlohmann::json maps = nlohmann::json::array();
  for (const nn::AttentionMap& map : page.maps) {
    nlohmann::json weights = nlohmann::json::array();  // no number for NaN and infinity: their names
    for (const double w : test::to_array(map.weights).numbers)
      weights.push_back(std::isfinite(w) ? nlohmann::json(w) : nlohmann::json(std::to_string(w)));
    maps.push_back({{"layer", map.layer},
                    {"group", map.group},
                    {"step", map.step},
                    {"heads", map.weights.size(0)},
                    {"queries", map.queries},
                    {"keys", map.keys},
                    {"weights", weights}});
  }
  return {{"title", page.title}, {"maps", maps}};
}

void write(const std::string& name, const nn::AttentionPage& page) {
  const std::filesystem::path folder = "heed-pages";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / (name + ".html")) << nn::attention_page(page);
  std::ofstream(folder / (name + ".json"))
      << numbers(page).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace

TEST_CASE("writes pages for attention_page_browser.py", "[.][write-pages]") {
  write("transformer", transformer_page());
  write("hostile", hostile_page());
  write("large", large_page());
}
