// RNNsearch against its equations, written out in plain loops, and what must hold for it as a whole.
#include "heed/models/rnnsearch.h"

#include <cmath>
#include <cstring>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/inspect/gradcheck.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/optim/clip.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/thread_count.h"

using namespace heed;
using models::ReadoutState;
using models::RnnSearch;

namespace {

RnnSearch::Config tiny(ReadoutState readout = ReadoutState::previous) {
  return {.source_vocabulary = 7,
          .target_vocabulary = 6,
          .embedding = 3,
          .hidden = 4,
          .alignment = 5,
          .maxout = 2,
          .readout_state = readout,
          .stddev = 0.7,
          .dtype = DType::f64};
}

// The model with every parameter away from its start value (v = 0, biases 0), so that no term can hide.
RnnSearch lively(const RnnSearch::Config& config) {
  Generator generator(5);
  RnnSearch model(config, generator);
  nn::for_each_parameter(model, [&](const std::string&, nn::Parameter& p) {
    p = nn::Parameter(normal(generator, p.shape(), 0, 0.6, config.dtype));
  });
  return model;
}

models::SourceBatch sources() {
  return {tensor({4, 5, 3, 6, 2, 1, 5, 0, 0, 0, 6, 4, 1, 0, 0}, {3, 5}, DType::i64), {5, 2, 3}};
}
Tensor targets() { return tensor({1, 3, 4, 1, 5, 5, 1, 2, 3}, {3, 3}, DType::i64); }

using Vector = std::vector<double>;

// The equations of the paper for one sentence, on plain numbers.
class Reference {
 public:
  Reference(const RnnSearch& model) : state_(nn::state_dict(model)), readout_(model.config().readout_state) {}

  // logits and alignment rows, one per target token.
  std::pair<std::vector<Vector>, std::vector<Vector>> run(const std::vector<int>& source,
                                                          const std::vector<int>& target) const {
    const std::size_t n = 4;
    std::vector<Vector> forward(source.size()), backward(source.size());
    Vector h(n, 0.0);
    for (std::size_t j = 0; j < source.size(); ++j)
      forward[j] = h = encoder_step(row("source_embedding.weight", source[j]), h, "");
    h.assign(n, 0.0);
    for (std::size_t j = source.size(); j-- > 0;)
      backward[j] = h = encoder_step(row("source_embedding.weight", source[j]), h, "_reverse");
    std::vector<Vector> annotations;
    for (std::size_t j = 0; j < source.size(); ++j) {
      annotations.push_back(forward[j]);
      annotations[j].insert(annotations[j].end(), backward[j].begin(), backward[j].end());
    }
    Vector s = plus(times("init_state.weight", backward[0]), row("init_state.bias", -1));
    for (double& x : s) x = std::tanh(x);

    std::vector<Vector> logits, alignment;
    for (int token : target) {
      const Vector y = row("target_embedding.weight", token), asked = times("attention.query.weight", s);
      Vector weights;
      double total = 0;
      for (const Vector& annotation : annotations) {
        const Vector key = times("attention.key.weight", annotation), v = row("attention.v", -1);
        double e = 0;
        for (std::size_t a = 0; a < v.size(); ++a) e += v[a] * std::tanh(asked[a] + key[a]);
        weights.push_back(std::exp(e));
        total += weights.back();
      }
      Vector context(2 * n, 0.0);
      for (std::size_t j = 0; j < weights.size(); ++j) {
        weights[j] /= total;
        for (std::size_t i = 0; i < 2 * n; ++i) context[i] += weights[j] * annotations[j][i];
      }
      const Vector input =
          plus(plus(times("token_gates.weight", y), row("token_gates.bias", -1)), times("decoder.weight_ih", context));
      const Vector next = gru(input, s, "decoder.weight_hh", Vector(3 * n, 0.0));
      const Vector& read = readout_ == ReadoutState::previous ? s : next;
      const Vector t = plus(plus(plus(times("readout_state.weight", read), row("readout_state.bias", -1)),
                                 times("readout_token.weight", y)),
                            times("readout_context.weight", context));
      Vector largest;
      for (std::size_t i = 0; i < t.size(); i += 2) largest.push_back(std::max(t[i], t[i + 1]));
      logits.push_back(plus(times("output.weight", largest), row("output.bias", -1)));
      alignment.push_back(weights);
      s = next;
    }
    return {logits, alignment};
  }

 private:
  // Row i of a matrix; a whole vector for i = -1.
  Vector row(const std::string& name, int i) const {
    const Tensor& x = state_.at(name);
    const std::int64_t width = x.size(-1);
    const double* from = x.data<double>() + (i < 0 ? 0 : i * width);
    return {from, from + width};
  }
  Vector times(const std::string& name, const Vector& x) const {
    Vector y;
    for (int i = 0; i < state_.at(name).size(0); ++i) {
      const Vector weight = row(name, i);
      double sum = 0;
      for (std::size_t j = 0; j < x.size(); ++j) sum += weight[j] * x[j];
      y.push_back(sum);
    }
    return y;
  }
  static Vector plus(Vector a, const Vector& b) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
    return a;
  }
  static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

  Vector encoder_step(const Vector& x, const Vector& h, const std::string& side) const {
    return gru(plus(times("encoder.weight_ih_l0" + side, x), row("encoder.bias_ih_l0" + side, -1)), h,
               "encoder.weight_hh_l0" + side, row("encoder.bias_hh_l0" + side, -1));
  }
  // Gates r, z, n; the reset gate acts on h before the product.
  Vector gru(const Vector& input, const Vector& h, const std::string& recurrent, const Vector& bias) const {
    const std::size_t n = h.size();
    const Vector u = times(recurrent, h);
    Vector reset_h(n), next(n);
    for (std::size_t i = 0; i < n; ++i) reset_h[i] = sigmoid(input[i] + u[i] + bias[i]) * h[i];
    const Vector candidate = times(recurrent, reset_h);
    for (std::size_t i = 0; i < n; ++i) {
      const double z = sigmoid(input[n + i] + u[n + i] + bias[n + i]);
      next[i] = (1 - z) * std::tanh(input[2 * n + i] + candidate[2 * n + i] + bias[2 * n + i]) + z * h[i];
    }
    return next;
  }

  nn::StateDict state_;
  ReadoutState readout_;
};

std::vector<int> ids(const Tensor& x, std::int64_t row, std::int64_t length) {
  std::vector<int> result;
  for (std::int64_t i = 0; i < length; ++i)
    result.push_back(static_cast<int>(x.data<std::int64_t>()[row * x.size(1) + i]));
  return result;
}

}  // namespace

TEST_CASE("rnnsearch is what its equations say, sentence by sentence of a ragged batch", "[rnnsearch]") {
  for (ReadoutState readout : {ReadoutState::previous, ReadoutState::current}) {
    const RnnSearch model = lively(tiny(readout));
    const models::SourceBatch batch = sources();
    const models::RnnSearchOutput found = model.forward(batch, targets());
    REQUIRE(found.logits.shape() == Shape{3, 3, 6});
    REQUIRE(found.weights.shape() == Shape{3, 3, 5});
    for (std::int64_t b = 0; b < 3; ++b) {
      const std::int64_t length = batch.lengths[static_cast<std::size_t>(b)];
      const auto [logits, alignment] = Reference(model).run(ids(batch.ids, b, length), ids(targets(), b, 3));
      for (std::int64_t t = 0; t < 3; ++t) {
        CAPTURE(b, t);
        for (std::int64_t v = 0; v < 6; ++v)
          CHECK(found.logits.value().data<double>()[(b * 3 + t) * 6 + v] ==
                Approx(logits[static_cast<std::size_t>(t)][static_cast<std::size_t>(v)]).epsilon(1e-11));
        for (std::int64_t s = 0; s < 5; ++s)
          CHECK(found.weights.value().data<double>()[(b * 3 + t) * 5 + s] ==
                Approx(s < length ? alignment[static_cast<std::size_t>(t)][static_cast<std::size_t>(s)] : 0.0)
                    .epsilon(1e-11));
      }
    }
  }
}

TEST_CASE("every parameter of rnnsearch has the right gradient", "[rnnsearch]") {
  RnnSearch model = lively(tiny());
  const nn::StateDict start = nn::state_dict(model);
  std::vector<Tensor> point;
  std::vector<std::string> names;
  for (const auto& [name, value] : start) names.push_back(name), point.push_back(value.clone());
  const auto loss = [&](const std::vector<Variable>& x) {
    std::size_t next = 0;
    nn::for_each_parameter(model, [&](const std::string& name, nn::Parameter& p) {
      next = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
      p.rebind(x[next]);
    });
    return cross_entropy(model.forward(sources(), targets()).logits,
                         tensor({3, 4, 2, 5, 5, 2, 2, 3, 0}, {3, 3}, DType::i64),
                         tensor({1, 1, 1, 1, 1, 0.5, 1, 0, 0}, {3, 3}, DType::f64));
  };
  CHECK(gradcheck(loss, point) == "");
}

TEST_CASE("what stands in the padding has no influence", "[rnnsearch]") {
  const RnnSearch model = lively(tiny());
  models::SourceBatch other = sources();
  other.ids = other.ids.clone();
  for (std::int64_t place : {7, 8, 9, 13, 14}) other.ids.mutable_data<std::int64_t>()[place] = 6;
  const Tensor a = model.forward(sources(), targets()).logits.value(),
               b = model.forward(other, targets()).logits.value();
  CHECK(std::memcmp(a.data<double>(), b.data<double>(), static_cast<std::size_t>(a.numel()) * sizeof(double)) == 0);
}

TEST_CASE("the first alignment is uniform, and its vector learns", "[rnnsearch]") {
  Generator generator(3);
  const RnnSearch model(tiny(), generator);
  const models::RnnSearchOutput found = model.forward(sources(), targets());
  for (std::int64_t b = 0; b < 3; ++b)
    for (std::int64_t s = 0; s < sources().lengths[static_cast<std::size_t>(b)]; ++s)
      CHECK(found.weights.value().data<double>()[b * 15 + s] ==
            Approx(1.0 / static_cast<double>(sources().lengths[static_cast<std::size_t>(b)])));
  Generator noise(1);
  backward(sum(found.logits * Variable(normal(noise, found.logits.shape(), 0, 1, DType::f64))));
  nn::for_each_parameter(model, [](const std::string& name, const nn::Parameter& p) {
    if (name == "attention.v") CHECK(sum(abs(p.grad())).item() > 0);
  });
}

TEST_CASE("translating equals teacher forcing on the translation", "[rnnsearch]") {
  const RnnSearch model = lively(tiny());
  for (std::int64_t beam : {1, 4}) {
    const std::vector<nn::Hypothesis> found = model.translate(sources(), {.beam = beam, .max_length = 6});
    REQUIRE(found.size() == 3);
    for (std::int64_t b = 0; b < 3; ++b) {
      const nn::Hypothesis& best = found[static_cast<std::size_t>(b)];
      std::vector<std::int64_t> given{1}, wanted = best.tokens;
      given.insert(given.end(), best.tokens.begin(), best.tokens.end());
      if (best.ended) wanted.push_back(2);
      given.resize(wanted.size());
      const std::int64_t length = sources().lengths[static_cast<std::size_t>(b)],
                         steps = static_cast<std::int64_t>(wanted.size());
      const models::SourceBatch single{slice(slice(sources().ids, 0, b, b + 1), 1, 0, length), {length}};
      const models::RnnSearchOutput forced =
          model.forward(single, tensor(std::span<const std::int64_t>(given), {1, steps}));
      const double loss =
          cross_entropy(forced.logits, tensor(std::span<const std::int64_t>(wanted), {1, steps})).item();
      CAPTURE(b, beam);
      CHECK(best.log_probability == Approx(-loss * static_cast<double>(steps)).epsilon(1e-11));
      for (std::int64_t t = 0; t < steps; ++t)
        for (std::int64_t s = 0; s < length; ++s)
          CHECK(best.weights[static_cast<std::size_t>(t)][static_cast<std::size_t>(s)] ==
                Approx(forced.weights.value().data<double>()[t * length + s]).epsilon(1e-5));
    }
  }
}

TEST_CASE("training gives the same bits for any number of threads", "[rnnsearch]") {
  const auto trained = [](int count) {
    const test::ThreadCount scope(count);
    Generator generator(7);
    RnnSearch model({.source_vocabulary = 40,
                     .target_vocabulary = 900,
                     .embedding = 48,
                     .hidden = 96,
                     .alignment = 96,
                     .maxout = 64,
                     .stddev = 0.1},
                    generator);
    const std::vector<Variable> parameters = nn::parameters(model);
    nn::Adam adam(parameters, {.learning_rate = 1e-2});
    for (int step = 0; step < 3; ++step) {
      Tensor source = empty({64, 9}, DType::i64), target = empty({64, 7}, DType::i64);
      for (std::int64_t i = 0; i < source.numel(); ++i)
        source.mutable_data<std::int64_t>()[i] = generator.uniform_int(40);
      for (std::int64_t i = 0; i < target.numel(); ++i)
        target.mutable_data<std::int64_t>()[i] = generator.uniform_int(900);
      std::vector<std::int64_t> lengths;
      for (int b = 0; b < 64; ++b) lengths.push_back(1 + generator.uniform_int(9));
      adam.zero_grad();
      backward(cross_entropy(model.forward({source, lengths}, target).logits, target));
      nn::clip_grad_norm(parameters, 1);
      adam.step();
    }
    std::string bytes;
    for (const auto& [name, value] : nn::state_dict(model))
      bytes.append(reinterpret_cast<const char*>(value.data<float>()),
                   static_cast<std::size_t>(value.numel()) * sizeof(float));
    return bytes;
  };
  const std::string one = trained(1);
  for (int count : {1, 2, 3, 4, 8}) CHECK(trained(count) == one);
}

TEST_CASE("rnnsearch refuses what does not fit", "[rnnsearch]") {
  const RnnSearch model = lively(tiny());
  CHECK_THROWS_AS(model.forward({tensor({1, 2}, {2}, DType::i64), {2}}, targets()), ShapeError);
  CHECK_THROWS_AS(model.forward(sources(), tensor({1, 3}, {1, 2}, DType::i64)), ShapeError);
  const auto lengths_error = [&](const std::vector<std::int64_t>& lengths) {
    const std::string message = test::refused<ShapeError>([&] { model.forward({sources().ids, lengths}, targets()); });
    CHECK(test::refused<ShapeError>([&] { model.translate({sources().ids, lengths}, {}); }) == message);
    return message;
  };
  CHECK(lengths_error({}) == "rnnsearch: 0 lengths for a batch of 3");
  CHECK(lengths_error({5, 2}) == "rnnsearch: 2 lengths for a batch of 3");
  CHECK(lengths_error({5, 2, 6}) == "rnnsearch: length 6 of example 2 is outside [0, 5]");
  CHECK(lengths_error({5, -2, 5}) == "rnnsearch: length -2 of example 1 is outside [0, 5]");
  CHECK_THROWS_AS(model.forward({tensor({7}, {1, 1}, DType::i64), {1}}, tensor({1}, {1, 1}, DType::i64)), IndexError);
  CHECK_THROWS_AS(model.forward({zeros({1, 0}, DType::i64), {0}}, tensor({1}, {1, 1}, DType::i64)), ShapeError);
}

TEST_CASE("rnnsearch refuses sizes that are not positive", "[rnnsearch]") {
  const auto message = [](const auto& spoil) {
    RnnSearch::Config config = tiny();
    spoil(config);
    Generator generator(1);
    return test::refused<ShapeError>([&] { RnnSearch(config, generator); });
  };
  CHECK(message([](auto& c) { c.source_vocabulary = 0; }) == "rnnsearch: source_vocabulary is 0, expected at least 1");
  CHECK(message([](auto& c) { c.target_vocabulary = -1; }) ==
        "rnnsearch: target_vocabulary is -1, expected at least 1");
  CHECK(message([](auto& c) { c.embedding = 0; }) == "rnnsearch: embedding is 0, expected at least 1");
  CHECK(message([](auto& c) { c.hidden = 0; }) == "rnnsearch: hidden is 0, expected at least 1");
  CHECK(message([](auto& c) { c.alignment = 0; }) == "rnnsearch: alignment is 0, expected at least 1");
  CHECK(message([](auto& c) { c.maxout = 0; }) == "rnnsearch: maxout is 0, expected at least 1");
}

TEST_CASE("the number of parameters follows from the sizes", "[rnnsearch]") {
  for (std::int64_t scale : {1, 3}) {
    RnnSearch::Config config = tiny();
    config.source_vocabulary += scale;
    config.embedding *= scale;
    config.hidden += 2 * scale;
    config.alignment *= scale;
    config.maxout += scale;
    Generator generator(1);
    CHECK(nn::count_parameters<RnnSearch>(config) ==
          static_cast<double>(nn::parameter_count(RnnSearch(config, generator))));
  }
}
