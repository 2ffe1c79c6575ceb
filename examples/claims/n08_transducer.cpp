// N-08: two cursors whose ways are all summed over learn how long each symbol sounds; two that move at one speed do
// not.
#include <fmt/format.h>

#include "examples/claims/all_claims.h"
#include "examples/claims/training.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/autograd/record.h"
#include "heed/models/tasks/frames.h"
#include "heed/nn/attention/align/diagonal.h"
#include "heed/nn/attention/align/transducer.h"
#include "heed/nn/attention/attention.h"
#include "heed/nn/attention/score/uniform.h"
#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/nn/rnn/gru.h"
#include "heed/nn/train/edit_distance.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

constexpr models::FramesConfig task{.length = 5};
constexpr std::int64_t width = 48, blank = 0;  // symbol s is class s + 1

// z(t, u) = W tanh(f(t) + g(u)): f a bidirectional GRU over the frames, which knows how long a sound lasts, g over
// the symbols told so far.
struct Transducer {
  explicit Transducer(const nn::ParameterSource& source)
      : told({.num_embeddings = task.symbols + 1, .embedding_dim = width}, source),
        frames({.cell = {.input = task.symbols, .hidden = width / 2}, .bidirectional = true}, source),
        symbols({.cell = {.input = width, .hidden = width}}, source),
        joint({.in = width, .out = task.symbols + 1}, source) {}

  Variable predict(const Tensor& classes) const { return symbols.forward({.x = told.forward(classes)}).output; }
  Variable hear(const models::FramesBatch& batch) const {
    return frames.forward({.x = Variable(batch.frames), .lengths = batch.lengths}).output;
  }
  Variable loss(const models::FramesBatch& batch) const {
    const std::int64_t rows = batch.symbols.size(0);
    const Tensor targets = batch.symbols + 1, begin = full({rows, 1}, blank, DType::i64);
    const Variable f = unsqueeze(hear(batch), 2), g = unsqueeze(predict(concat({begin, targets}, 1)), 1);
    const Variable scores = log_softmax(joint.forward(tanh(f + g)));  // [B, S, U + 1, V]
    return -mean(nn::transducer_log_likelihood(scores, targets, blank, batch.lengths));
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("told", self.told);
    visitor("frames", self.frames);
    visitor("symbols", self.symbols);
    visitor("joint", self.joint);
  }

  nn::Embedding told;
  nn::Gru frames, symbols;
  nn::Linear joint;
};

// The symbols of one example, the likeliest move at each step, at most three symbols in one frame.
std::vector<std::int64_t> heard(const Transducer& net, const Tensor& f, std::int64_t length) {
  std::vector<std::int64_t> classes{blank};
  for (std::int64_t t = 0; t < length; ++t)
    for (int in_frame = 0; in_frame < 3; ++in_frame) {
      const Tensor g = select(select(net.predict(tensor(classes, {1, std::ssize(classes)})).value(), 0, 0), 0, -1);
      const Variable scores = net.joint.forward(tanh(Variable(select(f, 0, t) + g)));
      const std::int64_t best = argmax(scores.value(), 0).item<std::int64_t>();
      if (best == blank) break;
      classes.push_back(best);
    }
  for (std::int64_t& c : classes) --c;
  return {classes.begin() + 1, classes.end()};
}

double transducer_error(const models::FramesConfig& rows, const ClaimSettings& settings) {
  Generator weights = settings.generator(1), examples = settings.generator(2), fresh = settings.generator(3);
  const Transducer net(weights);
  train(nn::parameters(net), {.steps = settings.quick ? 500 : 3000, .learning_rate = settings.quick ? 1e-2 : 5e-3},
        [&] { return net.loss(models::make_frames(rows, 32, examples)); });
  const NoGrad no_gradients;
  constexpr std::int64_t tests = 300;
  const models::FramesBatch test = models::make_frames(rows, tests, fresh);
  const Tensor f = net.hear(test).value();
  std::int64_t edits = 0;
  for (std::int64_t b = 0; b < tests; ++b) {
    const auto* const gold = test.symbols.data<std::int64_t>() + b * rows.length;
    edits +=
        nn::edit_distance(std::span(gold, to_size(rows.length)), heard(net, select(f, 0, b), test.lengths[to_size(b)]));
  }
  return static_cast<double>(edits) / static_cast<double>(tests * rows.length);
}

struct Cursors {
  explicit Cursors(const nn::ParameterSource& source)
      : attention({}, source), output({.in = task.symbols, .out = task.symbols}, source) {}
  Variable logits(const models::FramesBatch& batch) const {
    const Variable nothing(zeros({batch.symbols.size(0), task.length, 1}));
    const auto found = attention.forward(
        {.query = nothing, .key = Variable(batch.frames), .mask = nn::length_mask(batch.lengths, batch.frames.size(1))},
        {.target_length = task.length});
    return output.forward(found.context);
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("attention", self.attention);
    visitor("output", self.output);
  }

  nn::Attention<nn::UniformScore, nn::DiagonalAlign> attention;
  nn::Linear output;
};

double cursors_error(const ClaimSettings& settings) {
  Generator weights = settings.generator(1), examples = settings.generator(2), fresh = settings.generator(3);
  const Cursors net(weights);
  train(nn::parameters(net), {.steps = 300, .learning_rate = 1e-2}, [&] {
    const models::FramesBatch batch = models::make_frames(task, 32, examples);
    return cross_entropy(net.logits(batch), batch.symbols);
  });
  const NoGrad no_gradients;
  const models::FramesBatch test = models::make_frames(task, 1000, fresh);
  return 1 - accuracy(net.logits(test).value(), test.symbols);
}

ClaimResult run(const ClaimSettings& settings) {
  models::FramesConfig rows = task;
  if (settings.quick) rows.length = 3;
  return {{at_most(fmt::format("{} symbols of 2 to 5 frames, label error: transducer", rows.length),
                   transducer_error(rows, settings), 0.05),
           at_least("5 symbols: two cursors at one speed", cursors_error(settings), 0.30)}};
}

}  // namespace

Claim transducer() {
  return {"N-08", "The sum over all monotonic alignments learns how long each symbol lasts", "Graves 2012", run};
}

}  // namespace heed::examples
