#include "heed/nn/data/known_files.h"

#include <array>
#include <string>

#include "heed/tensor/error.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace heed;
using namespace heed::nn;

namespace {

// airline-passengers.csv as it was published: the one known file that is short enough to stand here.
std::string airline_passengers() {
  constexpr std::array passengers{
      112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118, 115, 126, 141, 135, 125, 149, 170, 170, 158,
      133, 114, 140, 145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166, 171, 180, 193, 181, 183, 218,
      230, 242, 209, 191, 172, 194, 196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201, 204, 188, 235,
      227, 234, 264, 302, 293, 259, 229, 203, 229, 242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278,
      284, 277, 317, 313, 318, 374, 413, 405, 355, 306, 271, 306, 315, 301, 356, 348, 355, 422, 465, 467, 404,
      347, 305, 336, 340, 318, 362, 348, 363, 435, 491, 505, 404, 359, 310, 337, 360, 342, 406, 396, 420, 472,
      548, 559, 463, 407, 362, 405, 417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432};
  std::string text = "\"Month\",\"Passengers\"";
  int month = 12 * 1949;
  for (const int number : passengers) {
    const std::string of_year = std::to_string(month % 12 + 1);
    text += "\r\n\"" + std::to_string(month / 12) + (of_year.size() == 1 ? "-0" : "-") + of_year + "\"," +
            std::to_string(number);
    ++month;
  }
  return text;
}

}  // namespace

TEST_CASE("known files: published, another file of the name, an unknown name", "[nn][data]") {
  const test::TemporaryFolder folder;
  const FileIdentity other = identify_file(folder.write("train-images-idx3-ubyte.gz", "<html>403</html>"));
  CHECK(other.origin == FileOrigin::different);
  CHECK(other.sha256.size() == 64);
  CHECK(other.summary == (folder.path() / "train-images-idx3-ubyte.gz").string() +
                             ": not the published file of MNIST (SHA-256 " + other.sha256.substr(0, 12) + "…)");
  const FileIdentity published = identify_file(folder.write("airline-passengers.csv", airline_passengers()));
  CHECK(published.origin == FileOrigin::published);
  CHECK(published.summary == (folder.path() / "airline-passengers.csv").string() +
                                 ": the published file of the Time Series Data Library (SHA-256 8cb51be753a7…)");
  CHECK(identify_file(folder.write("airline-passengers.csv", airline_passengers() + "\r\n")).origin ==
        FileOrigin::different);
  const FileIdentity unknown = identify_file("some/where.txt", {});
  CHECK(unknown.origin == FileOrigin::unknown);
  CHECK(unknown.summary == "some/where.txt: no published file of this name is known (SHA-256 e3b0c44298fc…)");
  CHECK_THROWS_AS(identify_file((folder.path() / "none").string()), IoError);
}
