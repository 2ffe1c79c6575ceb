// One align with every score: what each of the with_*.cpp makes, so that none takes long to compile.
#pragma once

#include <array>
#include <concepts>

#include "examples/attention_grid/any_attention.h"
#include "heed/nn/attention/align/local.h"
#include "heed/nn/attention/score/activated_general.h"
#include "heed/nn/attention/score/additive.h"
#include "heed/nn/attention/score/biased_general.h"
#include "heed/nn/attention/score/concat.h"
#include "heed/nn/attention/score/cosine.h"
#include "heed/nn/attention/score/distance.h"
#include "heed/nn/attention/score/dot.h"
#include "heed/nn/attention/score/elu_dot.h"
#include "heed/nn/attention/score/featurewise.h"
#include "heed/nn/attention/score/general.h"
#include "heed/nn/attention/score/location.h"
#include "heed/nn/attention/score/location_aware.h"
#include "heed/nn/attention/score/scaled_dot.h"
#include "heed/nn/attention/score/uniform.h"

namespace heed::examples {

using MakeAttention = std::unique_ptr<AnyAttention> (*)(const AttentionSizes& sizes, const nn::ParameterSource& source);

/// One for each of score_names(); nullptr where the two do not go together.
using ScoreTable = std::array<MakeAttention, 15>;

ScoreTable with_softmax();
ScoreTable with_sum();
ScoreTable with_gumbel();
ScoreTable with_hard();
ScoreTable with_local_m();
ScoreTable with_local_p();
ScoreTable with_diagonal();

template <class Score, class Align>
struct AttentionOf final : AnyAttention {
  AttentionOf(const AttentionSizes& sizes, const nn::ParameterSource& source)
      : attention(score_config(sizes), source, make_align(sizes, source)) {}

  nn::AttentionMemory project_keys(const nn::AttentionKeys& keys) const override {
    return attention.project_keys(keys);
  }
  nn::AttentionOutput forward(const Variable& query, const nn::AttentionMemory& memory,
                              const nn::AttentionCall& call) const override {
    return attention.forward(query, memory, call);
  }
  std::vector<Variable> parameters() const override { return nn::parameters(attention); }

  static typename Score::Config score_config(const AttentionSizes& sizes) {
    typename Score::Config c;
    if constexpr (requires { c.query; }) c.query = sizes.width;
    if constexpr (requires { c.key; }) c.key = sizes.width;
    if constexpr (requires { c.hidden; }) c.hidden = sizes.hidden;
    if constexpr (requires { c.features; }) c.features = sizes.value;
    if constexpr (requires { c.positions; }) c.positions = sizes.positions;
    if constexpr (requires { c.channels; }) c.channels = 4, c.width = 5;
    return c;
  }
  static Align make_align(const AttentionSizes& sizes, const nn::ParameterSource& source) {
    if constexpr (std::same_as<Align, nn::LocalPredictiveAlign>)
      return Align({.query = sizes.width, .hidden = sizes.hidden, .window = sizes.window}, source);
    else if constexpr (std::same_as<Align, nn::LocalMonotonicAlign>)
      return Align(sizes.window);
    else
      return Align();
  }

  nn::Attention<Score, Align> attention;
};

template <class Score, class Align>
constexpr MakeAttention make_pair_of() {
  if constexpr (nn::composes<Score, Align>)
    return [](const AttentionSizes& sizes, const nn::ParameterSource& source) -> std::unique_ptr<AnyAttention> {
      return std::make_unique<AttentionOf<Score, Align>>(sizes, source);
    };
  else
    return nullptr;
}

/// In the order of score_names().
template <class Align>
ScoreTable every_score_with() {
  return {make_pair_of<nn::DotScore, Align>(),
          make_pair_of<nn::ScaledDotScore, Align>(),
          make_pair_of<nn::GeneralScore, Align>(),
          make_pair_of<nn::BiasedGeneralScore, Align>(),
          make_pair_of<nn::ActivatedGeneralScore, Align>(),
          make_pair_of<nn::AdditiveScore, Align>(),
          make_pair_of<nn::ConcatScore, Align>(),
          make_pair_of<nn::CosineScore, Align>(),
          make_pair_of<nn::GaussianScore, Align>(),
          make_pair_of<nn::InverseDistanceScore, Align>(),
          make_pair_of<nn::EluDotScore, Align>(),
          make_pair_of<nn::LocationScore, Align>(),
          make_pair_of<nn::LocationAwareScore, Align>(),
          make_pair_of<nn::FeaturewiseScore, Align>(),
          make_pair_of<nn::UniformScore, Align>()};
}

}  // namespace heed::examples
