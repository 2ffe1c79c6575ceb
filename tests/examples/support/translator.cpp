// A translator's file: what save() writes load() reads, and what else is refused before much memory is asked for.
#include "examples/support/translator.h"

#include <sys/resource.h>

#include <functional>
#include <limits>

#include "heed/tensor/create.h"
#include "heed/tensor/io/safetensors.h"
#include "heed/tensor/ops/elementwise.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/temporary_folder.h"

using namespace heed;
using namespace heed::examples;
namespace fs = std::filesystem;

namespace {

Translator small(models::ReadoutState readout = models::ReadoutState::current) {
  const nn::Vocabulary source(std::map<std::string, std::int64_t>{{"eins", 3}, {"zwei", 2}}, {}),
      target(std::map<std::string, std::int64_t>{{"one", 3}, {"two", 2}, {"three", 1}}, {});
  Generator generator(1);
  return {{Level::words, Level::spaced_words, source, target},
          models::RnnSearch({.source_vocabulary = source.size(),
                             .target_vocabulary = target.size(),
                             .embedding = 3,
                             .hidden = 4,
                             .alignment = 5,
                             .maxout = 2,
                             .readout_state = readout,
                             .stddev = 0.5},
                            generator)};
}

}  // namespace

TEST_CASE("a translator goes through its file", "[examples][translator]") {
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / "model.safetensors";
  for (models::ReadoutState readout : {models::ReadoutState::current, models::ReadoutState::previous}) {
    const Translator written = small(readout);
    written.save(path);
    const Translator read = Translator::load(path);
    CHECK(read.model.config().readout_state == readout);
    CHECK(read.tokenizer.source_level == Level::words);
    CHECK(read.tokenizer.target_level == Level::spaced_words);
    CHECK(read.tokenizer.source.tokens() == written.tokenizer.source.tokens());
    CHECK(read.tokenizer.target.tokens() == written.tokenizer.target.tokens());
    const auto state = nn::state_dict(read.model);
    for (const auto& [name, tensor] : nn::state_dict(written.model)) CHECK(test::same_bits(tensor, state.at(name)));
    CHECK(read.translate({"eins zwei"}, 2)[0].text == written.translate({"eins zwei"}, 2)[0].text);
  }
}

TEST_CASE("a translator of pieces brings its SentencePiece model along", "[examples][translator][subwords]") {
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / "model.safetensors";
  Translator written = small();
  written.tokenizer.subwords = SubwordModel::train({"one two three", "eins zwei"}, 30);
  written.save(path);
  const Translator read = Translator::load(path);
  REQUIRE(read.tokenizer.subwords);
  CHECK(read.tokenizer.subwords->bytes() == written.tokenizer.subwords->bytes());
  CHECK(read.tokenizer.join({"▁one", "▁t", "wo", "<unk>"}) == "one two ⁇ ");
  // Words of the text, not pieces, are what is scored (trap M4).
  CHECK(read.tokenizer.words({{}, {"▁one", "▁t", "wo", "<eos>"}, {}, "one two"}) == Tokens{"one", "two"});

  std::string bytes = test::read_bytes(path);
  Generator random(1);
  for (int i = 0; i < 200; ++i) {
    const auto at = static_cast<std::size_t>(random.uniform_int(std::ssize(bytes)));
    const auto flipped = static_cast<char>(1 << random.uniform_int(8));
    bytes[at] ^= flipped;
    folder.write("flipped", bytes);
    CHECK_THROWS_AS(Translator::load(folder.path() / "flipped"), FormatError);
    bytes[at] ^= flipped;
  }
}

TEST_CASE("a translation does not depend on the sentences beside it", "[examples][translator]") {
  Translator translator = small();
  // A model that never writes <eos>, nor <pad> and <bos>: only the limit of its own sentence ends a translation.
  auto state = nn::state_dict(translator.model);
  Tensor bias = state.at("output.bias").clone();
  float* numbers = bias.mutable_data<float>();
  numbers[nn::Vocabulary::eos] = -100;
  state.at("output.bias") = bias;
  nn::load_state_dict(translator.model, state);
  const std::vector<std::string> texts{"eins", "eins zwei eins zwei eins zwei", "zwei"};
  const std::vector<Translation> together = translator.translate(texts, 2);
  REQUIRE(together.size() == 3);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Translation alone = translator.translate({texts[i]}, 2)[0];
    CAPTURE(texts[i]);
    CHECK(together[i].target.size() == 2 * together[i].source.size() + 10);
    CHECK(together[i].source == alone.source);
    CHECK(together[i].target == alone.target);
    CHECK(together[i].text == alone.text);
    REQUIRE(together[i].weights.size() == together[i].target.size());
    for (const auto& row : together[i].weights) CHECK(row.size() == together[i].source.size());
  }
}

TEST_CASE("the words of a translation leave out the end", "[examples][translator]") {
  const Tokenizer tokenizer;
  CHECK(tokenizer.words({{}, {"<unk>", ".", "<eos>"}, {}, ""}) == Tokens{"<unk>", "."});
  CHECK(tokenizer.words({{}, {"one", "two"}, {}, ""}) == Tokens{"one", "two"});
  CHECK(tokenizer.words({}).empty());
}

TEST_CASE("a file that is no translator is refused, and asks for no memory", "[examples][translator]") {
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / "model.safetensors";
  small().save(path);
  const TensorFile good = read_safetensors(path);
  const auto check = [&](const std::string& expected, const std::function<void(TensorFile&)>& spoil) {
    TensorFile file = good;
    for (auto& [name, tensor] : file.tensors) tensor = tensor.clone();
    spoil(file);
    write_safetensors(path, file);
    INFO(expected);
    const std::string message = test::message_of<FormatError>([&] { Translator::load(path); });
    CHECK(message.find(path.string() + ": not a translator: ") == 0);
    CHECK(message.find(expected) != std::string::npos);
  };
  const auto description = [](TensorFile& file) -> std::string& { return file.metadata.at("heed.translator"); };
  const auto replace = [&](TensorFile& file, const std::string& from, const std::string& to) {
    std::string& text = description(file);
    REQUIRE(text.find(from) != std::string::npos);
    text.replace(text.find(from), from.size(), to);
  };
  check("its metadata lacks heed.translator", [](TensorFile& f) { f.metadata.erase("heed.translator"); });
  check("heed.translator in its metadata is not a JSON object", [&](TensorFile& f) { description(f) = "{"; });
  check("heed.translator in its metadata is not a JSON object", [&](TensorFile& f) { description(f) = "[1]"; });
  check(
      "heed.translator in its metadata: source_level is \"letters\", expected one of: characters, words, spaced words",
      [&](TensorFile& f) { replace(f, "\"words\"", "\"letters\""); });
  check("no subwords there, expected a text", [&](TensorFile& f) { replace(f, "{", "{\"subwords\":1,"); });
  check("its subwords are not hexadecimal", [&](TensorFile& f) { replace(f, "{", "{\"subwords\":\"x\","); });
  check("not a SentencePiece model", [&](TensorFile& f) { replace(f, "{", "{\"subwords\":\"0a\","); });
  check("readout is \"next\", expected one of: previous, current",
        [&](TensorFile& f) { replace(f, "\"current\"", "\"next\""); });
  check("no target_level there, expected a text", [&](TensorFile& f) { replace(f, "target_level", "lovel"); });
  check("no source there, expected a list of texts", [&](TensorFile& f) { replace(f, "\"eins\"", "1"); });
  check("vocabularies of", [&](TensorFile& f) { replace(f, "\"eins\"", "\"eins\",\"drei\""); });
  check("it lacks a tensor decoder.weight_hh of rank 2", [](TensorFile& f) { f.tensors.erase("decoder.weight_hh"); });
  check("it lacks a tensor attention.v of rank 1", [](TensorFile& f) { f.tensors.at("attention.v") = ones({5, 1}); });
  check("elements, a model of its sizes", [](TensorFile& f) { f.tensors.at("decoder.weight_hh") = ones({12, 5}); });
  check("elements, a model of its sizes", [](TensorFile& f) { f.tensors.erase("output.bias"); });
  check("output.bias is f32", [](TensorFile& f) { f.tensors.at("output.bias") = ones({1, 7}); });
  check("missing: [output.bias]", [](TensorFile& f) {
    f.tensors.emplace("other", f.tensors.at("output.bias"));
    f.tensors.erase("output.bias");
  });
  check("output.bias has a NaN or an infinite number",
        [](TensorFile& f) { f.tensors.at("output.bias") = full({7}, std::numeric_limits<double>::quiet_NaN()); });
  check("output.bias is bool, expected f32 or f64",
        [](TensorFile& f) { f.tensors.at("output.bias") = ones({7}, DType::boolean); });

  check("output.bias has elements that f32 cannot hold",
        [](TensorFile& f) { f.tensors.at("output.bias") = full({7}, 1e100, DType::f64); });

  // 36 MB that say they are a model of 36 GB.
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  check("elements, a model of its sizes", [](TensorFile& f) {
    f.tensors.at("source_embedding.weight") = zeros({6, 1'000'000});
    f.tensors.at("decoder.weight_hh") = zeros({3000, 1000});
  });
  getrusage(RUSAGE_SELF, &after);
  CHECK(after.ru_maxrss - before.ru_maxrss < 500'000);  // KB
}
