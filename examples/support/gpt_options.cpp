#include "examples/support/gpt_options.h"

#include <fmt/format.h>

#include "examples/support/attention_file.h"
#include "examples/support/flags.h"
#include "examples/support/gpt_model.h"

namespace heed::examples {
namespace {

// The flags that say what a model is.
constexpr const char *embedding = "--embedding", *heads = "--heads", *kv_heads = "--kv-heads", *layers = "--layers",
                     *context = "--context";

void check_sizes(const GptOptions& o) {
  if (o.embedding % o.heads != 0)
    throw FormatError(fmt::format("{} {}: expected a divisor of {} {}", heads, o.heads, embedding, o.embedding));
  if (o.kv_heads > 0 && o.heads % o.kv_heads != 0)
    throw FormatError(fmt::format("{} {}: expected a divisor of {} {}", kv_heads, o.kv_heads, heads, o.heads));
  if (o.positions == "rotary" && o.embedding / o.heads % 2 != 0)
    throw FormatError(fmt::format("--positions rotary turns pairs, and with {} {} and {} {} a head has {} numbers",
                                  embedding, o.embedding, heads, o.heads, o.embedding / o.heads));
}

}  // namespace

std::optional<GptOptions> parse_gpt_options(int argc, char** argv) {
  GptOptions o;
  o.out = "out-gpt";
  o.batch = 12;
  o.learning_rate = 2e-3;
  Flags flags(
      "gpt",
      "Trains a Transformer to predict the next character of a text, or piece of a word, and writes text with it.\n"
      "Without --data it learns sums in words, such as \"three plus four is seven.\"");
  add_train_options(flags, o,
                    {.data = "text to learn from, in UTF-8 (default: sums in words)",
                     .files = "model.safetensors and loss.svg",
                     .steps = "2000",
                     .batch = "windows of the text per step",
                     .quick = "a shorter training of a smaller model (--embedding 64 --layers 2 --lr 0.005)"});
  flags.add_number(embedding, o.embedding, 1, 4096, "width of the model");
  flags.add_number(heads, o.heads, 1, 256, "heads of each layer's attention");
  flags.add_number(kv_heads, o.kv_heads, 1, 256, "heads of keys and values, which queries share (default: --heads)");
  flags.add_number(layers, o.layers, 1, 64, "layers");
  flags.add_number(context, o.context, 1, longest_context, "characters, or pieces, that the model sees");
  flags.add_number("--dropout", o.dropout, 0.0, 0.99,
                   "dropout of the embedding, of attention weights and in each layer");
  flags.add_choice("--positions", o.positions, gpt_positions(), "how the model knows where a token stands");
  add_writing_flags(flags, o, "characters, or pieces,");
  add_subword_flags(flags, o.subwords, "characters");
  add_attention_flag(flags, o.attention);
  if (!flags.parse(argc, argv)) return std::nullopt;
  check_writing_flags(flags);
  check_subword_flags(flags);
  if (o.quick && !flags.given(embedding)) o.embedding = 64;
  if (o.quick && !flags.given(layers)) o.layers = 2;
  if (o.quick && !flags.given("--lr")) o.learning_rate = 5e-3;
  check_sizes(o);
  return o;
}

}  // namespace heed::examples
