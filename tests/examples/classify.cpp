// examples/classify as its users run it.
#include <nlohmann/json.hpp>

#include "examples/program.h"
#include "examples/support/text_model.h"
#include "heed/tensor/io/safetensors.h"

using namespace heed::test;
using heed::FormatError;
using heed::examples::TextModel;
namespace fs = std::filesystem;

namespace {

const std::string small = " --progress off --hidden 8 --embedding 8 --batch 8 --lr 0.05 --steps 60 --json r.json";

Outcome classify(const TemporaryFolder& folder, const std::string& arguments, const std::string& input = "") {
  return run(folder, arguments, input, "classify");
}

double metric(const TemporaryFolder& folder, const std::string& name) {
  return nlohmann::json::parse(read_bytes(folder.path() / "work/r.json"))["metrics"][name];
}

// Sixty lines of two labels that one word tells apart.
std::string labelled_lines() {
  std::string text;
  const char* const words[] = {"grün", "rot", "blau", "猫"};
  for (int i = 0; i < 60; ++i)
    text += std::string(i % 2 ? "gut\tsehr schön" : "böse\tnicht schön") + " " + words[i % 4] + "\n";
  return text;
}

}  // namespace

TEST_CASE("classify --quick: the recurrent ones are right, a bag is not about order, whatever the seed", "[programs]") {
  const TemporaryFolder folder;
  for (const int seed : {1, 2, 3}) {
    const std::string flags = "--quick --progress off --json r.json --seed " + std::to_string(seed) + " --model ";
    for (const std::string model : {"gru", "lstm", "bag"}) {
      if (model == "lstm" && seed > 1) continue;  // as the GRU
      const Outcome outcome = classify(folder, flags + model);
      INFO(outcome.err);
      REQUIRE(outcome.status == 0);
      CHECK(outcome.err.empty());
      if (model == "bag")
        CHECK((metric(folder, "test_accuracy") > 0.75 && metric(folder, "test_accuracy") < 0.92));
      else
        CHECK(metric(folder, "test_accuracy") > 0.97);
    }
  }
}

TEST_CASE("classify learns from lines, from folders and from SNIPS' files, and labels new texts", "[programs]") {
  const TemporaryFolder folder;
  folder.write("lines.txt", labelled_lines());
  int file = 0;
  for (const std::string part : {"train", "valid", "test"}) {
    fs::create_directories(folder.path() / "snips" / part);
    std::string texts, labels;
    for (int i = 0; i < 30; ++i) {
      texts += i % 2 ? "sehr schön blau\n" : "nicht schön blau \n";
      labels += i % 2 ? "gut\n" : "böse\n";
    }
    folder.write("snips/" + part + "/seq.in", texts);
    folder.write("snips/" + part + "/label", labels);
  }
  for (const std::string label : {"gut", "böse"}) {
    fs::create_directories(folder.path() / "folders" / label);
    for (int i = 0; i < 20; ++i)
      folder.write("folders/" + label + "/" + std::to_string(file++),
                   label == "gut" ? "sehr schön\nblau\n" : "nicht schön\n");
  }
  for (const std::string data : {"lines.txt", "folders", "snips"}) {
    const std::string kind = data == "folders" ? "bag" : data == "snips" ? "lstm" : "gru";
    const std::string flags = kind == "bag" ? small.substr(0, 15) + small.substr(26) : small;
    const Outcome trained = classify(folder, "--data ../" + data + " --out " + data + " --model " + kind + flags);
    INFO(trained.err);
    REQUIRE(trained.status == 0);
    CHECK(metric(folder, "test_accuracy") == 1);
    CHECK(contains(trained.out, "; 2 labels, "));
    CHECK(contains(trained.out, "; dropped nothing"));
    const std::string out = " --out " + data;
    CHECK(classify(folder, "--predict 'sehr schön' 'nicht schön'" + out).out == "gut\nböse\n");
    CHECK(classify(folder, "--predict" + out, "nicht schön\r\n\nsehr schön").out.starts_with("böse\n"));
  }
}

TEST_CASE("classify: flags and files that cannot be used", "[programs]") {
  const TemporaryFolder folder;
  folder.write("few.txt", "a\tb\nc\td\n");
  std::string one;
  for (int i = 0; i < 20; ++i) one += "same\ttext\n";
  folder.write("one.txt", one);
  folder.write("bad.txt", "a\tb\nc\t\xFF\n");
  const auto check = [&](const std::string& arguments, const std::string& expected) {
    check_refused(classify(folder, arguments), 2, expected, "classify");
  };
  check("--model tree", "--model tree: expected one of: bag, gru, lstm");
  check("--model bag --hidden 8", "--hidden has no use with --model bag");
  check("--data ../few.txt", "few.txt: 2 texts, expected at least 10");
  check("--data ../one.txt", "one.txt: 1 labels, expected at least 2");
  check("--data ../bad.txt", "bad.txt:2:");
  check("--data nowhere", "nowhere");
  check("some text", "unknown argument some");
  check("--predict x --steps 3", "--steps has no use beside --predict");
  check("--predict x --out none", "none/model.safetensors");
  check("--quick --epochs 3", "--quick and --epochs both say how long to train");
}

TEST_CASE("a text model comes back as it was saved, and a changed one is refused", "[programs]") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "model.safetensors";
  heed::Generator generator(1);
  heed::nn::Vocabulary words(std::map<std::string, std::int64_t>{{"a", 2}, {"b", 1}});
  const TextModel model{
      words,
      {"no", "yes"},
      heed::examples::make_text_classifier(
          "lstm", {.vocabulary = words.size(), .classes = 2, .embedding = 3, .hidden = 2}, generator)};
  model.save(file);
  const TextModel loaded = TextModel::load(file);
  CHECK(loaded.labels == model.labels);
  CHECK(loaded.vocabulary.tokens() == words.tokens());
  CHECK(loaded.predict({{4, 5}, {}}) == model.predict({{4, 5}, {}}));
  const auto check = [&](const std::string& key, const nlohmann::json& value, const std::string& reason) {
    heed::TensorFile changed = heed::read_safetensors(file);
    auto description = nlohmann::json::parse(changed.metadata.at("heed.classify"));
    description[key] = value;
    changed.metadata["heed.classify"] = description.dump();
    write_safetensors(folder.path() / "changed", changed);
    CHECK(contains(message_of<FormatError>([&] { TextModel::load(folder.path() / "changed"); }), reason));
  };
  check("kind", "tree", "is no kind of classifier");
  check("labels", {"yes", "yes"}, "its labels are none, or not different");
  check("labels", nlohmann::json::array(), "its labels are none, or not different");
  check("hidden", 4, "elements");
  check("hidden", 2.5, "hidden is not a whole number");
  check("embedding", std::int64_t{1} << 60, "embedding");
  check("words", {"a"}, "not a model of classify");
  check("words", 3, "is not what classify writes");
}
