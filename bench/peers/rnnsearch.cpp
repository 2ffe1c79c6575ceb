#include "workloads/rnnsearch.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "peers/training.h"
#include "workloads/values.h"

namespace heed::bench {
namespace {

using at::Tensor;

// A loop over source words and one over target words. The reset gate stands before the product, which nn::GRU does not
// have. Weights that do not depend on time multiply all times at once.
class RnnSearch {
 public:
  explicit RnnSearch(const RnnSearchSizes& sizes) : n_(sizes.hidden), l_(sizes.hidden / 2) {
    const std::int64_t n = n_, m = n / 2, l = l_;
    source_embedding = make("source_embedding.weight", {sizes.source_vocabulary, m});
    target_embedding = make("target_embedding.weight", {sizes.target_vocabulary, m});
    for (const std::string end : {"_l0", "_l0_reverse"})
      encoder.push_back({make("encoder.weight_ih" + end, {3 * n, m}), make("encoder.weight_hh" + end, {3 * n, n}),
                         make("encoder.bias_ih" + end, {3 * n}), make("encoder.bias_hh" + end, {3 * n})});
    init_weight = make("init_state.weight", {n, n}), init_bias = make("init_state.bias", {n});
    query_weight = make("attention.query.weight", {n, n}), key_weight = make("attention.key.weight", {n, 2 * n});
    v = make("attention.v", {n});
    gates_weight = make("token_gates.weight", {3 * n, m}), gates_bias = make("token_gates.bias", {3 * n});
    context_weight = make("decoder.weight_ih", {3 * n, 2 * n}), state_weight = make("decoder.weight_hh", {3 * n, n});
    readout_state = make("readout_state.weight", {2 * l, n}), readout_bias = make("readout_state.bias", {2 * l});
    readout_token = make("readout_token.weight", {2 * l, m});
    readout_context = make("readout_context.weight", {2 * l, 2 * n});
    output_weight = make("output.weight", {sizes.target_vocabulary, l});
    output_bias = make("output.bias", {sizes.target_vocabulary});
  }

  const std::vector<Tensor>& parameters() const { return parameters_; }

  // source [B, S], lengths [B], target [B, T] -> logits [B, T, V]
  Tensor forward(const Tensor& source, const Tensor& lengths, const Tensor& target) const {
    const Tensor mask = at::arange(source.size(1)).unsqueeze(0) < lengths.unsqueeze(1);  // [B, S]
    const Tensor padding = mask.logical_not(), is_word = mask.to(at::kFloat);
    const Tensor words = at::embedding(source_embedding, source);  // [B, S, m]
    const auto [first, onward] = read(encoder[0], words, is_word, false);
    const auto [last, backward] = read(encoder[1], words, is_word, true);
    const Tensor values = at::cat({onward * is_word.unsqueeze(2), backward}, 2);  // [B, S, 2n]
    const Tensor keys = at::linear(values, key_weight);
    Tensor state = at::tanh(at::linear(last, init_weight, init_bias));

    const Tensor tokens = at::embedding(target_embedding, target);                             // [B, T, m]
    const std::vector<Tensor> gates = at::linear(tokens, gates_weight, gates_bias).unbind(1);  // T × [B, 3n]
    const Gru::Products products(state_weight);
    const Tensor to_context = context_weight.t();
    std::vector<Tensor> states, contexts;
    for (const Tensor& of_token : gates) {
      const Tensor query = at::linear(state, query_weight).unsqueeze(1);
      const Tensor scores = at::matmul(at::tanh(query + keys), v).masked_fill(padding, -INFINITY);  // [B, S]
      const Tensor context = at::bmm(at::softmax(scores, -1).unsqueeze(1), values).squeeze(1);      // [B, 2n]
      states.push_back(state);
      contexts.push_back(context);
      state = products.step(at::addmm(of_token, context, to_context), state);
    }
    const Tensor t = at::linear(at::stack(states, 1), readout_state, readout_bias) + at::linear(tokens, readout_token) +
                     at::linear(at::stack(contexts, 1), readout_context);
    return at::linear(t.unflatten(-1, {l_, 2}).amax(-1), output_weight, output_bias);
  }

 private:
  struct Gru {
    Tensor w_ih, w_hh, b_ih, b_hh;

    struct Products {  // one view of the weight for all times
      Tensor reset_update, next;

      explicit Products(const Tensor& w_hh)
          : reset_update(w_hh.narrow(0, 0, w_hh.size(1) * 2).t()),
            next(w_hh.narrow(0, w_hh.size(1) * 2, w_hh.size(1)).t()) {}

      // r, z = σ(x_rz + U_rz h), n = tanh(x_n + U_n (r∘h)), h' = n + z∘(h - n)
      Tensor step(const Tensor& x, const Tensor& h) const {
        const std::int64_t n = h.size(1);
        const std::vector<Tensor> rz = at::sigmoid(at::addmm(x.narrow(1, 0, 2 * n), h, reset_update)).chunk(2, 1);
        return at::lerp(at::tanh(at::addmm(x.narrow(1, 2 * n, n), rz[0] * h, next)), h, rz[1]);
      }
    };
  };

  // The last state and all states [B, S, n]. Backward through time the state stays 0 until the last word; forward, what
  // follows the last word is masked by who calls.
  static std::pair<Tensor, Tensor> read(const Gru& gru, const Tensor& words, const Tensor& is_word, bool reverse) {
    const std::vector<Tensor> x = at::linear(words, gru.w_ih, gru.b_ih + gru.b_hh).unbind(1);
    const std::vector<Tensor> keep = is_word.unsqueeze(2).unbind(1);  // S × [B, 1]
    const Gru::Products products(gru.w_hh);
    std::vector<Tensor> states(x.size());
    Tensor h = at::zeros({words.size(0), gru.w_hh.size(1)});
    for (std::size_t step = 0; step < x.size(); ++step) {
      const std::size_t t = reverse ? x.size() - 1 - step : step;
      h = products.step(x[t], h);
      if (reverse && step <= x.size() / 4) h = h * keep[t];  // no sentence is shorter than three quarters
      states[t] = h;
    }
    return {h, at::stack(states, 1)};
  }

  Tensor make(const std::string& name, at::IntArrayRef shape) {
    parameters_.push_back(weights(name, shape));
    return parameters_.back();
  }

  std::int64_t n_, l_;
  std::vector<Tensor> parameters_;
  std::vector<Gru> encoder;
  Tensor source_embedding, target_embedding, init_weight, init_bias, query_weight, key_weight, v, gates_weight,
      gates_bias, context_weight, state_weight, readout_state, readout_bias, readout_token, readout_context,
      output_weight, output_bias;
};

Step prepare(const RnnSearchSizes& s) {
  const auto model = std::make_shared<RnnSearch>(s);
  const auto adam = std::make_shared<FusedAdam>(model->parameters());
  return [=, source = ids("source", {s.batch, s.source}, s.source_vocabulary),
          lengths = s.source - ids("lengths", {s.batch}, s.source / 4 + 1),
          target = ids("target", {s.batch, s.target}, s.target_vocabulary),
          labels = ids("labels", {s.batch * s.target}, s.target_vocabulary)] {
    adam->zero_grad();
    const Tensor logits = model->forward(source, lengths, target);
    const Tensor loss = at::cross_entropy_loss(logits.view({-1, logits.size(2)}), labels);
    loss.backward();
    adam->clip_grad_norm(1);
    adam->step();
    return loss.item<double>();
  };
}

const bool registered = register_rows(rnnsearches, prepare);

}  // namespace
}  // namespace heed::bench
