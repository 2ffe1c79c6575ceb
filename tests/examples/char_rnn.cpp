// examples/char_rnn as its users run it.
#include <nlohmann/json.hpp>
#include <set>

#include "examples/program.h"
#include "examples/support/char_model.h"
#include "heed/nn/data/utf8.h"
#include "heed/tensor/io/safetensors.h"

using namespace heed::test;
using heed::FormatError;
using heed::examples::Alphabet;
using heed::examples::CharModel;

namespace {

const std::string small = " --progress off --hidden 12 --embedding 4 --batch 4 --length 16 --steps 20 --lr 0.02";

std::string in_work(const TemporaryFolder& folder, const std::string& name) {
  return read_bytes(folder.path() / "work" / name);
}

Outcome char_rnn(const TemporaryFolder& folder, const std::string& arguments) {
  return run(folder, arguments, "", "char_rnn");
}

// The last tenth of a text's characters.
std::string held_out(const std::string& text) {
  const std::vector<std::string> characters = heed::nn::characters(text);
  std::string last;
  for (std::size_t i = characters.size() / 10 * 9; i < characters.size(); ++i) last += characters[i];
  return last;
}

}  // namespace

TEST_CASE("char_rnn trains on sums and on a file, and writes with what it saved", "[programs]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "work");
  std::string text;
  for (int i = 0; i < 60; ++i) text += "Zwölf Boxkämpfer 猫\n";
  folder.write("work/mine.txt", text);
  for (const std::string cell : {"rnn", "lstm", "gru"}) {
    const std::string data = cell == "lstm" ? "" : " --data mine.txt",
                      more = cell == "gru" ? " --layers 2 --dropout 0.1" : "";
    const Outcome trained = char_rnn(folder, "--json r.json --out " + cell + " --cell " + cell + data + more + small);
    INFO(trained.err);
    REQUIRE(trained.status == 0);
    CHECK(trained.err.empty());
    const auto report = nlohmann::json::parse(in_work(folder, "r.json"));
    CHECK(report["program"] == "char_rnn");
    CHECK(report["metrics"]["valid_loss"] < 4);
    CHECK(report["metrics"].contains("right_sums") == data.empty());
    CHECK(contains(in_work(folder, cell + "/loss.svg"), "</svg>"));
    const std::string prompt = data.empty() ? "two" : "Zwölf";
    const Outcome written = char_rnn(folder, "--generate 30 --top-k 5 --prompt " + prompt + " --out " + cell);
    CHECK(written.status == 0);
    CHECK(written.out.starts_with(prompt));
    CHECK(heed::nn::characters(written.out).size() == heed::nn::characters(prompt).size() + 30 + 1);
    CHECK(char_rnn(folder, "--generate 30 --top-k 5 --prompt " + prompt + " --out " + cell).out == written.out);
  }
  check_refused(char_rnn(folder, "--generate 3 --prompt ß --out rnn"), 2, "does not know the character 'ß'",
                "char_rnn");
  check_refused(char_rnn(folder, "--generate 3 --out nowhere"), 2, "nowhere/model.safetensors", "char_rnn");
  check_refused(char_rnn(folder, "--out mine.txt" + small), 2, "mine.txt: cannot be a folder", "char_rnn");
}

TEST_CASE("char_rnn learns pieces of words, and its model brings them along", "[programs][subwords]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "work");
  std::string text;
  for (int i = 0; i < 60; ++i) text += "Zwölf  Boxkämpfer 猫 😀\n";
  folder.write("work/mine.txt", text);
  const Outcome trained = char_rnn(folder, "--data mine.txt --subwords 40 --json r.json --out a" + small);
  INFO(trained.err);
  REQUIRE(trained.status == 0);
  CHECK(trained.err.empty());
  CHECK(trained.out.starts_with("mine.txt: "));
  for (const auto& entry : std::filesystem::directory_iterator(folder.path() / "work"))
    CHECK(std::set<std::string>{"mine.txt", "r.json", "a"}.contains(entry.path().filename()));

  const CharModel model = CharModel::load(folder.path() / "work" / "a" / "model.safetensors");
  REQUIRE(model.tokens.subwords() != nullptr);
  CHECK(model.tokens.size() == 40);
  const auto metrics = nlohmann::json::parse(in_work(folder, "r.json"))["metrics"];
  const double characters = static_cast<double>(heed::nn::characters(held_out(text)).size()),
               pieces = static_cast<double>(model.tokens.encode(held_out(text)).size());
  CHECK(metrics["valid_loss"].get<double>() ==
        Approx(metrics["valid_loss_per_piece"].get<double>() * pieces / characters));

  const Outcome written = char_rnn(folder, "--generate 40 --temperature 0 --prompt Zwölf --out a");
  CHECK(written.status == 0);
  CHECK(written.out.starts_with("Zwölf"));
  CHECK(heed::nn::first_invalid_utf8(written.out) == std::string::npos);
  CHECK_FALSE(contains(written.out, "▁"));
  check_refused(char_rnn(folder, "--generate 3 --prompt ß --out a"), 2, "the model's pieces do not have 'ß'",
                "char_rnn");

  folder.write("work/pieces.model", model.tokens.subwords()->bytes());
  REQUIRE(char_rnn(folder, "--data mine.txt --subword-model pieces.model --out b" + small).status == 0);
  CHECK(in_work(folder, "a/model.safetensors") == in_work(folder, "b/model.safetensors"));
  check_refused(char_rnn(folder, "--data mine.txt --subwords 39 --resume --out a" + small), 2,
                "a/checkpoint.safetensors: of a run with subwords 40 pieces, CRC-32C ", "char_rnn");
  check_refused(char_rnn(folder, "--data mine.txt --resume --out a" + small), 2, "here it is none", "char_rnn");

  std::string damaged = model.tokens.subwords()->bytes();
  folder.write("work/bad.model", damaged.substr(0, damaged.size() - 1));
  const auto check = [&](const std::string& flags, const std::string& expected) {
    check_refused(char_rnn(folder, "--data mine.txt " + flags + small), 2, expected, "char_rnn");
  };
  check("--subword-model bad.model", "bad.model: not a SentencePiece model");
  check("--subword-model nowhere", "nowhere: ");
  check("--subword-model ''", "--subword-model: no name");
  check("--subword-model pieces.model --json pieces.model",
        "--subword-model pieces.model and --json pieces.model are the same file");
  check("--subwords 40 --subword-model pieces.model", "--subwords and --subword-model both say which pieces");
  check("--subwords 9", "--subwords 9: 9 pieces are too few for 17 different characters, which take 20");
  check_refused(char_rnn(folder, "--generate 3 --out a --subwords 5"), 2, "--subwords has no use beside --generate",
                "char_rnn");
}

TEST_CASE("char_rnn: flags and files that cannot be used", "[programs]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "work" / "own");
  folder.write("work/tiny.txt", "abc\n");
  folder.write("work/text.txt", std::string(400, 'a') + "\n");
  folder.write("work/bad.txt", "abc \xFF\n");
  folder.write("work/own/model.safetensors", "mine");
  const auto check = [&](const std::string& arguments, const std::string& expected) {
    check_refused(char_rnn(folder, arguments), 2, expected, "char_rnn");
  };
  check("--cell transformer", "--cell transformer: expected one of: rnn, lstm, gru");
  check("--hidden 0", "--hidden 0: expected a whole number from 1 to 8192");
  check("--top-p 0", "--top-p 0: expected a number");
  check("--prompt x", "--prompt has no use without --generate");
  check("--generate 3 --steps 5", "--steps has no use beside --generate");
  check("--data ''", "--data: no name");
  check("--data nowhere.txt", "nowhere.txt: cannot open");
  check("--data bad.txt", "bad.txt:1:");
  check("--data tiny.txt", "tiny.txt has only 4 characters");
  check("--data text.txt --json text.txt" + small, "--data text.txt and --json text.txt are the same file");
  check("--quick --steps 5", "--quick and --steps both say how long to train");
  check("--out own" + small, "own/model.safetensors: would be replaced");
  check("extra", "extra");
  CHECK(in_work(folder, "own/model.safetensors") == "mine");
}

TEST_CASE("char_rnn: a quick training learns to spell, and something of sums", "[programs][quick]") {
  const TemporaryFolder folder;
  // A sum has 31.45 characters and two terms of 21: no model has less than 2 ln 21 / 31.45 = 0.194 nats per character.
  for (const char* seed : {"1", "2", "3"}) {
    const Outcome trained = char_rnn(folder, std::string("--quick --progress off --json r.json --seed ") + seed);
    INFO(trained.err);
    REQUIRE(trained.status == 0);
    const double loss = nlohmann::json::parse(in_work(folder, "r.json"))["metrics"]["valid_loss"];
    CHECK(loss < 0.3);
    CHECK(loss > 0.19);
  }
}

TEST_CASE("a character model's file is checked before it is believed", "[programs]") {
  const TemporaryFolder folder;
  heed::Generator generator(1);
  const auto path = folder.path() / "model.safetensors";
  const CharModel model{{Alphabet("ab\n")},
                        heed::examples::make_lm("gru", {.vocabulary = 3, .embedding = 2, .hidden = 4}, generator)};
  model.save(path);
  CHECK(std::get<Alphabet>(CharModel::load(path).tokens.kind).characters() == std::vector<std::string>{"\n", "a", "b"});
  CHECK_NOTHROW(CharModel::check_replaceable(path));
  const heed::TensorFile good = heed::read_safetensors(path);
  const auto refused = [&](const std::string& description) {
    heed::TensorFile file = good;
    file.metadata["heed.char_rnn"] = description;
    heed::write_safetensors(path, file);
    CHECK_THROWS_AS(CharModel::load(path), FormatError);
  };
  const auto with = [&](const char* key, const nlohmann::json& value) {
    auto description = nlohmann::json::parse(good.metadata.at("heed.char_rnn"));
    description[key] = value;
    return description.dump();
  };
  refused("");
  refused("{}");
  refused("[1]");
  refused(with("cell", "lstm"));
  refused(with("cell", 7));
  refused(with("hidden", 5));
  refused(with("hidden", -4));
  refused(with("hidden", 4.9));
  refused(with("hidden", 1e300));
  refused(with("hidden", std::int64_t{1} << 62));
  refused(with("layers", std::int64_t{1} << 40));
  refused(with("dropout", 2));
  refused(with("characters", {"a", "b"}));
  refused(with("characters", {"b", "a", "c"}));
  refused(with("characters", {"a", "bc", "d"}));
  refused(with("characters", {"a", "", "d"}));
  refused(with("subwords", 7));
  refused(with("subwords", ""));
  refused(with("subwords", "0a0"));
  refused(with("subwords", heed::examples::SubwordModel::train({"ab"}, 6).hex()));  // 6 pieces, embeddings of 3
  heed::TensorFile file = good;
  file.metadata.erase("heed.char_rnn");
  heed::write_safetensors(path, file);
  CHECK_THROWS_AS(CharModel::load(path), FormatError);
  CHECK_THROWS_AS(CharModel::check_replaceable(path), FormatError);
}
