// examples/names as its users run it.
#include <nlohmann/json.hpp>

#include "examples/program.h"
#include "examples/support/name_data.h"
#include "examples/support/name_model.h"
#include "heed/models/tasks/made_up_names.h"
#include "heed/tensor/create.h"
#include "heed/tensor/io/safetensors.h"
#include "support/array.h"

using namespace heed::test;
using heed::FormatError;
using heed::Shape;
using heed::examples::Alphabet;
using heed::examples::NameModel;

namespace {

const std::string small = " --progress off --hidden 12 --embedding 4 --batch 16 --steps 20 --lr 0.02";

Outcome names(const TemporaryFolder& folder, const std::string& arguments) {
  return run(folder, arguments, "", "names");
}

std::string in_work(const TemporaryFolder& folder, const std::string& name) {
  return read_bytes(folder.path() / "work" / name);
}

NameModel make(const std::string& kind) {
  heed::Generator generator(1);
  const heed::examples::NameLmConfig config{.vocabulary = 3, .context = 2, .embedding = 2, .hidden = 4};
  NameModel model{Alphabet("ab\n"), config, heed::examples::make_name_lm(kind, config, generator)};
  if (auto* counts = std::get_if<heed::models::Ngram>(&model.lm)) counts->fit_lines({{1, 2}, {2}}, 0, 0);
  return model;
}

}  // namespace

TEST_CASE("names: every model learns from a file and makes up names with what it saved", "[programs]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "work");
  std::string text;
  for (int i = 0; i < 30; ++i) text += "Zoë\n猫田\r\n\nMary Ann\n";
  folder.write("work/mine.txt", text + "Zoë");  // no newline at the end
  for (const std::string kind : {"ngram", "mlp", "rnn", "lstm", "gru"}) {
    const Outcome trained = names(folder, "--data mine.txt --json r.json --out " + kind + " --model " + kind +
                                              (kind == "ngram" ? " --progress off" : small) +
                                              (kind == "gru" ? " --layers 2 --dropout 0.1" : ""));
    INFO(trained.err);
    REQUIRE(trained.status == 0);
    CHECK(trained.err.empty());
    CHECK(contains(trained.out, "mine.txt: 91 names, 13 symbols"));
    CHECK(contains(trained.out, "72 names for training, 9 dev, 10 test"));
    const auto report = nlohmann::json::parse(in_work(folder, "r.json"));
    CHECK(report["program"] == "names");
    for (const char* loss : {"train_loss", "dev_loss", "test_loss"}) CHECK(report["metrics"][loss] < std::log(13));
    if (kind != "ngram") CHECK(contains(in_work(folder, kind + "/loss.svg"), "</svg>"));
    const std::string generate = "--generate 5 --top-k 5 --prompt Z --out " + kind;
    const Outcome written = names(folder, generate);
    INFO(written.out);
    CHECK(written.status == 0);
    CHECK(lines(written.out) == 5);
    CHECK(written.out.starts_with("Z"));
    CHECK(names(folder, generate).out == written.out);
  }
  check_refused(names(folder, "--generate 3 --prompt ß --out rnn"), 2, "does not know the character 'ß'", "names");
  check_refused(names(folder, "--generate 3 --out nowhere"), 2, "nowhere/model.safetensors", "names");
}

TEST_CASE("names: flags and files that cannot be used", "[programs]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "work" / "own");
  folder.write("work/few.txt", "a\nb\n");
  folder.write("work/long.txt", "a\n" + std::string(201, 'b') + "\n");
  folder.write("work/bad.txt", "abc\n\xFF\n");
  std::string ten;
  for (int i = 0; i < 10; ++i) ten += "anna\n";
  folder.write("work/ten.txt", ten);
  folder.write("work/own/model.safetensors", "mine");
  const auto check = [&](const std::string& arguments, const std::string& expected) {
    check_refused(names(folder, arguments), 2, expected, "names");
  };
  check("--model transformer", "--model transformer: expected one of: ngram, mlp, rnn, lstm, gru");
  check("--model ngram --hidden 5", "--hidden has no use with --model ngram");
  check("--model ngram --quick", "--quick has no use with --model ngram");
  check("--model mlp --layers 2", "--layers has no use with --model mlp");
  check("--model gru --context 2", "--context has no use with --model gru");
  check("--context 64 --model mlp", "--context 64: expected a whole number from 1 to 63");
  check("--prompt x", "--prompt has no use without --generate");
  check("--generate 1 --prompt 'a\nb'", "--prompt: a name has no line break");
  check("--generate 3 --model lstm", "--model has no use beside --generate");
  check("--quick --steps 5", "--quick and --steps both say how long to train");
  check("--data ''", "--data: no name");
  check("--data nowhere.txt", "nowhere.txt: cannot open");
  check("--data bad.txt", "bad.txt:2:");
  check("--data few.txt", "few.txt: 2 names, expected at least 10, one a line");
  check("--data long.txt", "long.txt:2: a name of 201 characters, expected at most 200");
  check("--data ten.txt --json ten.txt", "--data ten.txt and --json ten.txt are the same file");
  check("--data ten.txt --out own", "own/model.safetensors: would be replaced");
  check("extra", "extra");
  CHECK(in_work(folder, "own/model.safetensors") == "mine");
}

TEST_CASE("names: a quick training comes close to the rules the names are made by", "[programs][quick]") {
  const TemporaryFolder folder;
  const double rules = heed::models::made_up_name_entropy / (heed::models::made_up_name_letters + 1);
  for (const char* seed : {"1", "2", "3"}) {
    const Outcome trained = names(folder, std::string("--quick --progress off --json r.json --seed ") + seed);
    INFO(trained.err);
    REQUIRE(trained.status == 0);
    const double dev = nlohmann::json::parse(in_work(folder, "r.json"))["metrics"]["dev_loss"];
    CHECK(dev < rules + 0.07);
    CHECK(dev > rules - 0.02);  // nothing can be better but by chance
  }
}

TEST_CASE("names: the split is all names once, the same every time", "[programs]") {
  std::vector<std::string> all;
  for (int i = 0; i < 32'033; ++i) all.push_back(std::to_string(i));
  const heed::examples::NameSplit split = heed::examples::split_names(all), again = heed::examples::split_names(all);
  CHECK(split.train.size() == 25'626);  // as the makemore lecture's
  CHECK(split.dev.size() == 3'203);
  CHECK(split.test.size() == 3'204);
  CHECK(split.train == again.train);
  std::vector<std::string> joined = split.train;
  for (const auto* part : {&split.dev, &split.test}) joined.insert(joined.end(), part->begin(), part->end());
  CHECK(joined != all);
  std::sort(joined.begin(), joined.end());
  std::sort(all.begin(), all.end());
  CHECK(joined == all);
}

TEST_CASE("names: a batch predicts every character and the end of each name", "[programs]") {
  const auto batch = heed::examples::make_name_batch({{1, 2}, {}, {3}}, {2, 0, 1}, 0, 2);
  CHECK(same_bits(batch.ids, heed::tensor({0, 0, 3, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0}, {3, 5}, heed::DType::i64)));
  CHECK(same_bits(batch.labels.clone(), heed::tensor({3, 0, 0, 1, 2, 0, 0, 0, 0}, {3, 3}, heed::DType::i64)));
  CHECK(same_bits(batch.weights, heed::tensor({1, 1, 0, 1, 1, 1, 1, 0, 0}, {3, 3})));
  CHECK(batch.symbols == 6);
  CHECK(batch.inputs().shape() == Shape{3, 4});
}

TEST_CASE("names: a model's file is what was saved, and checked before it is believed", "[programs]") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "model.safetensors";
  for (const std::string& kind : heed::examples::name_lm_kinds()) {
    CAPTURE(kind);
    const NameModel model = make(kind);
    model.save(path);
    CHECK_NOTHROW(NameModel::check_replaceable(path));
    const NameModel loaded = NameModel::load(path);
    CHECK(loaded.alphabet.characters() == std::vector<std::string>{"\n", "a", "b"});
    std::vector<std::int64_t> ids(static_cast<std::size_t>(model.padding()), 0);
    ids.push_back(1);
    CHECK(same_bits(loaded.next_logits(ids), model.next_logits(ids)));
    const heed::TensorFile good = heed::read_safetensors(path);
    const auto refused = [&](const char* key, const nlohmann::json& value) {
      heed::TensorFile file = good;
      auto description = nlohmann::json::parse(good.metadata.at("heed.names"));
      description[key] = value;
      file.metadata["heed.names"] = description.dump();
      heed::write_safetensors(path, file);
      INFO(key << " " << value.dump());
      CHECK_THROWS_AS(NameModel::load(path), FormatError);
    };
    refused("model", "transformer");
    refused("model", kind == "lstm" ? "gru" : "lstm");
    refused("context", 1.5);
    refused("context", std::int64_t{1} << 40);
    refused("layers", std::int64_t{1} << 40);
    refused("characters", {"a", "b", "c"});
    refused("characters", {"b", "a", "\n"});
    if (kind == "ngram") refused("context", 3);
    if (kind != "ngram") refused("hidden", 5);
  }
}
