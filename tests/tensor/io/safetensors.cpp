// safetensors files: what the reference implementation wrote is read, what heed writes is what the reference would
// write.
#include "heed/tensor/io/safetensors.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "heed/tensor/create.h"
#include "heed/tensor/random/random.h"
#include "support/catch.h"
#include "support/hostile_locale.h"
#include "support/paths.h"
#include "support/temporary_folder.h"

using namespace heed;
using test::message_of;

namespace {

const std::filesystem::path parity = heed::source_path("tests/parity");

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TensorFile parse(const std::string& bytes) { return parse_safetensors(std::as_bytes(std::span(bytes)), "test"); }

template <class T>
std::vector<T> numbers(const Tensor& x) {
  const Tensor row_major_strides = x.contiguous();
  return std::vector<T>(row_major_strides.data<T>(), row_major_strides.data<T>() + row_major_strides.numel());
}

bool same_bits(const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype() || a.shape() != b.shape()) return false;
  return dispatch(a.dtype(), [&]<class T> {
    return std::memcmp(a.contiguous().data<T>(), b.contiguous().data<T>(),
                       static_cast<std::size_t>(a.numel()) * sizeof(T)) == 0;
  });
}

// What tests/parity/safetensors_reference.py calls `written`.
TensorFile written() {
  Tensor weight = arange(6, DType::f32);
  for (int i = 0; i < 6; ++i) weight.mutable_data<float>()[i] /= 8;
  return {{{"layer.weight", Tensor(weight.storage(), {2, 3}, {3, 1}, 0, DType::f32)},
           {"layer.bias", tensor({-1, 1e-30}, {2})},
           {"z.double", full({}, 0.1, DType::f64)},
           {"num_batches_tracked", full({}, 7, DType::i64)},
           {"a.int", arange(3)},
           {"mask", tensor({1, 0, 1}, {3}, DType::boolean)},
           {"a.empty", zeros({0}, DType::f64)},
           {"a \"name\"\\\n\tof é…\x7f\x01", ones({1, 1, 1})}},
          {}};
}

}  // namespace

TEST_CASE("every element type of a reference file is read", "[tensor][safetensors]") {
  const TensorFile file = read_safetensors(parity / "safetensors_types.safetensors");
  const auto& at = file.tensors;
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(file.metadata == std::map<std::string, std::string>{{"format", "pt"}});
  REQUIRE(at.size() == 12);

  const auto f32 = numbers<float>(at.at("f32"));
  CHECK(at.at("f32").shape() == Shape{2, 3});
  CHECK(std::vector<float>(f32.begin(), f32.begin() + 4) == std::vector<float>{1, 2.5, -3, infinity});
  CHECK(std::isnan(f32[4]));
  CHECK((f32[5] == 0 && std::signbit(f32[5])));
  CHECK(numbers<double>(at.at("f64")) == std::vector<double>{0.1, 5e-324, std::numeric_limits<double>::max()});
  CHECK(at.at("i64").shape() == Shape{});
  CHECK(numbers<std::int64_t>(at.at("i64")) == std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::min()});
  CHECK(numbers<bool>(at.at("bool")) == std::vector<bool>{true, false});
  CHECK(at.at("bool").shape() == Shape{2, 1});

  CHECK(numbers<float>(at.at("f16")) == std::vector<float>{1.5, 65504, 0x1p-24f, -infinity});
  CHECK(numbers<float>(at.at("bf16")) == std::vector<float>{1.5, -0x1.fep127f, 0x1p-133f});
  CHECK(numbers<std::int64_t>(at.at("i32")) == std::vector<std::int64_t>{-2147483648, 2147483647});
  CHECK(numbers<std::int64_t>(at.at("i16")) == std::vector<std::int64_t>{-32768, 32767});
  CHECK(at.at("i16").shape() == Shape{1, 1, 2});
  CHECK(numbers<std::int64_t>(at.at("i8")) == std::vector<std::int64_t>{-128, 127});
  CHECK(numbers<std::int64_t>(at.at("u8")) == std::vector<std::int64_t>{0, 255});
  CHECK(at.at("empty").shape() == Shape{2, 0, 3});
  CHECK(numbers<float>(at.at("a \"name\"\\\n\tof é…")) == std::vector<float>{0, 1});
}

TEST_CASE("what is written is what the reference writes, byte for byte", "[tensor][safetensors]") {
  const std::string expected = test::read_bytes(parity / "safetensors_written.safetensors");
  REQUIRE(expected.size() > 600);
  CHECK(text_of(serialize_safetensors(written())) == expected);
  const test::HostileLocale locale;
  CHECK(text_of(serialize_safetensors(written())) == expected);
  CHECK(same_bits(parse(expected).tensors.at("layer.weight"), written().tensors.at("layer.weight")));
}

TEST_CASE("the checksums are no metadata to readers, and cannot be given by writers", "[tensor][safetensors]") {
  const TensorFile back = parse(text_of(serialize_safetensors({{{"a", ones({2})}}, {{"step", "7"}}})));
  CHECK(back.metadata == std::map<std::string, std::string>{{"format", "pt"}, {"step", "7"}});
  for (const std::string key : {"heed.crc32c.header", "heed.crc32c.tensors"})
    CHECK(message_of<FormatError>([&] { serialize_safetensors({{}, {{key, ""}}}); }) ==
          "safetensors: the key " + key + " of the metadata is heed's own");
  // Keys and texts that look like them do no harm.
  const TensorFile odd = {{{"heed.crc32c.header", ones({1})}, {"{\"heed.crc32c.header\":\"00000000", zeros({2})}},
                          {{"\"heed.crc32c.header", "x"}, {",\"heed.crc32c.header\":\"00000000\"", "\\"}}};
  const TensorFile odd_back = parse(text_of(serialize_safetensors(odd)));
  CHECK(odd_back.tensors.size() == 2);
  CHECK(odd_back.metadata.size() == 3);
}

TEST_CASE("ten thousand random files come back bit for bit", "[tensor][safetensors]") {
  Generator random(1);
  int differences = 0;
  for (int round = 0; round < 10'000; ++round) {
    TensorFile file;
    for (std::int64_t i = random.uniform_int(5); i > 0; --i) {
      Shape shape;
      for (std::int64_t axis = random.uniform_int(4); axis > 0; --axis) shape.push_back(random.uniform_int(4));
      Tensor x = empty(shape, static_cast<DType>(random.uniform_int(4)));
      // Any bits at all: NaNs with their payload, infinities, -0, subnormal numbers.
      dispatch(x.dtype(), [&]<class T> {
        for (std::int64_t k = 0; k < x.numel(); ++k) {
          const std::uint64_t bits = random.bits() >> (std::is_same_v<T, bool> ? 63 : 0);
          std::memcpy(x.mutable_data<T>() + k, &bits, sizeof(T));
        }
      });
      file.tensors.emplace(std::to_string(random.uniform_int(100)), x);
    }
    if (random.uniform_int(2)) file.metadata = {{"step", std::to_string(random.uniform_int(1000))}, {"", "é\"\\\n"}};
    const std::string bytes = text_of(serialize_safetensors(file));
    const TensorFile back = parse(bytes);
    differences += back.tensors.size() != file.tensors.size() || text_of(serialize_safetensors(back)) != bytes;
    for (const auto& [name, x] : file.tensors) differences += !same_bits(x, back.tensors.at(name));
    for (const auto& [key, text] : file.metadata) differences += back.metadata.at(key) != text;
  }
  CHECK(differences == 0);
}

TEST_CASE("tensors of any strides are written row-major", "[tensor][safetensors]") {
  const Tensor x = arange(6);
  const auto view = [&](const Shape& shape, const Strides& strides, std::int64_t offset) {
    return Tensor(x.storage(), shape, strides, offset, x.dtype());
  };
  const TensorFile file = {
      {{"turned", view({3, 2}, {1, 3}, 0)}, {"back", view({3}, {-2}, 5)}, {"expanded", view({2, 2}, {0, 1}, 4)}}, {}};
  const TensorFile back = parse(text_of(serialize_safetensors(file)));
  CHECK(numbers<std::int64_t>(back.tensors.at("turned")) == std::vector<std::int64_t>{0, 3, 1, 4, 2, 5});
  CHECK(numbers<std::int64_t>(back.tensors.at("back")) == std::vector<std::int64_t>{5, 3, 1});
  CHECK(numbers<std::int64_t>(back.tensors.at("expanded")) == std::vector<std::int64_t>{4, 5, 4, 5});
}

TEST_CASE("the data start on a multiple of 8 and metadata have a format", "[tensor][safetensors]") {
  for (int length = 0; length < 9; ++length) {
    const TensorFile file = {{{std::string(static_cast<std::size_t>(length), 'n'), ones({1})}}, {}};
    const std::string bytes = text_of(serialize_safetensors(file));
    CHECK((bytes.size() - 4) % 8 == 0);
    CHECK(parse(bytes).metadata.at("format") == "pt");
  }
  CHECK(parse(text_of(serialize_safetensors({{}, {{"format", "mlx"}}}))).metadata.at("format") == "mlx");
  CHECK(parse(text_of(serialize_safetensors({}))).tensors.empty());
}

TEST_CASE("files that could not be read back are not written", "[tensor][safetensors]") {
  const auto refusal = [](const TensorFile& file) {
    return message_of<FormatError>([&] { serialize_safetensors(file); });
  };
  CHECK(refusal({{{"a", Tensor()}}, {}}) == "safetensors: tensor 'a': is undefined");
  CHECK(refusal({{{"__metadata__", ones({1})}}, {}}) == "safetensors: no tensor can be called __metadata__");
  const std::string not_utf8 = "safetensors: a tensor's name or a text of the metadata is not valid UTF-8";
  CHECK(refusal({{{"\xff", ones({1})}}, {}}) == not_utf8);
  CHECK(refusal({{}, {{"\xc3", "text"}}}) == not_utf8);
  CHECK(refusal({{}, {{"key", "\xed\xa0\x80"}}}) == not_utf8);
  CHECK(refusal({{}, {{"key", std::string(33'554'432, 'x')}}}) ==
        "safetensors: a header of 33554536 bytes and 4 keys exceeds 33554432 bytes or 65536 keys");
}

TEST_CASE("safetensors files are read from and written to disk", "[tensor][safetensors]") {
  const test::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "model.safetensors";
  write_safetensors(path, written());
  CHECK(test::read_bytes(path) == text_of(serialize_safetensors(written())));
  for (const auto& [name, x] : read_safetensors(path).tensors) CHECK(same_bits(x, written().tensors.at(name)));

  CHECK_THROWS_AS(read_safetensors(folder.path() / "missing"), IoError);
  CHECK_THROWS_AS(read_safetensors(folder.path()), IoError);
  CHECK_THROWS_AS(write_safetensors(folder.path() / "missing" / "model", written()), IoError);
  CHECK_THROWS_AS(read_safetensors("/dev/zero"), IoError);
  const auto broken = folder.write("broken", "12345678");
  CHECK(message_of<FormatError>([&] { read_safetensors(broken); }).starts_with(broken.string() + ": a header of"));
}
