// Learning from a user's own pairs: what is read and kept, what comes back, what is said about it.
#include <nlohmann/json.hpp>

#include "examples/program.h"

using namespace heed::test;
namespace fs = std::filesystem;

namespace {

Outcome train(const TemporaryFolder& folder, const std::string& data, const std::string& flags) {
  fs::create_directory(folder.path() / "work");
  folder.write("work/pairs.tsv", data);
  return run(folder, "--data pairs.tsv --json result.json " + flags);
}

nlohmann::json metrics(const TemporaryFolder& folder) {
  return nlohmann::json::parse(read_bytes(folder.path() / "work" / "result.json"))["metrics"];
}

// Sentences of words that stand in hardly any other: with held-out pairs and rare words as <unk> none comes back.
std::string forty_pairs() {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    const std::string n = std::to_string(i);
    text += "word" + n + " of number " + std::to_string(i % 7) + "\tmot" + n + (i % 2 ? " numéro " : " chiffre ") +
            std::to_string(i % 7) + " !\n";
  }
  return text;
}

}  // namespace

TEST_CASE("forty pairs come back with the defaults", "[translate]") {
  const TemporaryFolder folder;
  const Outcome outcome = train(folder, forty_pairs(), "--progress off");
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  CHECK(contains(outcome.out, "40 pairs read, 40 kept, 0 left out\n"));
  CHECK(
      contains(outcome.out, "40 training pairs, 0 held out; vocabularies of 53 and 54 words: <unk> are 0.0 and 0.0 %"));
  CHECK(contains(outcome.out, "kept has the lowest loss on the training pairs"));
  CHECK(contains(outcome.out, "40 of 40 training sentences come out exactly, BLEU 100.0 (words)"));
  CHECK(metrics(folder)["exact_match"] == 1);
  CHECK(metrics(folder)["train_loss"] < 0.1);
  CHECK_FALSE(metrics(folder).contains("valid_loss"));
  const Outcome translated = run(folder, "--translate 'Word17 of number 3'");
  CHECK(translated.out == "mot17 numéro 3!\n");
}

TEST_CASE("pairs are learned in pieces of words, and scored in words", "[translate][subwords]") {
  const TemporaryFolder folder;
  const Outcome outcome = train(folder, forty_pairs(), "--subwords 60 --progress off");
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  CHECK(outcome.err.empty());
  CHECK(contains(outcome.out, " pieces, of 60 pieces, CRC-32C "));
  CHECK(contains(outcome.out, "40 of 40 training sentences come out exactly, BLEU 100.0 (words)"));
  const Outcome translated = run(folder, "--translate 'word17 of number 3'");
  CHECK(translated.out == "mot17 numéro 3 !\n");
  const std::string flags = "--data pairs.tsv --progress off --resume ";
  check_refused(run(folder, flags + "--subwords 59"), 2, "of a run with subwords 60 pieces, CRC-32C ");
  check_refused(run(folder, flags), 2, "here it is none");
  check_refused(run(folder, "--subwords 60"), 2, "--subwords has no use without --data");
  check_refused(run(folder, "--subword-model x"), 2, "--subword-model has no use without --data");
  check_refused(run(folder, flags + "--subwords 60 --min-count 2"), 2, "--min-count has no use beside --subwords");
  check_refused(run(folder, flags + "--subword-model x --vocabulary 9"), 2,
                "--vocabulary has no use beside --subword-model");
  check_refused(run(folder, "--translate x --subwords 60"), 2, "--subwords has no use beside --translate");
}

TEST_CASE("what is left out is said with its reason", "[translate]") {
  const TemporaryFolder folder;
  std::string text = pairs() + "\n\n";
  for (int i = 0; i < 8; ++i) text += "one two three four five six seven eight nine ten eleven twelve\tx\n";
  Outcome outcome = train(folder, text, "--max-words 11 --max-pairs 50 --held-out 7" + few_steps + tiny);
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  CHECK(contains(outcome.out,
                 "68 pairs read, 50 kept, 18 left out: 8 have more than 11 words on one side "
                 "(--max-words), 10 drawn at random (--max-pairs 50)\n"));
  CHECK(contains(outcome.out, "held-out sentences come out exactly"));
  CHECK(metrics(folder)["valid_loss"].is_number());

  // By itself it keeps all of a small file, up to 60 words.
  outcome = train(folder, text, few_steps + tiny);
  CHECK(contains(outcome.out, "68 pairs read, 68 kept, 0 left out\n"));
  const auto many = [](int words) {
    std::string sentence;
    for (int i = 0; i < words; ++i) sentence += "w ";
    return sentence + "\tx\n";
  };
  outcome = train(folder, pairs() + many(60), few_steps + tiny);
  CHECK(contains(outcome.out, "61 pairs read, 61 kept, 0 left out\n"));
  outcome = train(folder, pairs() + many(61), few_steps + tiny);
  CHECK(contains(outcome.out, "61 pairs read, 60 kept, 1 left out: 1 have more than 60 words on one side"));
  outcome = train(folder, text, "--min-count 30" + few_steps + tiny);
  CHECK(contains(outcome.out, "(--min-count 30, --vocabulary 8000)"));
  CHECK_FALSE(contains(outcome.out, "<unk> are 0.0"));
}

TEST_CASE("ideographs are words, except where blanks stand between words", "[translate]") {
  const TemporaryFolder folder;
  std::string plain, spaced;
  for (int i = 0; i < 60; ++i) {
    const std::string cat = i % 2 ? "猫" : "子犬", drinks = i % 3 ? "飲みます" : "買う", n = std::to_string(i % 5);
    plain += "the cat " + n + "\t" + cat + "が牛乳" + n + "を" + drinks + "。\n";
    spaced += "the cat " + n + "\t" + cat + " が 牛乳 " + n + " を " + drinks + " 。\n";
  }
  Outcome outcome = train(folder, plain, few_steps + tiny);
  INFO(outcome.err);
  CHECK(contains(outcome.out, "the target's words are its characters: too few blanks to divide words\n"));
  CHECK(contains(outcome.out, " (characters)\n"));
  outcome = train(folder, spaced, " --steps 60" + tiny);  // after 20 some seeds write no を
  CHECK(contains(outcome.out, "the target's words are what stands between its blanks\n"));
  CHECK(contains(outcome.out, " (words)\n"));
  CHECK(contains(outcome.out, "vocabularies of 11 and 17 words"));  // 猫 子犬 が 牛乳 を 飲みます 買う 。 0 … 4
  const Outcome translated = run(folder, "--translate 'the cat 3'");
  CHECK(translated.status == 0);
  CHECK(contains(translated.out, " を "));
}

TEST_CASE("held-out pairs and limits that leave nothing are refused with their flag", "[translate]") {
  const TemporaryFolder folder;
  const auto check = [&](const std::string& data, const std::string& flags, const std::string& expected) {
    check_refused(train(folder, data, flags + tiny), 2, expected);
  };
  check(pairs(), "--max-words 2",
        "pairs.tsv: all 60 pairs have more than 2 words on one side, the limit (--max-words); the shortest has 3");
  check(pairs(), "--held-out 60", "--held-out 60: pairs.tsv has only 60 pairs");
  check("a\tb\na\tc\na\td\n", "--held-out 1",
        "--held-out 1: leaves none of the 3 pairs in pairs.tsv to train on: all pairs of one source stay together");
  check("a\tb\rc\td\re\tf\r", "", "pairs.tsv: its lines end in CR alone");
  check("a\tb\rc\td\re\tf\n", "", "pairs.tsv:1: a CR inside the line, with a tab on either side");
}

TEST_CASE("an example whose source has several translations is right with any of them", "[translate]") {
  const TemporaryFolder folder;
  const Outcome outcome =
      train(folder, "a b\tone\na b\ttwo\nc d\tthree\n", "--steps 100 --progress off --hidden 8 --lr 0.05");
  INFO(outcome.out);
  REQUIRE(outcome.status == 0);
  CHECK(contains(outcome.out, "3 of 3 training sentences come out exactly"));
  for (const char* other : {"(one)", "(two)", "(three)"}) CHECK_FALSE(contains(outcome.out, other));
}

TEST_CASE("the model that is kept is the best one, not the last", "[translate]") {
  const TemporaryFolder folder;
  // What cannot be guessed from other pairs is learnt by heart, which soon makes the held-out loss worse.
  std::string data;
  for (int i = 0; i < 60; ++i)
    data += "source" + std::to_string(i) + "\tone " + std::to_string(i * i * i % 11) + " two " +
            std::to_string(i * i % 13) + " three\n";
  const auto result = [&](const std::string& epochs) {
    const Outcome outcome =
        train(folder, data, "--held-out 20 --hidden 8 --batch 64 --beam 1 --lr 0.1 --epochs " + epochs);
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    return std::pair(metrics(folder)["valid_loss"].get<double>(),
                     read_bytes(folder.path() / "work/out/model.safetensors"));
  };
  // The rate falls in the second half of the steps: the first ones of both trainings are the same.
  const auto [loss_of_few, few] = result("80");
  const auto [loss_of_more, more] = result("88");
  REQUIRE(loss_of_more == loss_of_few);
  CHECK(few == more);
}

TEST_CASE("pairs of any language: metrics, and the same bits for one seed and any threads", "[translate]") {
  const TemporaryFolder folder;
  const auto model = [&](const std::string& flags) {
    const Outcome outcome = train(folder, pairs(), "--epochs 3 " + flags + tiny);
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    return read_bytes(folder.path() / "work/out/model.safetensors");
  };
  const std::string one = model("--seed 1 --threads 1");
  CHECK(one == model("--seed 1 --threads 1"));
  CHECK(one == model("--seed 1 --threads 2"));
  CHECK(one == model("--seed 1 --threads 3"));
  CHECK(one != model("--seed 2 --threads 1"));
  for (const char* metric : {"train_loss", "unigram_loss", "exact_match", "bleu", "train_seconds", "tokens_per_second"})
    CHECK(metrics(folder)[metric].is_number());
}
