// One head of attention against plain loops, under every instruction set.
#include "heed/tensor/kernels/attention.h"

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "heed/tensor/kernels/philox.h"
#include "support/catch.h"
#include "support/every_target.h"
#include "support/rows.h"

using namespace heed::test;
namespace kernels = heed::kernels;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Case {
  std::string what;
  std::size_t queries, keys, width, value_width;
  std::ptrdiff_t causal_offset;
  bool mask = false, bias = false, dropout = false;
  bool by_columns = false;  // matrices lie column by column
};

// Everything a head reads, as rows that end where memory does.
template <class T>
struct Operands {
  explicit Operands(const Case& c)
      : given(c),
        query(random_row<T>(c.queries * c.width, -1, 1, 1)),
        key(random_row<T>(c.keys * c.width, -1, 1, 2)),
        value(random_row<T>(c.keys * c.value_width, -1, 1, 3)),
        bias(random_row<T>(c.queries * c.keys, -1, 1, 4)),
        dy(random_row<T>(c.queries * c.value_width, -1, 1, 5)),
        mask(c.queries * c.keys) {
    const auto flags = random_row<double>(c.queries * c.keys, 0, 1, 6);
    for (std::size_t i = 0; i < flags.size(); ++i) mask[i] = flags[i] < 0.7;
  }

  template <class E>
  kernels::StridedMatrix<E> matrix(EdgeRow<E>& x, std::size_t rows, std::size_t columns) const {
    const auto size = [](std::size_t n) { return static_cast<std::ptrdiff_t>(n); };
    return given.by_columns ? kernels::StridedMatrix<E>{x.data(), 1, size(rows)}
                            : kernels::StridedMatrix<E>{x.data(), size(columns), 1};
  }
  std::size_t place(std::size_t i, std::size_t j, std::size_t rows, std::size_t columns) const {
    return given.by_columns ? j * rows + i : i * columns + j;
  }

  kernels::AttentionHead<T> head() {
    const Case& c = given;
    kernels::AttentionHead<T> h{.queries = c.queries,
                                .keys = c.keys,
                                .width = c.width,
                                .value_width = c.value_width,
                                .query = matrix(query, c.queries, c.width),
                                .key = matrix(key, c.keys, c.width),
                                .value = matrix(value, c.keys, c.value_width),
                                .bias = {},
                                .mask = {},
                                .causal_offset = c.causal_offset,
                                .scale = T{0.5},
                                .dropout = {}};
    if (c.bias) h.bias = matrix(bias, c.queries, c.keys);
    if (c.mask) h.mask = matrix(mask, c.queries, c.keys);
    if (c.dropout)
      h.dropout = {.key = 5, .stream = 6, .position = 7, .least = std::uint64_t{1} << 51, .factor = T{4} / T{3}};
    return h;
  }

  Case given;
  EdgeRow<T> query, key, value, bias, dy;
  EdgeRow<bool> mask;
};

struct Plain {
  std::vector<double> y, query, key, value, scores;
};

// The same in double precision, with all scores.
template <class T>
Plain plain(Operands<T>& x) {
  const Case& c = x.given;
  const auto pair = [&](std::size_t t, std::size_t s) { return t * c.keys + s; };
  const auto number = [&](auto& row, std::size_t i, std::size_t j, std::size_t rows, std::size_t columns) {
    return static_cast<double>(row[x.place(i, j, rows, columns)]);
  };
  std::vector<double> weight(c.queries * c.keys), kept(weight.size(), 1), slope(weight.size());
  Plain result{std::vector<double>(c.queries * c.value_width),
               std::vector<double>(c.queries * c.width),
               std::vector<double>(c.keys * c.width),
               std::vector<double>(c.keys * c.value_width),
               {}};
  for (std::size_t t = 0; t < c.queries; ++t) {
    double total = 0, top = -infinity, mean = 0;
    for (std::size_t s = 0; s < c.keys; ++s) {
      double score = c.bias ? number(x.bias, t, s, c.queries, c.keys) : 0;
      for (std::size_t j = 0; j < c.width; ++j)
        score += 0.5 * number(x.query, t, j, c.queries, c.width) * number(x.key, s, j, c.keys, c.width);
      const bool seen = (!c.mask || x.mask[x.place(t, s, c.queries, c.keys)]) &&
                        static_cast<std::ptrdiff_t>(s) <= static_cast<std::ptrdiff_t>(t) + c.causal_offset;
      weight[pair(t, s)] = seen ? score : -infinity;
      top = std::max(top, weight[pair(t, s)]);
    }
    for (std::size_t s = 0; s < c.keys; ++s) {
      double& w = weight[pair(t, s)];
      total += w = w == -infinity ? 0 : std::exp(w - top);
    }
    for (std::size_t s = 0; s < c.keys; ++s) {
      double& w = weight[pair(t, s)];
      if (total > 0) w /= total;
      if (c.dropout) {
        std::uint64_t draw = 0;
        kernels::philox_draws(5, 6, 7 + pair(t, s), &draw, 1);
        kept[pair(t, s)] = draw >> 11 >= std::uint64_t{1} << 51 ? 4.0 / 3 : 0;
      }
      double gradient = 0;  // of the weight
      for (std::size_t j = 0; j < c.value_width; ++j) {
        const double v = number(x.value, s, j, c.keys, c.value_width),
                     dy = number(x.dy, t, j, c.queries, c.value_width);
        result.y[t * c.value_width + j] += w * kept[pair(t, s)] * v;
        result.value[s * c.value_width + j] += w * kept[pair(t, s)] * dy;
        gradient += dy * v * kept[pair(t, s)];
      }
      mean += w * gradient;
      slope[pair(t, s)] = gradient;
    }
    for (std::size_t s = 0; s < c.keys; ++s) {
      slope[pair(t, s)] = weight[pair(t, s)] * (slope[pair(t, s)] - mean);
      for (std::size_t j = 0; j < c.width; ++j) {
        result.query[t * c.width + j] += 0.5 * slope[pair(t, s)] * number(x.key, s, j, c.keys, c.width);
        result.key[s * c.width + j] += 0.5 * slope[pair(t, s)] * number(x.query, t, j, c.queries, c.width);
      }
    }
  }
  result.scores = slope;
  return result;
}

template <class T>
bool near(EdgeRow<T>& got, const std::vector<double>& wanted) {
  const double allowed = 200 * static_cast<double>(std::numeric_limits<T>::epsilon());
  bool all = got.intact() && got.size() == wanted.size();
  for (std::size_t i = 0; all && i < wanted.size(); ++i)
    all = std::abs(static_cast<double>(got[i]) - wanted[i]) <= allowed * (1 + std::abs(wanted[i]));
  return all;
}

std::vector<Case> cases() {
  const auto all = [](std::size_t keys) { return static_cast<std::ptrdiff_t>(keys); };
  return {{"one of each", 1, 1, 1, 1, all(1)},
          {"less than vectors", 3, 5, 2, 3, all(5)},
          {"whole vectors", 6, 32, 16, 16, all(32)},
          {"a vector and one", 13, 33, 17, 9, all(33)},
          {"two tiles of keys", 5, 257, 8, 20, all(257)},
          {"two blocks of queries", 49, 20, 5, 33, all(20)},
          {"causal", 100, 300, 7, 10, 200},
          {"causal, queries without keys", 100, 30, 7, 10, -70},
          {"no query has a key", 5, 3, 7, 10, -5},
          {"mask", 50, 260, 7, 10, all(260), true},
          {"bias", 50, 260, 7, 10, all(260), false, true},
          {"dropout", 50, 260, 7, 10, all(260), false, false, true},
          {"everything", 50, 300, 7, 10, 250, true, true, true},
          {"by columns", 50, 300, 7, 10, 250, true, true, true, true},
          {"one query", 1, 600, 32, 32, all(600)},
          {"no features", 3, 4, 0, 2, all(4)},
          {"empty values", 3, 4, 2, 0, all(4)}};
}

template <class T>
struct Found {
  explicit Found(const Case& c)
      : y(c.queries * c.value_width),
        query(c.queries * c.width),
        key(c.keys * c.width),
        value(c.keys * c.value_width),
        scores(std::vector<T>(c.queries * c.keys)),
        greatest(c.queries),
        inverse(c.queries) {}

  EdgeRow<T> y, query, key, value, scores, greatest, inverse;
};

template <class T>
kernels::AttentionRows<T> rows(EdgeRow<T>& x, std::size_t columns) {
  return {x.data(), static_cast<std::ptrdiff_t>(columns)};
}

// A workspace that ends where memory does, whose numbers before the first write are NaN.
template <class T>
std::unique_ptr<EdgeRow<T>> workspace(std::size_t size) {
  const std::size_t line = 64 / sizeof(T);
  return std::make_unique<EdgeRow<T>>(
      std::vector<T>((size + line - 1) / line * line, std::numeric_limits<T>::quiet_NaN()));
}

template <class T>
std::unique_ptr<Found<T>> compute(Operands<T>& x, std::size_t cut) {
  const Case& c = x.given;
  const auto& kernel = kernels::attention().of<T>();
  const kernels::AttentionHead<T> head = x.head();
  auto found = std::make_unique<Found<T>>(c);
  for (std::size_t begin = 0; begin < c.queries; begin += cut) {
    const std::size_t end = std::min(begin + cut, c.queries);
    const auto space = workspace<T>(kernel.forward_workspace(head, begin, end));
    kernel.forward(head, begin, end,
                   {found->y.data() + begin * c.value_width, static_cast<std::ptrdiff_t>(c.value_width)},
                   {found->greatest.data() + begin, found->inverse.data() + begin}, space->data());
  }
  const auto space = workspace<T>(kernel.backward_workspace(head));
  EdgeRow<T> y(c.queries * c.value_width);  // in the layout of the operands
  for (std::size_t t = 0; t < c.queries; ++t)
    for (std::size_t j = 0; j < c.value_width; ++j)
      y[x.place(t, j, c.queries, c.value_width)] = found->y[t * c.value_width + j];
  kernel.backward(head,
                  {.y = x.matrix(y, c.queries, c.value_width),
                   .dy = x.matrix(x.dy, c.queries, c.value_width),
                   .statistics = {found->greatest.data(), found->inverse.data()},
                   .query = rows(found->query, c.width),
                   .key = rows(found->key, c.width),
                   .value = rows(found->value, c.value_width),
                   .bias = rows(found->scores, c.keys),
                   .first = true},
                  0, c.keys, space->data());
  return found;
}

template <class T>
void check_cases() {
  for (const Case& c : cases()) {
    Operands<T> x(c);
    const Plain wanted = plain(x);
    std::unique_ptr<Found<T>> best;
    for_every_target([&](const std::string& target) {
      CAPTURE(c.what, target, sizeof(T));
      const auto found = compute<T>(x, c.queries);
      CHECK(near(found->y, wanted.y));
      CHECK(near(found->query, wanted.query));
      CHECK(near(found->key, wanted.key));
      CHECK(near(found->value, wanted.value));
      CHECK(near(found->scores, wanted.scores));
      const auto pieces = compute<T>(x, kernels::attention_queries);
      CHECK(same_bits(pieces->y.numbers(), found->y.numbers()));
      CHECK(same_bits(pieces->key.numbers(), found->key.numbers()));
      if (best == nullptr) best = compute<T>(x, c.queries);
      if (!fuses()) return;
      CHECK(same_bits(best->y.numbers(), found->y.numbers()));
      CHECK(same_bits(best->query.numbers(), found->query.numbers()));
      CHECK(same_bits(best->key.numbers(), found->key.numbers()));
      CHECK(same_bits(best->value.numbers(), found->value.numbers()));
    });
  }
}

}  // namespace

TEST_CASE("attention of one head equals plain loops, with the same bits everywhere", "[kernels][attention]") {
  check_cases<float>();
  check_cases<double>();
}
