#include "workloads/gpt.h"

#include <c10/core/InferenceMode.h>

#include <memory>

#include "peers/training.h"

namespace heed::bench {
namespace {

struct Layer {
  at::Tensor in_weight, in_bias, out_weight, out_bias, w1, b1, w2, b2, norm1, norm1_bias, norm2, norm2_bias;
};

// Keys and values of one layer, [1, H, context, K].
struct Cache {
  at::Tensor key, value;
};

struct Gpt {
  GptSizes sizes;
  at::Tensor embedding, positions, norm, norm_bias;
  std::vector<Layer> layers;

  explicit Gpt(const GptSizes& s)
      : sizes(s),
        embedding(weights("embedding.weight", {GptSizes::vocabulary, s.embedding})),
        positions(weights("positions.weight", {s.context, s.embedding})),
        norm(weights("norm.weight", {s.embedding})),
        norm_bias(weights("norm.bias", {s.embedding})) {
    const std::int64_t e = s.embedding;
    // heed lists a tied weight under two names, and the second is the last that is filled in.
    embedding = weights("output.weight", {GptSizes::vocabulary, e});
    for (std::int64_t i = 0; i < s.layers; ++i) {
      const auto w = [&](const char* name, at::IntArrayRef shape) {
        return weights("layers." + std::to_string(i) + "." + name, shape);
      };
      layers.push_back({w("self_attn.in_proj_weight", {3 * e, e}), w("self_attn.in_proj_bias", {3 * e}),
                        w("self_attn.out_proj.weight", {e, e}), w("self_attn.out_proj.bias", {e}),
                        w("linear1.weight", {4 * e, e}), w("linear1.bias", {4 * e}), w("linear2.weight", {e, 4 * e}),
                        w("linear2.bias", {e}), w("norm1.weight", {e}), w("norm1.bias", {e}), w("norm2.weight", {e}),
                        w("norm2.bias", {e})});
    }
  }

  std::vector<at::Tensor> parameters() const {
    std::vector<at::Tensor> all{embedding, positions};
    for (const Layer& l : layers)
      for (const at::Tensor& p : {l.in_weight, l.in_bias, l.out_weight, l.out_bias, l.w1, l.b1, l.w2, l.b2, l.norm1,
                                  l.norm1_bias, l.norm2, l.norm2_bias})
        all.push_back(p);
    all.push_back(norm);
    all.push_back(norm_bias);
    return all;
  }

  at::Tensor normed(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) const {
    return at::layer_norm(x, {sizes.embedding}, weight, bias, 1e-5);
  }

  // ids [B, T] at positions from `first` on, with what the caches hold before them.
  at::Tensor forward(const at::Tensor& ids, std::int64_t first = 0, std::vector<Cache>* caches = nullptr) const {
    const std::int64_t b = ids.size(0), t = ids.size(1), e = sizes.embedding;
    at::Tensor x = at::embedding(embedding, ids) + positions.narrow(0, first, t);
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const Layer& l = layers[i];
      const at::Tensor packed = at::linear(normed(x, l.norm1, l.norm1_bias), l.in_weight, l.in_bias)
                                    .view({b, t, 3, sizes.heads, e / sizes.heads});
      const auto part = [&](std::int64_t which) { return packed.select(2, which).transpose(1, 2); };
      at::Tensor key = part(1), value = part(2);
      if (caches) {
        Cache& cache = (*caches)[i];
        cache.key.narrow(2, first, t).copy_(key);
        cache.value.narrow(2, first, t).copy_(value);
        key = cache.key.narrow(2, 0, first + t);
        value = cache.value.narrow(2, 0, first + t);
      }
      const at::Tensor attended = at::scaled_dot_product_attention(part(0), key, value, {}, 0, !caches);
      x = x + at::linear(attended.transpose(1, 2).reshape({b, t, e}), l.out_weight, l.out_bias);
      const at::Tensor between = at::gelu(at::linear(normed(x, l.norm2, l.norm2_bias), l.w1, l.b1), "tanh");
      x = x + at::linear(between, l.w2, l.b2);
    }
    return at::linear(normed(x, norm, norm_bias), embedding);
  }
};

Step train(const GptTraining& sizes) {
  const auto gpt = std::make_shared<Gpt>(sizes);
  const auto adam = std::make_shared<FusedAdam>(gpt->parameters(), 0.01);
  const auto read = [&](const char* name) { return ids(name, {sizes.batch, sizes.context}, GptSizes::vocabulary); };
  return [=, tokens = read("inputs"), labels = read("labels").reshape(-1)] {
    adam->zero_grad();
    const at::Tensor logits = gpt->forward(tokens);
    const at::Tensor loss = at::cross_entropy_loss(logits.view({-1, GptSizes::vocabulary}), labels);
    loss.backward();
    adam->step();
    return loss.item<double>();
  };
}

Step decode(const GptDecoding& sizes) {
  const c10::InferenceMode inference;
  struct Writing {
    Gpt gpt;
    std::vector<Cache> caches;
    at::Tensor id = at::zeros({1, 1}, at::kLong);
    std::int64_t length = 0;
  };
  const auto text = std::make_shared<Writing>(Writing{Gpt(sizes), {}});
  const auto room = [&] { return at::zeros({1, sizes.heads, sizes.context, sizes.embedding / sizes.heads}); };
  for (std::int64_t i = 0; i < sizes.layers; ++i) text->caches.push_back({room(), room()});
  return [text, context = sizes.context] {
    const c10::InferenceMode no_gradients;
    if (text->length == context) text->length = 0;
    const at::Tensor logits = text->gpt.forward(text->id, text->length++, &text->caches).view({GptSizes::vocabulary});
    const auto next = logits.argmax().item<std::int64_t>();
    text->id.fill_(next);
    return logits.const_data_ptr<float>()[next];
  };
}

const bool registered = register_rows(gpt_trainings, train) && register_rows(gpt_decodings, decode);

}  // namespace
}  // namespace heed::bench
