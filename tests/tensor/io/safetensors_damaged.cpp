// Damage to files that heed wrote: the checksums find every bit of it. And files whose header claims more than there
// is.
#include <sys/resource.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "heed/tensor/create.h"
#include "heed/tensor/io/safetensors.h"
#include "heed/tensor/random/random.h"
#include "support/catch.h"
#include "support/safetensors_bytes.h"
#include "support/temporary_folder.h"

using namespace heed;
using test::accepts, test::file_of, test::message_of, test::parse;

namespace {

std::string file_of_all_types() {
  Generator random(5);
  const std::vector<std::byte> bytes =
      serialize_safetensors({{{"weight", normal(random, {40, 7}, 0, 1)},
                              {"layer.\"0\"", normal(random, {3, 4}, 0, 1, DType::f64)},
                              {"count", arange(11)},
                              {"mask", tensor({1, 0, 1, 1, 0}, {5}, DType::boolean)},
                              {"empty", zeros({0, 3})}},
                             {{"words", "[\"a\", \"b\"]"}, {"step", "12"}}});
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::size_t header_end(const std::string& bytes) {
  std::uint64_t length;
  std::memcpy(&length, bytes.data(), 8);
  return 8 + length;
}

std::string flipped(std::string bytes, std::size_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
  return bytes;
}

// The address space the process may still take up while the object lives: what asks for more fails at once.
class MemoryLimit {
 public:
  explicit MemoryLimit(rlim_t more) {
    std::ifstream("/proc/self/statm") >> pages_;
    ::getrlimit(RLIMIT_AS, &before_);
    const rlimit limit{pages_ * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + more, before_.rlim_max};
    ::setrlimit(RLIMIT_AS, &limit);
  }
  ~MemoryLimit() { ::setrlimit(RLIMIT_AS, &before_); }

 private:
  rlim_t pages_ = 0;
  rlimit before_;
};

}  // namespace

TEST_CASE("every flipped bit of a file is noticed", "[tensor][safetensors]") {
  const std::string whole = file_of_all_types();
  REQUIRE(accepts(whole));
  std::vector<std::size_t> unnoticed;
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit)
    if (accepts(flipped(whole, bit))) unnoticed.push_back(bit);
  CHECK(unnoticed == std::vector<std::size_t>{});
}

TEST_CASE("10,000 random flips in a larger file are noticed", "[tensor][safetensors]") {
  Generator random(6);
  const auto bytes = serialize_safetensors({{{"a", normal(random, {50, 60}, 0, 1)}, {"b", arange(99)}}, {}});
  const std::string whole(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  int unnoticed = 0;
  for (int round = 0; round < 10'000; ++round)
    unnoticed += accepts(
        flipped(whole, static_cast<std::size_t>(random.uniform_int(8 * static_cast<std::int64_t>(whole.size())))));
  CHECK(unnoticed == 0);
}

TEST_CASE("the message says which tensor is damaged", "[tensor][safetensors]") {
  const std::string whole = file_of_all_types();
  const std::size_t data = header_end(whole);
  const auto message = [&](const std::string& bytes) { return message_of<FormatError>([&] { parse(bytes); }); };
  // In the order of their bytes: count 88, layer."0" 96, empty, weight 1120, mask 5.
  CHECK(message(flipped(whole, 8 * data)).starts_with("test: tensor 'count': its checksum is "));
  CHECK(message(flipped(whole, 8 * (data + 88))).starts_with("test: tensor 'layer.\"0\"': its checksum is "));
  CHECK(message(flipped(whole, 8 * (data + 184))).starts_with("test: tensor 'weight': its checksum is "));
  CHECK(message(flipped(whole, 8 * (whole.size() - 1))).starts_with("test: tensor 'mask': its checksum is "));
  CHECK(message(flipped(whole, 8 * whole.find("words"))).starts_with("test: header: its checksum is "));
  CHECK(message(flipped(whole, 8 * whole.find("crc32c.header"))) ==
        "test: header: the metadata have heed.crc32c.tensors without heed.crc32c.header: the file is damaged");
  CHECK(message(flipped(whole, 8 * whole.find("crc32c.tensors"))) ==
        "test: header: the metadata have heed.crc32c.header without heed.crc32c.tensors: the file is damaged");
}

TEST_CASE("a file of another program needs no checksums", "[tensor][safetensors]") {
  const std::string entry = R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
  CHECK(accepts(file_of("{" + entry + "}") + "abcd"));
  CHECK(accepts(file_of(R"({"__metadata__":{"format":"pt"},)" + entry + "}") + "abcd"));
  // Another program that copied the metadata of a file of heed.
  CHECK_FALSE(accepts(
      file_of(R"({"__metadata__":{"heed.crc32c.header":"01234567","heed.crc32c.tensors":"89abcdef"},)" + entry + "}") +
      "abcd"));
  CHECK_FALSE(accepts(file_of(R"({"__metadata__":{"heed.crc32c.header":"","heed.crc32c.tensors":""}})")));
}

TEST_CASE("a large file is refused by its header, before it is read", "[tensor][safetensors]") {
  const test::TemporaryFolder folder;
  const auto refusal = [&](const std::string& start, std::uintmax_t size) {
    const auto path = folder.write("model.safetensors", start);
    std::filesystem::resize_file(path, size);  // the rest is a hole
    const MemoryLimit limit(rlim_t{256} << 20);
    return message_of<FormatError>([&] { read_safetensors(path); }).substr(path.string().size());
  };
  const std::uintmax_t tebibyte = std::uintmax_t{1} << 40;
  CHECK(refusal("", tebibyte) == ": header: does not start with '{'");
  CHECK(refusal("not a model", tebibyte).starts_with(": a header of "));
  CHECK(refusal(file_of("{}"), tebibyte).starts_with(": the tensors end at byte 0, but 10995"));
  const std::string large = R"({"a":{"dtype":"F32","shape":[1000,1000,1000],"data_offsets":[0,4000000000]}})";
  CHECK(refusal(file_of(large), 1000) == ": tensor 'a': data_offsets [0, 4000000000], but 916 bytes follow the header");
}
