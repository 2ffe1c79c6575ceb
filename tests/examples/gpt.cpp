// examples/gpt as its users run it.
#include <nlohmann/json.hpp>

#include "examples/program.h"
#include "examples/support/gpt_model.h"
#include "heed/autograd/no_grad.h"
#include "heed/nn/attention/recorder.h"
#include "heed/nn/data/utf8.h"
#include "heed/nn/training.h"
#include "heed/tensor/create.h"
#include "heed/tensor/io/safetensors.h"
#include "support/array.h"
#include "support/attention_page.h"

using namespace heed::test;
using heed::FormatError;
using heed::examples::Alphabet;
using heed::examples::GptModel;

namespace {

const std::string sizes = " --progress off --embedding 8 --heads 2 --context 12 --batch 4 --steps 20",
                  small = sizes + " --layers 1";

std::string in_work(const TemporaryFolder& folder, const std::string& name) {
  return read_bytes(folder.path() / "work" / name);
}

Outcome gpt(const TemporaryFolder& folder, const std::string& arguments) { return run(folder, arguments, "", "gpt"); }

}  // namespace

TEST_CASE("gpt trains on sums and on a file, and writes with what it saved", "[programs][gpt]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "work");
  std::string text;
  for (int i = 0; i < 60; ++i) text += "Zwölf Boxkämpfer 猫\n";
  folder.write("work/mine.txt", text);
  for (const std::string kind : {"learned", "sinusoidal", "rotary", "none"}) {
    const std::string data = kind == "rotary" ? "" : " --data mine.txt",
                      more = kind == "none" ? " --layers 2 --dropout 0.1 --kv-heads 1" : " --layers 1";
    const Outcome trained = gpt(folder, "--json r.json --out " + kind + " --positions " + kind + data + sizes + more);
    INFO(trained.err);
    REQUIRE(trained.status == 0);
    CHECK(trained.err.empty());
    const auto report = nlohmann::json::parse(in_work(folder, "r.json"));
    CHECK(report["program"] == "gpt");
    CHECK(report["metrics"]["valid_loss"] < 3.2);  // ln 23 is 3.13: equally likely characters
    CHECK(report["metrics"].contains("right_sums") == data.empty());
    CHECK(contains(in_work(folder, kind + "/loss.svg"), "</svg>"));
    const std::string prompt = data.empty() ? "two" : "Zwölf";
    // More than the context holds.
    const Outcome written = gpt(folder, "--generate 30 --top-k 5 --prompt " + prompt + " --out " + kind);
    CHECK(written.status == 0);
    CHECK(written.out.starts_with(prompt));
    CHECK(heed::nn::characters(written.out).size() == heed::nn::characters(prompt).size() + 30 + 1);
    CHECK(gpt(folder, "--generate 30 --top-k 5 --prompt " + prompt + " --out " + kind).out == written.out);
  }
  check_refused(gpt(folder, "--generate 3 --prompt ß --out learned"), 2, "does not know the character 'ß'", "gpt");
  check_refused(gpt(folder, "--generate 3 --out nowhere"), 2, "nowhere/model.safetensors", "gpt");
}

TEST_CASE("gpt learns pieces of words, and its model brings them along", "[programs][gpt][subwords]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "work");
  std::string text;
  for (int i = 0; i < 60; ++i) text += "Zwölf  Boxkämpfer 猫 😀\n";
  folder.write("work/mine.txt", text);
  const Outcome trained = gpt(folder, "--data mine.txt --subwords 40 --out a" + small);
  INFO(trained.err);
  REQUIRE(trained.status == 0);
  CHECK(GptModel::load(folder.path() / "work" / "a" / "model.safetensors").tokens.size() == 40);
  const Outcome written = gpt(folder, "--generate 20 --temperature 0 --prompt Zwölf --out a");
  CHECK(written.status == 0);
  CHECK(written.out.starts_with("Zwölf"));
  CHECK_FALSE(contains(written.out, "▁"));
}

TEST_CASE("gpt --attention shows the weights that the saved model has", "[programs][gpt]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "work");
  std::string text;
  for (int i = 0; i < 60; ++i) text += "Zwölf Boxkämpfer 猫\n";
  folder.write("work/mine.txt", text);
  const Outcome trained = gpt(folder, "--data mine.txt --attention page.html --out a --layers 2" + sizes);
  INFO(trained.err);
  REQUIRE(trained.status == 0);
  CHECK(contains(trained.out, "wrote page.html"));
  const nlohmann::json maps = page_maps(in_work(folder, "page.html"));
  REQUIRE(maps.size() == 2);

  GptModel model = GptModel::load(folder.path() / "work" / "a" / "model.safetensors");
  heed::nn::set_training(model.lm, false);
  std::vector<std::string> tokens = heed::nn::characters(text);
  tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(tokens.size() / 10 * 9));
  tokens.resize(12);
  std::string shown;
  for (const std::string& token : tokens) shown += token;
  const heed::NoGrad no_gradients;
  const heed::nn::AttentionRecorder recorder(model.lm);
  (void)model.lm.forward({.ids = heed::tensor(model.tokens.encode(shown), {1, 12})});
  REQUIRE(recorder.records().size() == 2);
  for (std::size_t layer = 0; layer < 2; ++layer) {
    CHECK(maps[layer]["layer"] == recorder.records()[layer].module);
    CHECK(maps[layer]["queries"] == tokens);
    CHECK(maps[layer]["keys"] == tokens);
    CHECK(heed::test::same_bits(page_weights(maps[layer]), heed::select(recorder.records()[layer].weights, 0, 0)));
  }
  check_refused(gpt(folder, "--data mine.txt --attention mine.txt" + small), 2, "are the same file", "gpt");
  folder.write("work/notes.txt", "mine");
  check_refused(gpt(folder, "--data mine.txt --attention notes.txt" + small), 2, "choose another --attention", "gpt");
  check_refused(gpt(folder, "--generate 3 --out a --attention page.html"), 2,
                "--attention has no use beside --generate", "gpt");
}

TEST_CASE("gpt: flags and files that cannot be used", "[programs][gpt]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "work" / "own");
  folder.write("work/tiny.txt", "abc\n");
  folder.write("work/text.txt", std::string(400, 'a') + "\n");
  folder.write("work/own/model.safetensors", "mine");
  const auto check = [&](const std::string& arguments, const std::string& expected) {
    check_refused(gpt(folder, arguments), 2, expected, "gpt");
  };
  check("--positions relative", "--positions relative: expected one of: learned, sinusoidal, rotary, none");
  check("--embedding 9 --heads 2", "--heads 2: expected a divisor of --embedding 9");
  check("--heads 4 --kv-heads 3", "--kv-heads 3: expected a divisor of --heads 4");
  check("--embedding 6 --heads 2 --positions rotary", "a head has 3 numbers");
  check("--prompt x", "--prompt has no use without --generate");
  check("--generate 3 --layers 5", "--layers has no use beside --generate");
  check("--data tiny.txt", "tiny.txt has only 4 characters");
  check("--data text.txt --context 360 --batch 4", "--context 360: there are only 360 characters to learn from");
  check("--data text.txt --json text.txt" + small, "--data text.txt and --json text.txt are the same file");
  check("--out own" + small, "own/model.safetensors: would be replaced");
  CHECK(in_work(folder, "own/model.safetensors") == "mine");
  CHECK_FALSE(std::filesystem::exists(folder.path() / "work" / "out-gpt"));  // nothing refused has made a folder
}

TEST_CASE("gpt: a quick training learns to spell", "[programs][gpt][quick]") {
  const TemporaryFolder folder;
  // No model has less than 0.194 nats per character (tests/examples/char_rnn.cpp).
  const Outcome trained = gpt(folder, "--quick --progress off --json r.json");
  INFO(trained.err);
  REQUIRE(trained.status == 0);
  const double loss = nlohmann::json::parse(in_work(folder, "r.json"))["metrics"]["valid_loss"];
  CHECK(loss < 0.45);
  CHECK(loss > 0.19);
}

TEST_CASE("a GPT's file is checked before it is believed", "[programs][gpt]") {
  const TemporaryFolder folder;
  heed::Generator generator(1);
  const auto path = folder.path() / "model.safetensors";
  const GptModel model{
      {Alphabet("ab\n")},
      heed::models::Gpt({.vocabulary = 3, .context = 5, .embedding = 8, .heads = 2, .layers = 1}, generator)};
  model.save(path);
  CHECK(std::get<Alphabet>(GptModel::load(path).tokens.kind).characters() == std::vector<std::string>{"\n", "a", "b"});
  CHECK_NOTHROW(GptModel::check_replaceable(path));
  const heed::TensorFile good = heed::read_safetensors(path);
  const auto refused = [&](const std::string& description) {
    heed::TensorFile file = good;
    file.metadata["heed.gpt"] = description;
    heed::write_safetensors(path, file);
    CHECK_THROWS_AS(GptModel::load(path), FormatError);
  };
  const auto with = [&](const char* key, const nlohmann::json& value) {
    auto description = nlohmann::json::parse(good.metadata.at("heed.gpt"));
    description[key] = value;
    return description.dump();
  };
  refused("");
  refused("{}");
  refused("[1]");
  refused(with("positions", "rotary"));  // the file has learned ones
  refused(with("positions", "relative"));
  refused(with("positions", 7));
  refused(with("context", 6));
  refused(with("context", 1e300));
  refused(with("embedding", -8));
  refused(with("embedding", std::int64_t{1} << 62));
  refused(with("heads", 3));
  refused(with("heads", 0));
  refused(with("kv_heads", 3));
  refused(with("kv_heads", -1));
  refused(with("layers", 2));
  refused(with("layers", std::int64_t{1} << 40));
  refused(with("dropout", 2));
  // Where positions are not learned no tensor bounds the context.
  GptModel({Alphabet("ab\n")}, heed::models::Gpt({.vocabulary = 3,
                                                  .context = 5,
                                                  .embedding = 8,
                                                  .heads = 2,
                                                  .layers = 1,
                                                  .positions = heed::models::GptPositions::rotary},
                                                 generator))
      .save(path);
  heed::TensorFile rotary = heed::read_safetensors(path);
  auto description = nlohmann::json::parse(rotary.metadata.at("heed.gpt"));
  description["context"] = std::int64_t{1} << 40;
  rotary.metadata["heed.gpt"] = description.dump();
  heed::write_safetensors(path, rotary);
  CHECK(message_of<FormatError>([&] { GptModel::load(path); }).ends_with("a context of 1099511627776 is too long"));
  refused(with("characters", {"a", "b"}));
  heed::TensorFile file = good;
  file.metadata.erase("heed.gpt");
  heed::write_safetensors(path, file);
  CHECK_THROWS_AS(GptModel::load(path), FormatError);
  CHECK_THROWS_AS(GptModel::check_replaceable(path), FormatError);
}
