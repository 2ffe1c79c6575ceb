// An LSTM that forecasts a series of numbers, step by step: it reads the last value and the one that stood, a season
// ago, where the next one will stand.
#pragma once

#include <cstdint>
#include <vector>

#include "heed/nn/buffer.h"
#include "heed/nn/linear.h"
#include "heed/nn/rnn/lstm.h"

namespace heed::models {

struct ForecasterConfig {
  std::int64_t season = 1;  ///< m: steps after which the series resembles itself; 1: none
  std::int64_t hidden = 32, layers = 1;
  DType dtype = DType::f32;
};

/// With z = (x - mean) / scale:  h_t = LSTM([z_t; z_{t+1-m}], h_{t-1}),  ẑ_{t+1} = z_t + w·h_t + b.
/// The weights w and b start at 0: before it has learned anything, the forecast is the last value.
class Forecaster {
 public:
  using Config = ForecasterConfig;
  using State = nn::LstmCell::State;

  struct Output {
    Variable forecasts;  ///< [B, T] of the value after each
    State final_state;
  };

  /// ShapeError unless season, hidden and layers are positive.
  Forecaster(const Config& config, const nn::ParameterSource& source);

  /// Takes mean and scale from these values, which are kept with the model: of the part of a series it learns from.
  /// ShapeError without values, Error when they are too large for a scale; a series without any spread has scale 1.
  void fit_scale(const std::vector<double>& values);
  double mean() const { return mean_.item(); }
  double scale() const { return scale_.item(); }

  /// z for x, and back.
  double standardised(double x) const { return (x - mean()) / scale(); }
  double original(double z) const { return z * scale() + mean(); }

  /// Standardised forecasts [B, T] of standardised series z [B, m - 1 + T], of the model's dtype; T >= 1.
  Output forward(const Tensor& z, const State& state = {}) const;

  /// The next `steps` values after `series`, each computed from the ones before. ShapeError unless there are m values
  /// or more.
  std::vector<double> forecast(const std::vector<double>& series, std::int64_t steps) const;

  /// `horizon` values at once for series[begin..], then the next ones from all that is known there, and so on to the
  /// end; the last block may be shorter. Errors as one_step_forecasts'; ShapeError unless horizon is positive.
  std::vector<double> block_forecasts(const std::vector<double>& series, std::int64_t begin,
                                      std::int64_t horizon) const;

  /// One forecast for each value of series[begin..], computed from all values before it; 0 < begin, and m <= begin.
  std::vector<double> one_step_forecasts(const std::vector<double>& series, std::int64_t begin) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("rnn", self.rnn_);
    visitor("output", self.output_);
    visitor("mean", self.mean_);
    visitor("scale", self.scale_);
  }

  const Config& config() const { return config_; }

 private:
  Tensor standardised(const std::vector<double>& values) const;  // [1, n]
  void go_on(std::vector<double>& values, Output read, std::int64_t steps) const;

  nn::Lstm rnn_;
  nn::Linear output_;
  nn::Buffer mean_, scale_;  // f64, 0-d
  Config config_;
};

}  // namespace heed::models
