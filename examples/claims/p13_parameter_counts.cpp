// P-13: "attention has fewer parameters than convolutional and recurrent networks": counted, at one width. It has fewer
// than the gated ones, more than an Elman network or a plain convolution, and a whole Transformer layer has the most.
#include <fmt/format.h>

#include <cmath>
#include <functional>

#include "examples/claims/all_claims.h"
#include "heed/nn/attention/multi_head.h"
#include "heed/nn/conv1d.h"
#include "heed/nn/rnn/gru.h"
#include "heed/nn/rnn/lstm.h"
#include "heed/nn/rnn/rnn.h"
#include "heed/nn/transformer/encoder_layer.h"

namespace heed::examples {
namespace {

// What the modules themselves hold, from and to D = width numbers a position.
template <class Module>
double held(const typename Module::Config& config) {
  return static_cast<double>(nn::parameter_count(Module(config, nn::ParameterSource::zeros())));
}

double elman(std::int64_t width) { return held<nn::RnnCell>({.input = width, .hidden = width}); }
double gru(std::int64_t width) { return held<nn::GruCell>({.input = width, .hidden = width}); }
double lstm(std::int64_t width) { return held<nn::LstmCell>({.input = width, .hidden = width}); }
double convolution(std::int64_t width) { return held<nn::Conv1d>({.in = width, .out = width, .kernel = 3}); }
// glu() halves the channels, so the convolution makes twice as many.
double gated_convolution(std::int64_t width) { return held<nn::Conv1d>({.in = width, .out = 2 * width, .kernel = 3}); }
double attention(std::int64_t width) { return held<nn::MultiHeadAttention>({.embed = width, .heads = 4}); }
double encoder_layer(std::int64_t width) {
  return held<nn::TransformerEncoderLayer>({.embed = width, .heads = 4, .feedforward = 4 * width});
}

struct Row {
  const char* name;
  double (*count)(std::int64_t width);
  double expected;  // at width 64, by hand
  bool drawn;       // in the picture, which has five colours
};

// Whether `row` has fewer (or more) parameters than attention at every width of the picture.
template <class Compare>
bool always(const Row& row, Compare compare) {
  for (std::int64_t width = 8; width <= 512; width *= 2)
    if (!compare(row.count(width), attention(width))) return false;
  return true;
}

nn::Series line(const Row& row) {
  nn::Series series{row.name, {}};
  for (std::int64_t width = 8; width <= 512; width *= 2) {
    const auto d = static_cast<double>(width);
    series.points.push_back({std::log2(d), row.count(width) / (d * d)});
  }
  return series;
}

ClaimResult run(const ClaimSettings&) {
  constexpr std::int64_t width = 64;
  // D² once for each matrix, D once for each bias: 2·D² + 2·D of an Elman network (PyTorch's has two biases), 3·D² + D
  // of three taps, 4·D² + 4·D of attention, three and four times the Elman network's of GRU and LSTM; the layer's two
  // linear ones have 8·D² + 5·D and its two norms 4·D.
  const std::vector<Row> rows{{"Elman network", elman, 8320, true},
                              {"convolution of 3 taps", convolution, 12352, true},
                              {"attention", attention, 16640, true},
                              {"convolution of 3 taps with a gate", gated_convolution, 24704, false},
                              {"GRU", gru, 24960, true},
                              {"LSTM", lstm, 33280, false},
                              {"Transformer encoder layer", encoder_layer, 49984, true}};
  ClaimResult result;
  nn::LineChart chart{
      .title = "Parameters over the square of the width", .x_title = "log2 of the width D", .y_title = "parameters/D²"};
  double fewer = 0, more = 0;
  for (const Row& row : rows) {
    const double count = row.count(width);
    result.criteria.push_back(exactly(fmt::format("parameters at width {}: {}", width, row.name), count, row.expected));
    result.notes.push_back(
        fmt::format("{:33} {:6} parameters, {:.2f} of attention's", row.name, count, count / attention(width)));
    if (row.drawn) chart.series.push_back(line(row));
    fewer += always(row, std::less<>());
    more += always(row, std::greater<>());
  }
  result.criteria.push_back(exactly("of these, fewer than attention at every width from 8 to 512", fewer, 2));
  result.criteria.push_back(exactly("of these, more than attention at every width from 8 to 512", more, 4));
  result.chart = std::move(chart);
  return result;
}

}  // namespace

Claim parameter_counts() {
  return {"P-13", "Attention has fewer parameters than gated networks, and more than plain ones",
          "textbooks: \"fewer parameters than CNN and RNN\"", run};
}

}  // namespace heed::examples
