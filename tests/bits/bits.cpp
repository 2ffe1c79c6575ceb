// The same bits on every processor with fused multiply-adds: under each of its instruction sets the results have the
// hashes in expected.txt, on x86-64 and arm64.
//
// After a change that is meant to change bits, the file is written anew, from the folder of the test program, and
// committed with the reason:
//   HEED_TEST_BITS=/tmp/expected.txt ./heed_tests "[.write_bits]" && mv /tmp/expected.txt .../tests/bits/expected.txt
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bits/hashes.h"
#include "support/catch.h"
#include "support/every_target.h"
#include "support/paths.h"

using namespace heed;
using namespace heed::test;

namespace {

Hashes computed() {
  Hashes hashes;
  hash_operations(hashes);
  hash_kernels(hashes);
  hash_training(hashes);
  return hashes;
}

// Lines of a name and a hash.
Hashes committed() {
  std::ifstream file(source_path("tests/bits/expected.txt"));
  Hashes hashes;
  for (std::string line; std::getline(file, line);) {
    const std::size_t space = line.rfind(' ');
    if (line.empty() || line[0] == '#' || space == std::string::npos) continue;
    hashes[line.substr(0, space)] = line.substr(space + 1);
  }
  return hashes;
}

// What stands in one of the two only, or with another hash.
std::vector<std::string> differences(const Hashes& got, const Hashes& wanted) {
  std::vector<std::string> names;
  for (const auto& [name, hash] : got) {
    const auto found = wanted.find(name);
    if (found == wanted.end())
      names.push_back(name + ": not in expected.txt");
    else if (found->second != hash)
      names.push_back(name + ": is " + hash + ", not " + found->second);
  }
  for (const auto& [name, hash] : wanted)
    if (got.count(name) == 0) names.push_back(name + ": nothing of this name is computed");
  return names;
}

}  // namespace

TEST_CASE("results have the committed bits under every instruction set that fuses", "[bits]") {
  for_every_target([](const std::string& target) {
    if (!fuses()) return;
    CAPTURE(target);
    CHECK(differences(computed(), committed()) == std::vector<std::string>{});
  });
}

TEST_CASE("missing, superfluous and other hashes are told", "[bits]") {
  CHECK(differences({{"a", "1"}, {"b", "2"}}, {{"a", "1"}, {"b", "2"}}).empty());
  CHECK(differences({{"a", "1"}, {"b", "2"}, {"c", "3"}}, {{"b", "4"}, {"c", "3"}, {"d", "5"}}) ==
        std::vector<std::string>{"a: not in expected.txt", "b: is 2, not 4", "d: nothing of this name is computed"});
}

TEST_CASE("hashes tell numbers apart, but no NaN from another", "[bits]") {
  const auto of = [](auto number) {
    BitHash hash;
    hash.add(number);
    return hash.str();
  };
  CHECK(of(0.0) != of(-0.0));
  CHECK(of(1.0) != of(1.0f));
  CHECK(of(std::nan("")) == of(-std::nan("7")));
  CHECK(of(std::nanf("")) == of(-std::nanf("7")));
  CHECK(of(std::uint64_t{0}) == "a8c7f832281a39c5");  // FNV-1a of eight bytes 0
}

TEST_CASE("write the hashes of this machine to the file HEED_TEST_BITS", "[.write_bits]") {
  const char* path = std::getenv("HEED_TEST_BITS");
  REQUIRE(path);
  REQUIRE(!std::filesystem::exists(path));
  REQUIRE(fuses());
  std::ofstream file(path);
  file << "# Hashes of results, for every processor with fused multiply-adds: bits.cpp says how and when to write them "
          "anew.\n";
  for (const auto& [name, hash] : computed()) file << name << ' ' << hash << '\n';
  CHECK(file.flush());
}
