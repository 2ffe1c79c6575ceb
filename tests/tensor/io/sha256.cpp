// SHA-256 of the standard's own examples.
#include "heed/tensor/io/sha256.h"

#include "support/catch.h"

using heed::sha256;

TEST_CASE("SHA-256 gives the sums of FIPS 180-4", "[tensor]") {
  const auto of = [](std::string_view text) { return sha256(std::as_bytes(std::span(text))); };
  CHECK(of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}
