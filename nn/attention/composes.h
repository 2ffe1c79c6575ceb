// Which scores and aligns go together.
#pragma once

namespace heed::nn {

/// Score::weighs_features: scores [B, T, S, D], a number for each feature of the values.
template <class Score>
concept WeighsFeatures = requires { requires Score::weighs_features; };

/// Score::scores_alike: every key has the same score.
template <class Score>
concept ScoresAlike = requires { requires Score::scores_alike; };

/// Score::never_positive: no score is above 0.
template <class Score>
concept NeverPositive = requires { requires Score::never_positive; };

/// Align::chooses_key: all weight is on one key of each query.
template <class Align>
concept ChoosesKey = requires { requires Align::chooses_key; };

/// Align::ignores_scores: the weights depend on positions only.
template <class Align>
concept IgnoresScores = requires { requires Align::ignores_scores; };

/// Align::divides_by_sum: weights are scores over their sum.
template <class Align>
concept DividesBySum = requires { requires Align::divides_by_sum; };

template <class Score, class Align>
inline constexpr bool weighs_features_but_align_chooses = WeighsFeatures<Score> && ChoosesKey<Align>;

template <class Score, class Align>
inline constexpr bool scores_but_align_ignores = IgnoresScores<Align> && !ScoresAlike<Score>;

template <class Score, class Align>
inline constexpr bool never_positive_but_align_divides = DividesBySum<Align> && NeverPositive<Score>;

/// Whether Attention<Score, Align> can be made.
template <class Score, class Align>
inline constexpr bool composes =
    !weighs_features_but_align_chooses<Score, Align> && !scores_but_align_ignores<Score, Align> &&
    !never_positive_but_align_divides<Score, Align>;

}  // namespace heed::nn
