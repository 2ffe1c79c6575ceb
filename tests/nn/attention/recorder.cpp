// What a recorder is told, by every kind of attention, and that telling it changes nothing.
#include "heed/nn/attention/recorder.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <stdexcept>
#include <thread>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/attention_weights.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/attention/align/local.h"
#include "heed/nn/attention/co_attention.h"
#include "heed/nn/attention/multi_head.h"
#include "heed/nn/attention/multi_hop.h"
#include "heed/nn/attention/pooling.h"
#include "heed/nn/attention/score/additive.h"
#include "heed/nn/attention/score/dot.h"
#include "heed/nn/attention/score/featurewise.h"
#include "heed/nn/attention/score/location_aware.h"
#include "heed/nn/positions/relative.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/index.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"

using namespace heed;
using nn::AttentionRecord;
using nn::AttentionRecorder;

namespace {

constexpr AttentionRecorder::Config everything{.scores = true, .contexts = true, .gradients = true};

bool close(const Tensor& got, const Tensor& wanted) {
  return test::difference(got, test::to_array(wanted), 1e-11 / std::numeric_limits<double>::epsilon(), 1) == "";
}

struct Sample {
  test::Numbers numbers{3};
  Variable query{numbers.uniform({2, 3, 4}), true}, key{numbers.uniform({2, 5, 6}), true};
  Tensor mask = tensor({1, 1, 0, 1, 0, 1, 1, 1, 1, 1}, {2, 1, 5}, DType::boolean);
  Tensor cotangent = numbers.uniform({2, 3, 6});

  Variable loss(const Variable& context) const { return sum(context * Variable(cotangent)); }
};

using Additive = nn::Attention<nn::AdditiveScore>;

Additive additive() {
  Generator generator(7);
  return {{.query = 4, .key = 6, .hidden = 5, .dtype = DType::f64}, generator};
}

}  // namespace

TEST_CASE("a recorder has weights, scores, contexts and the gradient of the weights", "[nn][attention][recorder]") {
  const Sample s;
  const Additive attention = additive();
  const AttentionRecorder recorder(attention, everything);
  const nn::AttentionOutput found = attention.forward({.query = s.query, .key = s.key, .mask = s.mask});
  REQUIRE(recorder.records().size() == 1);
  const AttentionRecord& record = recorder.records()[0];
  CHECK(record.module == "");
  CHECK(record.step == 0);
  CHECK(record.weights.shape() == Shape{2, 1, 3, 5});
  CHECK(test::same_bits(select(record.weights, 1, 0), found.weights.value()));
  CHECK(test::same_bits(select(record.context, 1, 0), found.context.value()));
  const Variable scores = attention.score.forward(s.query, attention.project_keys({s.key, {}, s.mask}).keys);
  CHECK(test::same_bits(select(record.scores, 1, 0), scores.value()));

  CHECK(!record.gradient().defined());
  backward(s.loss(found.context));
  // dcontext·keysᵀ where a key is allowed, else 0.
  const Tensor product = matmul(s.cotangent, mT(s.key.value()));
  const Tensor wanted = where(s.mask, product, zeros(product.shape(), DType::f64));
  CHECK(close(select(record.gradient(), 1, 0), wanted));
}

TEST_CASE("recorders keep what they were asked for and nothing else", "[nn][attention][recorder]") {
  const Sample s;
  const Additive attention = additive();
  const AttentionRecorder all(attention, everything), weights(attention);
  const Variable loss = s.loss(attention.forward({.query = s.query, .key = s.key}).context);
  backward(loss);
  REQUIRE(weights.records().size() == 1);
  const AttentionRecord &less = weights.records()[0], &more = all.records()[0];
  CHECK(test::same_bits(less.weights, more.weights));
  CHECK((!less.scores.defined() && !less.context.defined() && !less.gradient().defined()));
  CHECK((more.scores.defined() && more.context.defined() && more.gradient().defined()));
}

TEST_CASE("gradients of several backward passes are added up, and need no living recorder",
          "[nn][attention][recorder]") {
  const Sample s;
  const Additive attention = additive();
  auto recorder = std::make_unique<AttentionRecorder>(attention, everything);
  const Variable loss = s.loss(attention.forward({.query = s.query, .key = s.key}).context);
  const AttentionRecord record = recorder->records()[0];
  recorder = nullptr;
  backward(loss, {}, {.retain_graph = true});
  const Tensor once = record.gradient();
  backward(loss);
  CHECK(test::same_bits(record.gradient(), once * 2.0));
  const NoGrad nothing;
  const AttentionRecorder without(attention, everything);
  attention.forward({.query = s.query, .key = s.key});
  CHECK(!without.records()[0].gradient().defined());
}

TEST_CASE("weights that the next query reads get that part of the gradient too", "[nn][attention][recorder]") {
  Sample s;
  Generator generator(2);
  const nn::Attention<nn::LocationAwareScore> attention(
      {.query = 4, .key = 6, .hidden = 3, .channels = 2, .width = 3, .dtype = DType::f64}, generator);
  // In plain operations: the engine gives the gradients at the weights.
  const nn::AttentionMemory memory = attention.project_keys({.key = s.key});
  std::vector<Variable> weights, contexts;
  for (std::int64_t t = 0; t < 3; ++t) {
    const Variable scores =
        attention.score.forward(slice(s.query, 1, t, t + 1), memory.keys, t == 0 ? Variable() : weights.back());
    weights.push_back(softmax(scores));
    contexts.push_back(matmul(weights.back(), memory.values));
  }
  const std::vector<Tensor> wanted = gradients(s.loss(concat(contexts, 1)), weights);

  const AttentionRecorder recorder(attention, everything);
  backward(s.loss(attention.forward({.query = s.query, .key = s.key}).context));
  REQUIRE(recorder.records().size() == 1);
  const AttentionRecord& record = recorder.records()[0];
  CHECK(record.scores.shape() == Shape{2, 1, 3, 5});
  CHECK(close(select(record.gradient(), 1, 0), concat(wanted, 1)));
}

TEST_CASE("a window's scores are -inf and its gradient 0 where there is no window", "[nn][attention][recorder]") {
  const Sample s;
  const nn::Attention<nn::AdditiveScore, nn::LocalMonotonicAlign> attention(
      {.query = 4, .key = 6, .hidden = 5, .dtype = DType::f64}, nn::ParameterSource::zeros(),
      nn::LocalMonotonicAlign(1));
  const AttentionRecorder recorder(attention, everything);
  const Variable one = slice(s.query, 1, 0, 1);
  const nn::AttentionOutput found = attention.forward({.query = one, .key = s.key}, {.first_query = 3});
  backward(sum(found.context * Variable(slice(s.cotangent, 1, 0, 1))));
  const AttentionRecord& record = recorder.records()[0];
  constexpr double outside = -std::numeric_limits<double>::infinity();
  const Tensor row = select(select(record.scores, 0, 0), 0, 0);
  CHECK(test::to_array(row).numbers == std::vector<double>{outside, outside, 0, 0, 0});
  const Tensor product = matmul(slice(s.cotangent, 1, 0, 1), mT(s.key.value()));
  const Tensor window = tensor({0, 0, 1, 1, 1}, {1, 1, 5}, DType::boolean);
  CHECK(close(select(record.gradient(), 1, 0), where(window, product, zeros(product.shape(), DType::f64))));
}

TEST_CASE("features with weights of their own are recorded as heads", "[nn][attention][recorder]") {
  const Sample s;
  Generator generator(4);
  const nn::Attention<nn::FeaturewiseScore> attention(
      {.query = 4, .key = 6, .hidden = 3, .features = 6, .dtype = DType::f64}, generator);
  const AttentionRecorder recorder(attention, everything);
  const nn::AttentionOutput found = attention.forward({.query = s.query, .key = s.key, .mask = s.mask});
  const std::vector<Tensor> wanted = gradients(s.loss(found.context), {found.weights}, {}, {.retain_graph = true});
  backward(s.loss(found.context));
  const AttentionRecord& record = recorder.records()[0];
  CHECK(record.weights.shape() == Shape{2, 6, 3, 5});
  CHECK(test::same_bits(select(record.weights, 1, 2), select(found.weights.value(), 3, 2)));
  CHECK(record.context.shape() == Shape{2, 6, 3, 1});
  CHECK(test::same_bits(select(select(record.context, 3, 0), 1, 2), select(found.context.value(), 2, 2)));
  const Tensor allowed = unsqueeze(s.mask, 3);
  const Tensor at_features = where(allowed, wanted[0], zeros(wanted[0].shape(), DType::f64));
  CHECK(close(select(record.gradient(), 1, 4), select(at_features, 3, 4)));
}

TEST_CASE("fused heads tell what their definition does", "[nn][attention][recorder]") {
  test::Numbers numbers(5);
  Generator generator(1);
  const nn::MultiHeadAttention attention({.embed = 8, .heads = 4, .kv_heads = 2, .dtype = DType::f64}, generator);
  const Variable x(numbers.uniform({2, 5, 8}), true), bias(numbers.uniform({1, 4, 5, 5}));
  const Tensor mask = numbers.mask({2, 1, 5}), cotangent = numbers.uniform({2, 5, 8});
  const AttentionRecorder recorder(attention, everything);
  const auto found = attention.forward({.query = x, .mask = mask, .causal = true, .bias = bias, .need_weights = true});
  backward(sum(found.y * Variable(cotangent)));
  const AttentionRecord& record = recorder.records()[0];
  CHECK(test::same_bits(record.weights, found.weights.value()));

  // The same in plain operations, with the weights as a leaf.
  const auto heads = [&](std::int64_t begin, std::int64_t count) {
    const Tensor rows = linear(x.value(), slice(attention.in_proj_weight.value(), 0, begin, begin + 2 * count),
                               slice(attention.in_proj_bias.value(), 0, begin, begin + 2 * count));
    return transpose(reshape(rows, {2, 5, count, 2}), 1, 2);
  };
  const Tensor pick = tensor({0, 0, 1, 1}, {4}, DType::i64);
  const Tensor q = heads(0, 4), k = index_select(heads(8, 2), 1, pick), v = index_select(heads(12, 2), 1, pick);
  CHECK(close(record.scores, matmul(q, mT(k)) * (1 / std::sqrt(2.0)) + bias.value()));
  const Variable leaf(record.weights.clone(), true);
  const Variable context = matmul(leaf, Variable(v));
  CHECK(close(record.context, context.value()));
  const Variable y = attention.out_proj.forward(reshape(transpose(context, 1, 2), {2, 5, 8}));
  backward(sum(y * Variable(cotangent)));
  const Tensor allowed = nn::all_masks({unsqueeze(mask, 1), nn::causal_mask(5, 5)});
  CHECK(close(record.gradient(), where(allowed, leaf.grad(), zeros(leaf.shape(), DType::f64))));
}

TEST_CASE("relative positions tell of both ways from a weight to the loss", "[nn][attention][recorder]") {
  test::Numbers numbers(6);
  Generator generator(1);
  const nn::RelativePositions relative({.clip = 2, .key = 3, .value = 4, .dtype = DType::f64}, generator);
  const Variable q(numbers.uniform({1, 2, 3, 3}), true), k(numbers.uniform({1, 2, 4, 3})),
      v(numbers.uniform({1, 2, 4, 4}));
  const Tensor cotangent = numbers.uniform({1, 2, 3, 4});
  const AttentionRecorder recorder(relative, everything);
  const Variable y = relative.attend(q, k, v);
  backward(sum(y * Variable(cotangent)));
  const AttentionRecord& record = recorder.records()[0];
  const Variable leaf(record.weights.clone(), true);
  const Variable again = matmul(leaf, v) + relative.context(leaf);
  CHECK(close(record.context, again.value()));
  backward(sum(again * Variable(cotangent)));
  CHECK(close(record.gradient(), leaf.grad()));
}

TEST_CASE("queries that came one by one are joined, with 0 for keys that were not there yet",
          "[nn][attention][recorder]") {
  test::Numbers numbers(8);
  Generator generator(1);
  const nn::MultiHeadAttention attention({.embed = 8, .heads = 2, .dtype = DType::f64}, generator);
  const Variable x(numbers.uniform({1, 4, 8}));
  const NoGrad no_gradients;
  const AttentionRecorder recorder(attention, {.scores = true});
  nn::KeyValueCache cache = attention.make_cache(1, 4);
  attention.forward({.query = slice(x, 1, 0, 2)}, cache);
  attention.forward({.query = slice(x, 1, 2, 3)}, cache);
  attention.forward({.query = slice(x, 1, 3, 4)}, cache);
  REQUIRE(recorder.records().size() == 3);
  CHECK(recorder.records()[2].step == 2);
  const AttentionRecord all = nn::join_queries(recorder.of(""));
  REQUIRE(all.weights.shape() == Shape{1, 2, 4, 4});
  const Tensor rows = select(select(all.weights, 0, 0), 0, 1);
  CHECK(test::to_array(slice(slice(rows, 0, 0, 2), 1, 2, 4)).numbers == std::vector<double>(4, 0.0));
  const Tensor third = select(select(recorder.records()[1].weights, 0, 0), 0, 1);  // [1, 3]
  CHECK(test::same_bits(slice(slice(rows, 0, 2, 3), 1, 0, 3).clone(), third.clone()));
  CHECK(select(select(rows, 0, 2), 0, 3).item() == 0);
  CHECK(select(select(select(select(all.scores, 0, 0), 0, 0), 0, 0), 0, 3).item() ==
        -std::numeric_limits<double>::infinity());
  CHECK(!nn::join_queries({}).weights.defined());
}

namespace {

// The attention is the first member, at the address of the whole.
struct Twice {
  explicit Twice(const nn::ParameterSource& source)
      : hops({.hops = 2, .shared = true, .score = {}}, source), pooling({.input = 4, .hidden = 3}, source) {}
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("hops", self.hops);
    visitor("pooling", self.pooling);
    visitor("again", self.pooling);
  }
  nn::MultiHopAttention<nn::DotScore> hops;
  nn::AttentionPooling pooling;
};

std::vector<std::string> calls(const AttentionRecorder& recorder) {
  std::vector<std::string> names;
  for (const AttentionRecord& record : recorder.records())
    names.push_back(record.module + " " + std::to_string(record.step));
  return names;
}
using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("every call is told from every other: by name, and by step", "[nn][attention][recorder]") {
  Generator generator(1);
  const Twice model(generator), other(generator);
  const Variable x(ones({1, 3, 4}));
  const AttentionRecorder recorder(model);
  model.hops.forward({.query = x, .key = x});
  model.pooling.forward(x);
  model.pooling.forward(x);
  other.pooling.forward(x);
  other.hops.forward({.query = x, .key = x});
  nn::attend(Variable(zeros({1, 2, 3})), nn::no_mask, x);
  other.pooling.forward(x);
  CHECK(calls(recorder) == Names{"hops.attentions.0 0", "hops.attentions.0 1", "pooling 0", "pooling 1", "unlisted 0 0",
                                 "unlisted 1 0", "unlisted 1 1", "attend 0", "unlisted 0 1"});
  CHECK(recorder.of("pooling").size() == 2);

  const nn::CoarseCoAttention<nn::AdditiveScore> coarse(  // whose first attention stands at its own address
      {.first = {.query = 4, .key = 4, .hidden = 2}, .second = {.query = 4, .key = 4, .hidden = 2}}, generator);
  const AttentionRecorder of_first_member(coarse);
  coarse.forward({x, x});
  Names both = calls(of_first_member);
  std::ranges::sort(both);
  CHECK(both == Names{"first 0", "second 0"});

  const nn::ParallelCoAttention parallel({.first = 4, .second = 4, .hidden = 2}, generator);
  const AttentionRecorder of_parts(parallel);
  parallel.forward({x, x});
  CHECK(calls(of_parts) == Names{"first 0", "second 0"});
}

namespace {

struct Own {
  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
};

}  // namespace

TEST_CASE("an attention of one's own may be recorded", "[nn][attention][recorder]") {
  const Own own;
  const AttentionRecorder recorder(own);
  nn::record_attention(own, {.weights = ones({1, 1, 2, 2})});
  nn::attend_for(own, Variable(zeros({1, 2, 3})), nn::no_mask, Variable(ones({1, 3, 2})), nn::SoftmaxAlign(), {}, "b");
  CHECK(calls(recorder) == Names{" 0", "b 0"});
}

TEST_CASE("recording ends with its scope, nested, thrown through or out of order", "[nn][attention][recorder]") {
  const Variable x(ones({1, 2, 3})), scores(zeros({1, 2, 2}));
  const auto call = [&] { nn::attend(scores, nn::no_mask, x); };
  CHECK(!nn::detail::recording_attention());
  call();
  {
    const AttentionRecorder outer;
    call();
    {
      const AttentionRecorder inner;
      call();
      CHECK(inner.records().size() == 1);
    }
    try {
      const AttentionRecorder lost;
      call();
      nn::attend(scores, nn::no_mask, Variable(ones({1, 5, 3})));  // refused: nothing is recorded of it
    } catch (const ShapeError&) {
    }
    call();
    CHECK(outer.records().size() == 4);
  }
  CHECK(!nn::detail::recording_attention());
  auto first = std::make_unique<AttentionRecorder>();
  const AttentionRecorder second;
  first = nullptr;
  call();
  CHECK(second.records().size() == 1);
}

TEST_CASE("each thread records for itself", "[nn][attention][recorder]") {
  const Variable x(ones({1, 2, 3})), scores(zeros({1, 2, 2}));
  const AttentionRecorder here;
  std::size_t there = 0;
  std::thread other([&] {
    CHECK(!nn::detail::recording_attention());
    const AttentionRecorder recorder;
    for (int i = 0; i < 3; ++i) nn::attend(scores, nn::no_mask, x);
    there = recorder.records().size();
  });
  other.join();
  CHECK(there == 3);
  CHECK(here.records().empty());
}
