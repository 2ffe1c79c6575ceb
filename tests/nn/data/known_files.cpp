#include "heed/nn/data/known_files.h"

#include "heed/tensor/error.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace heed;
using namespace heed::nn;

// The time series named here is short enough to be made anew; the sums of all others were computed by sha256sum.
TEST_CASE("known files: published, another file of the name, an unknown name", "[nn][data]") {
  const test::TemporaryFolder folder;
  const FileIdentity other = identify_file(folder.write("train-images-idx3-ubyte.gz", "<html>403</html>"));
  CHECK(other.origin == FileOrigin::different);
  CHECK(other.sha256.size() == 64);
  CHECK(other.summary == (folder.path() / "train-images-idx3-ubyte.gz").string() +
                             ": not the published file of MNIST (SHA-256 " + other.sha256.substr(0, 12) + "…)");
  const FileIdentity unknown = identify_file("some/where.txt", {});
  CHECK(unknown.origin == FileOrigin::unknown);
  CHECK(unknown.summary == "some/where.txt: no published file of this name is known (SHA-256 e3b0c44298fc…)");
  CHECK_THROWS_AS(identify_file((folder.path() / "none").string()), IoError);
}
