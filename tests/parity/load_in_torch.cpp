// The other way round: what heed writes, PyTorch loads. Hidden, because it needs PyTorch:
//
//   heed_tests "[write-state]" && /opt/torch/bin/python tests/parity/load_in_torch.py heed-states
#include <filesystem>

#include "heed/nn/attention/multi_head.h"
#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/nn/rnn/gru.h"
#include "heed/nn/transformer/transformer.h"
#include "heed/tensor/create.h"
#include "heed/tensor/io/safetensors.h"
#include "support/catch.h"

using namespace heed;

namespace {

// <name>.safetensors holds the state dict and nothing else, <name>.run.safetensors what the layer made of some input.
template <class Module>
void write(const std::string& name, const Module& module, const std::map<std::string, Tensor>& run) {
  const std::filesystem::path folder = "heed-states";
  std::filesystem::create_directories(folder);
  write_safetensors(folder / (name + ".safetensors"), {nn::state_dict(module), {}});
  write_safetensors(folder / (name + ".run.safetensors"), {run, {}});
}

}  // namespace

TEST_CASE("writes state dicts for load_in_torch.py", "[.][write-state]") {
  for (DType dtype : {DType::f32, DType::f64}) {
    Generator generator(7);
    const std::string type(name(dtype));
    const Tensor x = normal(generator, {3, 5, 4}, 0, 1, dtype);
    for (bool bias : {true, false}) {
      const nn::Linear linear({.in = 4, .out = 6, .bias = bias, .dtype = dtype}, generator);
      write("linear" + std::string(bias ? "." : "_without_bias.") + type, linear,
            {{"x", x}, {"y", linear.forward(x).value()}});
    }
    const nn::Embedding embedding({.num_embeddings = 9, .embedding_dim = 3, .dtype = dtype}, generator);
    const Tensor ids = arange(9);
    write("embedding." + type, embedding, {{"x", ids}, {"y", embedding.forward(ids).value()}});
    for (bool bias : {true, false}) {
      const nn::Gru gru(
          {.cell = {.input = 4, .hidden = 5, .bias = bias, .dtype = dtype}, .layers = 2, .bidirectional = true},
          generator);
      const nn::Gru::Output read = gru.forward({.x = x});
      write("gru" + std::string(bias ? "." : "_without_bias.") + type, gru,
            {{"x", x}, {"y", read.output.value()}, {"last", read.final_state.value()}});
    }
    const nn::MultiHeadAttention attention({.embed = 4, .heads = 2, .dtype = dtype}, generator);
    const nn::MultiHeadAttention::Output attended = attention.forward({.query = x, .need_weights = true});
    write("multi_head." + type, attention, {{"x", x}, {"y", attended.y.value()}, {"last", attended.weights.value()}});
    const nn::Transformer transformer(
        {.layer = {.embed = 4, .heads = 2, .feedforward = 6, .dropout = 0, .dtype = dtype},
         .encoder_layers = 2,
         .decoder_layers = 2},
        generator);
    write("transformer." + type, transformer,
          {{"x", x}, {"y", transformer.forward({.source = x, .target = x}).y.value()}});
  }
}
