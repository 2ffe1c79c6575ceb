// The rows of a tile of attention: masks, exponentials, dropout, and their gradients.
//
// Each kernel file includes this once per instruction set, after <hwy/foreach_target.h>; hence no include guard.
#include "heed/tensor/kernels/attention_tile-inl.h"
#include "heed/tensor/kernels/math-inl.h"
#include "heed/tensor/kernels/philox.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {

template <class T>
inline constexpr T unseen = -std::numeric_limits<T>::infinity();

/// scores += bias, then -inf where the mask is false: query t, n keys from `key` on.
template <class T>
void apply_bias_and_mask(const AttentionHead<T>& head, std::size_t t, std::size_t key, std::size_t n, T* scores) {
  const ScalableTag<T> d;
  if (head.bias.data != nullptr) {
    T buffer[attention_keys];
    const T* bias = row_of(head.bias, t, key, n, buffer);
    for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
      part.store(Add(part.load(d, scores + i), part.load(d, bias + i)), d, scores + i);
    });
  }
  if (head.mask.data != nullptr) {
    bool buffer[attention_keys];
    const bool* mask = row_of(head.mask, t, key, n, buffer);
    for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
      part.store(IfThenElse(flags(part, d, mask + i), part.load(d, scores + i), Set(d, unseen<T>)), d, scores + i);
    });
  }
}

/// The greatest of n numbers, -inf for none. Where one is NaN it is NaN or another of them.
template <class T>
HWY_INLINE T greatest_of(const T* x, std::size_t n) {
  const ScalableTag<T> d;
  constexpr std::size_t lanes = lanes_of<T>;
  const auto lowest = Set(d, unseen<T>);
  Vec<ScalableTag<T>> top[4] = {lowest, lowest, lowest, lowest};
  std::size_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes)
    HWY_UNROLL(4) for (std::size_t j = 0; j < 4; ++j) top[j] = Max(top[j], LoadU(d, x + i + j * lanes));
  for (; i + lanes <= n; i += lanes) top[0] = Max(top[0], LoadU(d, x + i));
  if (i < n) top[1] = Max(top[1], IfThenElse(FirstN(d, n - i), First{n - i}.load(d, x + i), lowest));
  return join_lanes<Greatest<T>, 4>(d, top);
}

/// Σ term(i, part) for the n numbers of a tile's row, in 64 bytes of lanes whatever the vectors' width: term i is added
/// to lane i % lanes, and then the lanes are joined by halves. Fewer lanes than sum_row has leave registers to the
/// term.
template <class D, class Term>
HWY_INLINE TFromD<D> sum_of_lanes(D d, std::size_t n, const Term& term) {
  using T = TFromD<D>;
  constexpr std::size_t lanes = MaxLanes(D()), count = 64 / sizeof(T) / lanes;
  Vec<D> sums[count];
  HWY_UNROLL(16) for (std::size_t j = 0; j < count; ++j) sums[j] = Zero(d);
  std::size_t i = 0;
  for (; i + count * lanes <= n; i += count * lanes)
    HWY_UNROLL(16) for (std::size_t j = 0; j < count; ++j) sums[j] = Add(sums[j], term(i + j * lanes, Whole{}));
  for (std::size_t j = 0; i < n; ++j, i += lanes) {
    const First part{n - i};
    sums[j] = Add(sums[j], inside<Plus<T>>(d, term(i, part), part));
  }
  return join_lanes<Plus<T>, count>(d, sums);
}

/// Scores of one query become exp(score - greatest), where `greatest` is that of all tiles so far, and their sum is
/// added to `total`. Returns by what the sums of the tiles before are to be multiplied. A NaN, and inf - inf, make the
/// total NaN.
template <class T>
T exponentials(T* scores, std::size_t n, T& greatest, T& total) {
  const ScalableTag<T> d;
  T top = greatest_of(scores, n);
  if (top == unseen<T> && std::any_of(scores, scores + n, [](T x) { return x != x; }))
    top = std::numeric_limits<T>::quiet_NaN();
  if (top != top) top = std::numeric_limits<T>::infinity();  // then every number but NaN and inf becomes 0
  top = std::max(top, greatest);
  if (top == unseen<T>) {
    std::fill_n(scores, n, T{0});
    return 1;
  }
  const T sum = sum_of_lanes(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto power = exp_of_negative(d, Sub(part.load(d, scores + i), Set(d, top)));
    part.store(power, d, scores + i);
    return power;
  });
  const T before = greatest == top ? T{1} : GetLane(exp_of_negative(d, Set(d, greatest - top)));
  total = total * before + sum;
  greatest = top;
  return before;
}

/// Which weights dropout leaves: query t, n keys from `key` on.
template <class T>
void draw_kept(const AttentionHead<T>& head, std::size_t t, std::size_t key, std::size_t n, bool* kept) {
  std::uint64_t draws[attention_keys];
  const AttentionDropout<T>& dropout = head.dropout;
  philox_draws(dropout.key, dropout.stream, dropout.position + t * head.keys + key, draws, n);
  for (std::size_t i = 0; i < n; ++i) kept[i] = draws[i] >> 11 >= dropout.least;
}

template <class T>
void drop(const bool* kept, T factor, T* x, std::size_t n) {
  const ScalableTag<T> d;
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    part.store(IfThenElseZero(flags(part, d, kept + i), Mul(part.load(d, x + i), Set(d, factor))), d, x + i);
  });
}

/// From scores and the gradients of the (undropped) weights w to w = exp(score - greatest)·inverse and the gradients of
/// the scores w·(dw - mean), where mean = Σ w·dw. Both are 0 for a score of -inf, whatever dw is. `gradients` may be
/// null.
template <class T>
void weights_and_gradients(T* scores, T* gradients, std::size_t n, T greatest, T inverse, T mean) {
  const ScalableTag<T> d;
  if (inverse != inverse) {  // something that the query sees is NaN
    for (std::size_t i = 0; i < n; ++i) {
      scores[i] = scores[i] == unseen<T> ? T{0} : inverse;
      if (gradients != nullptr) gradients[i] = scores[i];
    }
    return;
  }
  const auto weight = [&](std::size_t i, auto part) HWY_ATTR {
    const auto power = exp_of_negative(d, Sub(part.load(d, scores + i), Set(d, greatest)));
    const auto w = Mul(power, Set(d, inverse));
    part.store(w, d, scores + i);
    return w;
  };
  if (gradients == nullptr) return for_row(d, n, weight);
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto w = weight(i, part);
    const auto gradient = Mul(w, Sub(part.load(d, gradients + i), Set(d, mean)));
    part.store(IfThenZeroElse(Eq(w, Zero(d)), gradient), d, gradients + i);
  });
}

template <class T>
void scale_row(T factor, T* x, std::size_t n) {
  const ScalableTag<T> d;
  for_row(d, n,
          [&](std::size_t i, auto part) HWY_ATTR { part.store(Mul(part.load(d, x + i), Set(d, factor)), d, x + i); });
}

/// Which pairs of query t are seen, from scores that know bias and mask.
template <class T>
void note_seen(const T* scores, std::size_t seen, std::size_t keys, bool* pairs) {
  for (std::size_t s = 0; s < keys; ++s) pairs[s] = s < seen && scores[s] != unseen<T>;
}

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
