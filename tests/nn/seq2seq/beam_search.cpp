// Beam search against brute force over all sequences of a small random decoder, and its rules one by one.
#include "heed/nn/seq2seq/beam_search.h"

#include <cmath>
#include <map>
#include <span>

#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/softmax.h"
#include "heed/tensor/random/random.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using nn::BeamSearchConfig;
using nn::Hypothesis;

namespace {

using Ids = std::vector<std::int64_t>;
constexpr std::int64_t vocabulary = 5, begin = 1, end = 2;

// A decoder whose next token depends on everything so far: its state is the prefix, one per row. The probabilities of a
// prefix of sequence b are drawn from a generator seeded by both.
class PrefixDecoder {
 public:
  explicit PrefixDecoder(std::int64_t batch) {
    for (std::int64_t b = 0; b < batch; ++b) rows_.push_back({b});
  }

  static std::vector<double> next(const Ids& prefix) {
    std::uint64_t seed = 17;
    for (std::int64_t id : prefix) seed = seed * 31 + static_cast<std::uint64_t>(id) + 1;
    Generator generator(seed);
    const Tensor row = log_softmax(normal(generator, {vocabulary}, 0, 2, DType::f64));
    return {row.data<double>(), row.data<double>() + vocabulary};
  }

  nn::Decoder decoder() {
    return {.step =
                [this](const Tensor& tokens) {
                  std::vector<double> table, weights;
                  for (std::size_t row = 0; row < rows_.size(); ++row) {
                    rows_[row].push_back(tokens.data<std::int64_t>()[row]);
                    const std::vector<double> scores = next(rows_[row]);
                    table.insert(table.end(), scores.begin(), scores.end());
                    weights.push_back(static_cast<double>(rows_[row].back()));  // what was read …
                    weights.push_back(static_cast<double>(rows_[row].size()));  // … and how much so far
                  }
                  const auto n = static_cast<std::int64_t>(rows_.size());
                  return nn::DecoderStep{tensor(std::span<const double>(table), {n, vocabulary}),
                                         tensor(std::span<const double>(weights), {n, 2})};
                },
            .reorder =
                [this](const Tensor& rows) {
                  std::vector<Ids> kept;
                  for (std::int64_t i = 0; i < rows.numel(); ++i)
                    kept.push_back(rows_[static_cast<std::size_t>(rows.data<std::int64_t>()[i])]);
                  rows_ = std::move(kept);
                }};
  }

 private:
  std::vector<Ids> rows_;
};

// Every sequence that ends within `limit` tokens, by its score.
void enumerate(const Ids& prefix, double so_far, std::int64_t length, std::int64_t limit, double penalty,
               Hypothesis& best, double& best_score) {
  const std::vector<double> scores = PrefixDecoder::next(prefix);
  const double ended = so_far + scores[end];
  const double score = ended / std::pow(static_cast<double>(length + 1), penalty);
  if (score > best_score) {
    best_score = score;
    best = {Ids(prefix.begin() + 2, prefix.end()), ended, true, {}};
  }
  if (length + 1 == limit) return;
  for (std::int64_t token = 0; token < vocabulary; ++token) {
    if (token == end) continue;
    Ids longer = prefix;
    longer.push_back(token);
    enumerate(longer, so_far + scores[static_cast<std::size_t>(token)], length + 1, limit, penalty, best, best_score);
  }
}

// Beam search as its description says, for one sequence and without an early end: always max_length steps.
Hypothesis slow_search(std::int64_t b, const BeamSearchConfig& config) {
  struct Running {
    Ids prefix;
    double log_probability;
  };
  std::vector<Running> beam{{{b, begin}, 0}};
  Hypothesis best;
  double best_score = -INFINITY;
  for (std::int64_t length = 1; length <= config.max_length; ++length) {
    std::vector<Running> all;
    for (const Running& running : beam) {
      const std::vector<double> scores = PrefixDecoder::next(running.prefix);
      for (std::int64_t token = 0; token < vocabulary; ++token) {
        all.push_back({running.prefix, running.log_probability + scores[static_cast<std::size_t>(token)]});
        all.back().prefix.push_back(token);
      }
    }
    std::sort(all.begin(), all.end(),
              [](const Running& x, const Running& y) { return x.log_probability > y.log_probability; });
    beam.clear();
    for (const Running& next : all) {
      if (static_cast<std::int64_t>(beam.size()) == config.beam) break;
      if (next.prefix.back() != end) {
        beam.push_back(next);
        continue;
      }
      const double score = next.log_probability / std::pow(static_cast<double>(length), config.length_penalty);
      if (score <= best_score) continue;
      best_score = score;
      best = {Ids(next.prefix.begin() + 2, next.prefix.end() - 1), next.log_probability, true, {}};
    }
  }
  if (!best.ended) best = {Ids(beam[0].prefix.begin() + 2, beam[0].prefix.end()), beam[0].log_probability, false, {}};
  return best;
}

// A decoder without memory: the log-probabilities after each token, and how often it was asked.
struct TableDecoder {
  std::vector<std::vector<double>> after;  // by the token read
  int steps = 0;

  nn::Decoder decoder() {
    return {.step =
                [this](const Tensor& tokens) {
                  ++steps;
                  std::vector<double> table;
                  for (std::int64_t i = 0; i < tokens.numel(); ++i) {
                    const auto& row = after[static_cast<std::size_t>(tokens.data<std::int64_t>()[i])];
                    table.insert(table.end(), row.begin(), row.end());
                  }
                  const auto width = static_cast<std::int64_t>(after[0].size());
                  return nn::DecoderStep{tensor(std::span<const double>(table), {tokens.numel(), width}), {}};
                },
            .reorder = [](const Tensor&) {}};
  }
};

std::vector<Hypothesis> search(std::int64_t batch, const BeamSearchConfig& config) {
  PrefixDecoder decoder(batch);
  return nn::beam_search(decoder.decoder(), batch, config);
}

}  // namespace

TEST_CASE("a beam as wide as the tree finds the best sequence", "[beam_search]") {
  for (double penalty : {-1.5, -0.5, 0.0, 0.6, 1.0, 3.0}) {
    const std::vector<Hypothesis> found = search(6, {.beam = 400, .max_length = 4, .length_penalty = penalty});
    REQUIRE(found.size() == 6);
    for (std::int64_t b = 0; b < 6; ++b) {
      CAPTURE(b, penalty);
      Hypothesis best;
      double score = -INFINITY;
      enumerate({b, begin}, 0, 0, 4, penalty, best, score);
      CHECK(found[static_cast<std::size_t>(b)].tokens == best.tokens);
      CHECK(found[static_cast<std::size_t>(b)].log_probability == Approx(best.log_probability).epsilon(1e-12));
      CHECK(found[static_cast<std::size_t>(b)].ended);
    }
  }
}

TEST_CASE("an early end changes no result, whatever the length penalty", "[beam_search]") {
  for (const double penalty : {-2.0, -0.3, 0.0, 0.5, 1.0, 2.0})
    for (const std::int64_t beam : {2, 3, 5}) {
      const BeamSearchConfig config{.beam = beam, .max_length = 8, .length_penalty = penalty};
      const std::vector<Hypothesis> found = search(12, config);
      for (std::int64_t b = 0; b < 12; ++b) {
        CAPTURE(penalty, beam, b);
        const Hypothesis expected = slow_search(b, config);
        CHECK(found[static_cast<std::size_t>(b)].tokens == expected.tokens);
        CHECK(found[static_cast<std::size_t>(b)].ended == expected.ended);
        CHECK(found[static_cast<std::size_t>(b)].log_probability == Approx(expected.log_probability).epsilon(1e-12));
      }
    }
}

TEST_CASE("a better hypothesis that still runs is waited for", "[beam_search]") {
  const double never = -INFINITY;
  // Tokens 0, begin 1, end 2, 3, 4. The end has p = 0.4 at once, 0.1 after 3, 1 after 4: beam 2 has two ended
  // hypotheses after two tokens, p = 0.4 and 0.06, and one of 0.54 that runs.
  TableDecoder decoder{{{never, never, 0, never, never},
                        {never, never, std::log(0.4), std::log(0.6), never},
                        {never, never, 0, never, never},
                        {never, never, std::log(0.1), never, std::log(0.9)},
                        {never, never, 0, never, never}}};
  const Hypothesis found =
      nn::beam_search(decoder.decoder(), 1, {.beam = 2, .max_length = 9, .length_penalty = 0}).at(0);
  CHECK(found.tokens == Ids{3, 4});
  CHECK(found.log_probability == Approx(std::log(0.54)));
  CHECK(decoder.steps == 3);
}

TEST_CASE("-1.2 over four tokens beats -1 over two, the end token counted (T6)", "[beam_search]") {
  // From the begin token: 3 then the end, -0.5 each; or 4, 0, 5 and the end, -0.3 each. Nothing else is possible.
  const double never = -INFINITY;
  TableDecoder decoder{{{never, never, never, never, never, -0.3},
                        {never, never, never, -0.5, -0.3, never},
                        {never, never, never, never, never, never},
                        {never, never, -0.5, never, never, never},
                        {-0.3, never, never, never, never, never},
                        {never, never, -0.3, never, never, never}}};
  const auto best = [&](double penalty) {
    return nn::beam_search(decoder.decoder(), 1, {.beam = 2, .max_length = 20, .length_penalty = penalty}).at(0);
  };
  CHECK(best(1).tokens == Ids{4, 0, 5});
  CHECK(best(1).log_probability == Approx(-1.2));
  CHECK(best(0).tokens == Ids{3});
  CHECK(best(0).log_probability == Approx(-1));
  CHECK(best(-1).tokens == Ids{3});
}

TEST_CASE("the search ends when nothing that runs can win", "[beam_search]") {
  const double never = -INFINITY;
  const auto steps = [&](double end_now, double go_on, double penalty) {
    TableDecoder decoder{{3, {go_on, never, end_now}}};
    (void)nn::beam_search(decoder.decoder(), 1, {.beam = 2, .max_length = 100, .length_penalty = penalty});
    return decoder.steps;
  };
  CHECK(steps(-0.5, -1, 0) == 1);   // what runs has less already
  CHECK(steps(-0.5, -1, -1) == 1);  // and falls behind with every token
  CHECK(steps(-1, -1, 0) == 1);     // an equal one would come later
  CHECK(steps(-1, -0.5, 0) == 2);   // -1 has ended, then -1 runs
  CHECK(steps(-0.5, -1, 1) == 50);  // n tokens have -n, and could reach -n / 100 at best
}

TEST_CASE("a beam of one is greedy", "[beam_search]") {
  const std::vector<Hypothesis> found = search(8, {.beam = 1, .max_length = 12});
  for (std::int64_t b = 0; b < 8; ++b) {
    Ids prefix{b, begin};
    double total = 0;
    bool ended = false;
    while (!ended && prefix.size() < 14) {
      const std::vector<double> scores = PrefixDecoder::next(prefix);
      const auto best = std::max_element(scores.begin(), scores.end());
      total += *best;
      ended = best - scores.begin() == end;
      if (!ended) prefix.push_back(best - scores.begin());
    }
    CAPTURE(b);
    CHECK(found[static_cast<std::size_t>(b)].tokens == Ids(prefix.begin() + 2, prefix.end()));
    CHECK(found[static_cast<std::size_t>(b)].ended == ended);
    CHECK(found[static_cast<std::size_t>(b)].log_probability == Approx(total).epsilon(1e-12));
  }
}

TEST_CASE("a wider beam does not find worse sequences than greedy here, and each sequence is searched by itself",
          "[beam_search]") {
  const BeamSearchConfig wide{.beam = 3, .max_length = 6, .length_penalty = 0};
  const std::vector<Hypothesis> together = search(10, wide);
  double narrow_total = 0, wide_total = 0;
  const std::vector<Hypothesis> greedy = search(10, {.beam = 1, .max_length = 6, .length_penalty = 0});
  for (std::size_t b = 0; b < 10; ++b) {
    if (greedy[b].ended && together[b].ended) {
      narrow_total += greedy[b].log_probability;
      wide_total += together[b].log_probability;
    }
    // Sequence b as the last of a batch of b + 1 gives what it gives among ten.
    const std::vector<Hypothesis> fewer = search(static_cast<std::int64_t>(b) + 1, wide);
    CHECK(fewer[b].tokens == together[b].tokens);
  }
  CHECK(wide_total >= narrow_total);
}

TEST_CASE("a hypothesis' weights are those of its own steps", "[beam_search]") {
  for (std::int64_t beam : {1, 3}) {
    for (const Hypothesis& found : search(6, {.beam = beam, .max_length = 7})) {
      REQUIRE(found.weights.size() == found.tokens.size() + (found.ended ? 1 : 0));
      for (std::size_t i = 0; i < found.weights.size(); ++i) {
        CHECK(found.weights[i][0] == static_cast<float>(i == 0 ? begin : found.tokens[i - 1]));
        CHECK(found.weights[i][1] == static_cast<float>(i + 2));
      }
    }
  }
}

TEST_CASE("a sequence that does not end is cut", "[beam_search]") {
  const nn::Decoder endless{.step =
                                [](const Tensor& tokens) {
                                  Tensor table = full({tokens.numel(), 4}, -1e9, DType::f32);
                                  for (std::int64_t i = 0; i < tokens.numel(); ++i)
                                    table.mutable_data<float>()[4 * i + 3] = -0.5f;
                                  return nn::DecoderStep{table, {}};
                                },
                            .reorder = [](const Tensor&) {}};
  const std::vector<Hypothesis> found = nn::beam_search(endless, 2, {.beam = 1, .max_length = 5});
  REQUIRE(found.size() == 2);
  CHECK(found[1].tokens == Ids{3, 3, 3, 3, 3});
  CHECK_FALSE(found[1].ended);
  CHECK(found[1].log_probability == Approx(-2.5));
  CHECK(found[1].weights.empty());
}

TEST_CASE("equal scores are decided for the smaller token", "[beam_search]") {
  const nn::Decoder level{.step = [](const Tensor& tokens) { return nn::DecoderStep{zeros({tokens.numel(), 4}), {}}; },
                          .reorder = [](const Tensor&) {}};
  CHECK(nn::beam_search(level, 1, {.beam = 1, .max_length = 3})[0].tokens == Ids{0, 0, 0});
}

TEST_CASE("equal scores are decided for the earlier parent, then for the first row", "[beam_search]") {
  const double never = -INFINITY;
  // 0, 3 and 3, 0 are equally probable, and neither ends.
  TableDecoder decoder{
      {{never, never, never, -1}, {-1, never, never, -1}, {never, never, never, never}, {-1, never, never, never}}};
  CHECK(nn::beam_search(decoder.decoder(), 1, {.beam = 2, .max_length = 2}).at(0).tokens == Ids{0, 3});
  // Equal scores at different times: the earlier end.
  TableDecoder ends{{{never, never, 0}, {0, never, 0}, {never, never, never}}};
  CHECK(nn::beam_search(ends.decoder(), 1, {.beam = 2, .max_length = 4}).at(0).tokens.empty());
}

TEST_CASE("what a decoder gives is checked before it is read", "[beam_search]") {
  using Step = nn::DecoderStep;
  const auto message = [](const std::function<Step(std::int64_t rows, int call)>& give) {
    int call = 0;
    const nn::Decoder decoder{.step = [&](const Tensor& tokens) { return give(tokens.numel(), ++call); },
                              .reorder = [](const Tensor&) {}};
    try {
      nn::beam_search(decoder, 4, {.beam = 2, .max_length = 3});
    } catch (const ShapeError& error) {
      return std::string("ShapeError ") + error.what();
    } catch (const DTypeError& error) {
      return std::string("DTypeError ") + error.what();
    } catch (const Error& error) {
      return std::string("Error ") + error.what();
    }
    return std::string();
  };
  const std::string gave = "beam_search: decoder.step gave ";
  const auto table = [](const Shape& shape, DType dtype = DType::f32) { return full(shape, -1, dtype); };
  CHECK(message([&](std::int64_t rows, int) { return Step{table({rows, 5}), table({rows, 2})}; }).empty());
  CHECK(message([&](std::int64_t, int) { return Step{table({1, 5}), {}}; }) ==
        "ShapeError " + gave + "log_probabilities [1, 5], expected [8, V]");
  CHECK(message([&](std::int64_t rows, int call) { return Step{table({rows, call == 1 ? 5 : 4}), {}}; }) ==
        "ShapeError " + gave + "log_probabilities [8, 4], expected [8, 5]");
  CHECK(message([&](std::int64_t, int) { return Step{table({8}), {}}; }) ==
        "ShapeError " + gave + "log_probabilities [8], expected [8, V]");
  CHECK(message([&](std::int64_t, int) { return Step{}; }) ==
        "ShapeError " + gave + "undefined log_probabilities, expected [8, V]");
  CHECK(message([&](std::int64_t rows, int) { return Step{table({rows, 5}, DType::i64), {}}; }) ==
        "DTypeError " + gave + "log_probabilities of dtype i64, expected f32 or f64");
  CHECK(message([&](std::int64_t rows, int) { return Step{full({rows, 5}, 0.5), {}}; }) ==
        "Error " + gave + "token 0 of row 0 the log-probability 0.5, above 0");
  CHECK(message([&](std::int64_t rows, int) { return Step{full({rows, 5}, INFINITY), {}}; }) ==
        "Error " + gave + "token 0 of row 0 the log-probability inf, above 0");
  CHECK(message([&](std::int64_t rows, int) { return Step{table({rows, 5}), table({1, 2})}; }) ==
        "ShapeError " + gave + "weights [1, 2], expected [8, S]");
  CHECK(message([&](std::int64_t rows, int) { return Step{table({rows, 5}), table({rows, 2}, DType::boolean)}; }) ==
        "DTypeError " + gave + "weights of dtype bool, expected f32 or f64");
  CHECK(message([&](std::int64_t rows, int call) {
          return Step{table({rows, 5}), call == 1 ? table({rows, 2}) : Tensor()};
        }) == "ShapeError " + gave + "no weights at token 2, some at the first");
  CHECK(message([&](std::int64_t rows, int call) {
          return Step{table({rows, 5}), call == 2 ? table({rows, 2}) : Tensor()};
        }) == "ShapeError " + gave + "some weights at token 2, none at the first");
  CHECK(test::refused<Error>([] { nn::beam_search({}, 1, {}); }) == "beam_search: decoder.step is empty");
  const nn::Decoder only_step{.step = [](const Tensor&) { return nn::DecoderStep{}; }, .reorder = {}};
  CHECK(test::refused<Error>([&] { nn::beam_search(only_step, 1, {}); }) == "beam_search: decoder.reorder is empty");
}

TEST_CASE("no sequences need no decoder's answer", "[beam_search]") {
  TableDecoder decoder{{{0, 0, 0}}};
  CHECK(nn::beam_search(decoder.decoder(), 0, {.beam = 2}).empty());
  CHECK(decoder.steps == 0);
}

TEST_CASE("beam and length must be positive", "[beam_search]") {
  PrefixDecoder decoder(1);
  CHECK_THROWS_AS(nn::beam_search(decoder.decoder(), -1, {}), IndexError);
  CHECK_THROWS_AS(nn::beam_search(decoder.decoder(), 1, {.length_penalty = NAN}), IndexError);
  CHECK_THROWS_AS(nn::beam_search(decoder.decoder(), 1, {.length_penalty = INFINITY}), IndexError);
  CHECK_THROWS_AS(nn::beam_search(decoder.decoder(), 4, {.beam = std::int64_t{1} << 61}), IndexError);
  CHECK_THROWS_AS(nn::beam_search(decoder.decoder(), 1, {.beam = 0}), IndexError);
  CHECK_THROWS_AS(nn::beam_search(decoder.decoder(), 1, {.max_length = 0}), IndexError);
}

TEST_CASE("a decoder that leaves no token to continue with is an Error that says where", "[beam_search]") {
  const double nothing = GENERATE(-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN());
  int calls = 0;
  const nn::Decoder decoder{.step =
                                [&](const Tensor& tokens) {
                                  Tensor table = full({tokens.numel(), 4}, -std::numeric_limits<double>::infinity());
                                  Tensor third = slice(table, 1, 3, 4);  // the end is never possible
                                  fill(third, -1);
                                  Tensor second = slice(table, 0, tokens.numel() / 2, to_end);
                                  if (++calls == 2) fill(second, nothing);
                                  return nn::DecoderStep{table, {}};
                                },
                            .reorder = [](const Tensor&) {}};
  CHECK(test::refused<Error>([&] { nn::beam_search(decoder, 2, {.beam = 3, .max_length = 5}); }) ==
        "beam_search: sequence 1, token 2: no continuation has a probability");
}

TEST_CASE("a beam with fewer continuations than rows follows its own rows", "[beam_search]") {
  // Only token 3 is possible, so two of three rows stay empty.
  const nn::Decoder decoder{.step =
                                [&](const Tensor& tokens) {
                                  Tensor table = full({tokens.numel(), 4}, -std::numeric_limits<double>::infinity());
                                  for (std::int64_t i = 0; i < tokens.numel(); ++i)
                                    table.mutable_data<float>()[4 * i + 3] = -1;
                                  return nn::DecoderStep{table, {}};
                                },
                            .reorder =
                                [first = true](const Tensor& rows) mutable {
                                  for (std::int64_t i = 0; i < rows.numel() && !first; ++i)
                                    CHECK(rows.data<std::int64_t>()[i] == i);
                                  first = false;
                                }};
  const std::vector<Hypothesis> found = nn::beam_search(decoder, 2, {.beam = 3, .max_length = 2});
  CHECK(found[0].tokens == Ids{3, 3});
  CHECK(found[1].tokens == Ids{3, 3});
}

TEST_CASE("a sequence whose other hypotheses run dry has those that have ended", "[beam_search]") {
  // After the begin token: token 3 or the end; after token 3 only the end; then nothing.
  const nn::Decoder decoder{.step =
                                [](const Tensor& tokens) {
                                  Tensor table = full({tokens.numel(), 4}, -std::numeric_limits<double>::infinity());
                                  for (std::int64_t i = 0; i < tokens.numel(); ++i) {
                                    const std::int64_t last = tokens.data<std::int64_t>()[i];
                                    float* row = table.mutable_data<float>() + 4 * i;
                                    if (last == begin) row[3] = -0.1f;
                                    if (last == begin || last == 3) row[end] = -2;
                                  }
                                  return nn::DecoderStep{table, {}};
                                },
                            .reorder = [](const Tensor&) {}};
  for (const Hypothesis& found : nn::beam_search(decoder, 2, {.beam = 3, .max_length = 9, .length_penalty = 0})) {
    CHECK(found.ended);
    CHECK(found.tokens.empty());
    CHECK(found.log_probability == Approx(-2));
  }
}
