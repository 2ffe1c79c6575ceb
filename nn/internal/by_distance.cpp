#include "heed/nn/internal/by_distance.h"

#include <algorithm>
#include <vector>

#include "heed/autograd/record.h"
#include "heed/tensor/create.h"
#include "heed/tensor/internal/parallel.h"

namespace heed::nn {
namespace {

constexpr std::string_view op = "relative positions";

// Calls row(x, y, d) for every query: where its numbers begin, and the distance of its first key.
template <class T, class Row>
Tensor each_query(const Tensor& given, const ClippedDistances& distances, std::int64_t width, const Row& row) {
  const Tensor x = given.contiguous();
  Tensor y = empty({x.size(0), x.size(1), x.size(2), width}, x.dtype(), op);
  const std::int64_t queries = x.size(2), from_width = x.size(3);
  const T* from = x.data<T>();
  T* to = y.mutable_data<T>();
  parallel_chunks(x.size(0) * x.size(1) * queries, 1 + 8192 / (distances.keys + 1),
                  [&](std::int64_t i, std::int64_t end) {
                    for (; i < end; ++i) row(from + i * from_width, to + i * width, -distances.first - i % queries);
                  });
  return y;
}

Tensor spread(const Tensor& x, const ClippedDistances& distances) {
  const auto [clip, first, keys] = distances;
  return dispatch_float(op, x.dtype(), [&]<class T> {
    return each_query<T>(x, distances, keys, [&](const T* from, T* to, std::int64_t distance) {
      for (std::int64_t s = 0; s < keys; ++s) to[s] = from[std::clamp(distance + s, -clip, clip) + clip];
    });
  });
}

Tensor total(const Tensor& x, const ClippedDistances& distances) {
  const auto [clip, first, keys] = distances;
  return dispatch_float(op, x.dtype(), [&]<class T> {
    return each_query<T>(x, distances, 2 * clip + 1, [&](const T* from, T* to, std::int64_t distance) {
      std::vector<double> sums(to_size(2 * clip + 1));
      for (std::int64_t s = 0; s < keys; ++s)
        sums[to_size(std::clamp(distance + s, -clip, clip) + clip)] += static_cast<double>(from[s]);
      std::transform(sums.begin(), sums.end(), to, [](double sum) { return static_cast<T>(sum); });
    });
  });
}

Variable spread(const Variable& x, const ClippedDistances& distances) { return spread_by_distance(x, distances); }
Variable total(const Variable& x, const ClippedDistances& distances) { return sum_by_distance(x, distances); }

struct Spread final : Rule<Spread> {
  static constexpr std::string_view op = nn::op;
  explicit Spread(const ClippedDistances& all) : distances(all) {}
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {total(dy, distances)};
  }
  ClippedDistances distances;
};

struct Total final : Rule<Total> {
  static constexpr std::string_view op = nn::op;
  explicit Total(const ClippedDistances& all) : distances(all) {}
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {spread(dy, distances)};
  }
  ClippedDistances distances;
};

}  // namespace

Variable spread_by_distance(const Variable& x, const ClippedDistances& distances) {
  return record<Spread>(spread(x.value(), distances), {x}, [](Spread&) {}, distances);
}

Variable sum_by_distance(const Variable& x, const ClippedDistances& distances) {
  return record<Total>(total(x.value(), distances), {x}, [](Total&) {}, distances);
}

}  // namespace heed::nn
