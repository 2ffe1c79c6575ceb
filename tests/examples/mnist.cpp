// examples/mnist as its users run it.
#include <nlohmann/json.hpp>

#include "examples/program.h"
#include "examples/support/digit_model.h"
#include "heed/tensor/io/safetensors.h"
#include "support/gzip_bytes.h"

using namespace heed::test;
using heed::FormatError;
using heed::examples::DigitModel;
namespace fs = std::filesystem;

namespace {

const std::string small = " --progress off --hidden 32 --dropout 0 --batch 8 --lr 0.01 --steps 200 --json r.json";

Outcome mnist(const TemporaryFolder& folder, const std::string& arguments) {
  return run(folder, arguments, "", "mnist");
}

double metric(const TemporaryFolder& folder, const std::string& name) {
  return nlohmann::json::parse(read_bytes(folder.path() / "work/r.json"))["metrics"][name];
}

std::string big_endian(std::uint32_t number) {
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16), static_cast<char>(number >> 8),
          static_cast<char>(number)};
}

// `count` images of 4 by 3 pixels; of digit d the pixel d is ink.
std::string images(int count) {
  std::string bytes = big_endian(0x803) + big_endian(static_cast<std::uint32_t>(count)) + big_endian(4) + big_endian(3);
  for (int i = 0; i < count; ++i)
    for (int pixel = 0; pixel < 12; ++pixel) bytes += pixel == i % 10 ? '\xFF' : '\x10';
  return bytes;
}

std::string labels(int count) {
  std::string bytes = big_endian(0x801) + big_endian(static_cast<std::uint32_t>(count));
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(i % 10);
  return bytes;
}

// The four files, two of them packed.
void write_files(const TemporaryFolder& folder) {
  fs::create_directory(folder.path() / "digits");
  folder.write("digits/train-images-idx3-ubyte.gz", gzipped(images(120)));
  folder.write("digits/train-labels-idx1-ubyte", labels(120));
  folder.write("digits/t10k-images-idx3-ubyte", images(30));
  folder.write("digits/t10k-labels-idx1-ubyte.gz", gzipped(labels(30)));
}

}  // namespace

TEST_CASE("mnist --quick reads drawn digits, whatever the seed", "[programs]") {
  const TemporaryFolder folder;
  for (const int seed : {1, 2, 3}) {
    const Outcome outcome = mnist(folder, "--quick --progress off --json r.json --seed " + std::to_string(seed));
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    CHECK(outcome.err.empty());
    CHECK(metric(folder, "test_accuracy") > 0.98);
  }
  CHECK(contains(read_bytes(folder.path() / "work/out-mnist/mistakes.svg"), "mistakes</text>"));
}

TEST_CASE("mnist learns from files as they are published, and reads others", "[programs]") {
  const TemporaryFolder folder;
  write_files(folder);
  const Outcome trained = mnist(folder, "--data ../digits --out o" + small);
  INFO(trained.err);
  REQUIRE(trained.status == 0);
  CHECK(contains(trained.out, "110 images to learn from, 10 to choose by, 30 to measure"));
  CHECK(contains(trained.out, "train-images-idx3-ubyte.gz: not the published file"));
  CHECK(metric(folder, "test_accuracy") == 1);
  folder.write("five", images(5));
  CHECK(mnist(folder, "--predict ../five --out o").out == "0\n1\n2\n3\n4\n");
  const Outcome other = mnist(folder, "--predict ../digits/t10k-labels-idx1-ubyte.gz --out o");
  check_refused(other, 2, "t10k-labels-idx1-ubyte.gz", "mnist");
}

TEST_CASE("mnist: flags and files that cannot be used", "[programs]") {
  const TemporaryFolder folder;
  write_files(folder);
  const auto check = [&](const std::string& arguments, const std::string& expected) {
    check_refused(mnist(folder, arguments), 2, expected, "mnist");
  };
  check("--data nowhere", "nowhere/train-images-idx3-ubyte.gz");
  check("--layers 17", "--layers 17: expected a whole number from 0 to 16");
  check("--predict x --data y", "--data has no use beside --predict");
  check("--predict ''", "--predict: no name");
  folder.write("digits/t10k-images-idx3-ubyte", images(29));
  check("--data ../digits", "t10k-images-idx3-ubyte: 29 images, ../digits/t10k-labels-idx1-ubyte.gz has 30 labels");
  folder.write("digits/t10k-images-idx3-ubyte", images(30).substr(0, 100));
  check("--data ../digits", "t10k-images-idx3-ubyte");
  folder.write("digits/train-images-idx3-ubyte.gz", "<html>");
  check("--data ../digits", "train-images-idx3-ubyte.gz");
}

TEST_CASE("a digit model comes back as it was saved, and a changed one is refused", "[programs]") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "model.safetensors";
  heed::Generator generator(1);
  const DigitModel model{4, 3, heed::models::MlpClassifier({.inputs = 12, .classes = 10, .hidden = {5}}, generator)};
  model.save(file);
  const DigitModel loaded = DigitModel::load(file);
  CHECK((loaded.height == 4 && loaded.width == 3 && loaded.net.config().hidden == std::vector<std::int64_t>{5}));
  const auto check = [&](const std::string& key, const nlohmann::json& value, const std::string& reason) {
    heed::TensorFile changed = heed::read_safetensors(file);
    auto description = nlohmann::json::parse(changed.metadata.at("heed.mnist"));
    description[key] = value;
    changed.metadata["heed.mnist"] = description.dump();
    write_safetensors(folder.path() / "changed", changed);
    CHECK(contains(message_of<FormatError>([&] { DigitModel::load(folder.path() / "changed"); }), reason));
  };
  check("height", 0, "its images have no usable size");
  check("width", std::int64_t{1} << 40, "its images have no usable size");
  check("hidden", {5, 5}, "elements");
  check("hidden", {-1}, "hidden");
  check("hidden", "many", "is not what mnist writes");
}
