#include "heed/nn/data/known_files.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "heed/tensor/io/file.h"
#include "heed/tensor/io/sha256.h"

namespace heed::nn {
namespace {

struct KnownFile {
  std::string_view name, data_set, sha256;
};

constexpr std::string_view mnist = "MNIST", polarity = "the sentence polarity data", snips = "SNIPS",
                           series = "the Time Series Data Library";
constexpr std::array known_files{
    KnownFile{"train-images-idx3-ubyte.gz", mnist, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
    KnownFile{"train-images-idx3-ubyte", mnist, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
    KnownFile{"train-labels-idx1-ubyte.gz", mnist, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
    KnownFile{"train-labels-idx1-ubyte", mnist, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
    KnownFile{"t10k-images-idx3-ubyte.gz", mnist, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
    KnownFile{"t10k-images-idx3-ubyte", mnist, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
    KnownFile{"t10k-labels-idx1-ubyte.gz", mnist, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"},
    KnownFile{"t10k-labels-idx1-ubyte", mnist, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"},
    KnownFile{"names.txt", "makemore", "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d"},
    KnownFile{"input.txt", "tiny Shakespeare", "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"},
    KnownFile{"rt-polarity.pos", polarity, "c2dc6b2f55bcf725725372916287cc3f8f9b19402edaa9167de5287cb3ade421"},
    KnownFile{"rt-polarity.neg", polarity, "614274f81185a850e5a88d533d4679f916d6f62e9af6f0b4ec71fb94bf466ea5"},
    KnownFile{"seq.in", snips, "04ad1e3f2121d83c6478f9a4b17d2dbdc21d06d6127f73cb7af835ed733f9855"},
    KnownFile{"seq.out", snips, "fd5f2121d8055827e5d6b3d3bac30f3d7e94e82a5d437751960cbdd9e1b4f6d3"},
    KnownFile{"label", snips, "bfd7df6cf9dd76c5da5d8b61bc85f90386197bdd3d7510c1d324c051537b962f"},
    KnownFile{"seq.in", snips, "64e0f6d8ad8aab3a3828164d7d53731a0993d3ca1aed437ceaca6d3d568d410e"},
    KnownFile{"seq.out", snips, "712e6d34feb8d52d208b820a5f8bae6e6ff990f08374507dfde22de389088319"},
    KnownFile{"label", snips, "9c1dd041216f647bcfca838aaf1a48eb5781e4404256d31ff07cd38a5436c52f"},
    KnownFile{"seq.in", snips, "c1e341173fcea2951a8ca371956a6f81c76de87b9583c62eb87edd6158fa3a7c"},
    KnownFile{"seq.out", snips, "58c07c9097d5e1f78889765c2a535a160f6455b90b3142055c8051847afcca47"},
    KnownFile{"label", snips, "37a26da3ad079bb41c42c85a3a8f827eb47efec4c5917ce5d08f4b2736e4f830"},
    KnownFile{"fra.txt", "Tatoeba, English and French",
              "2546838ae46e0eac4c02ab7032ea0a02a006074a5340077a36a9444f41e02888"},
    KnownFile{"airline-passengers.csv", series, "8cb51be753a718d9be5d76d7e238cc224792754676adc21faa59e954b0201621"},
    KnownFile{"monthly-sunspots.csv", series, "c4ec8cc57d9f6fb6ecdb3e1f37f25b6f4badd5124c55931052b0cd2fc3bc71f3"},
    KnownFile{"daily-min-temperatures.csv", series, "8b9de63ed6789492bf497625e7f9beb96a63d367b4b0a21754006f749fa5e5da"},
    KnownFile{"iris.data", "Fisher's iris data", "596ffd580471ca4d4880f8e439c7281f3b50d8249a5960353cb200b1490f63a0"}};

}  // namespace

FileIdentity identify_file(std::string_view path, std::span<const std::byte> bytes) {
  const std::string name = std::filesystem::path(path).filename().string();
  FileIdentity result{FileOrigin::unknown, sha256(bytes), {}};
  std::string_view data_set;
  for (const KnownFile& known : known_files) {
    if (known.name != name) continue;
    data_set = known.data_set;
    if (known.sha256 == result.sha256) result.origin = FileOrigin::published;
    if (result.origin == FileOrigin::published) break;
    result.origin = FileOrigin::different;
  }
  const std::string_view start = std::string_view(result.sha256).substr(0, 12);
  if (result.origin == FileOrigin::published)
    result.summary = fmt::format("{}: the published file of {} (SHA-256 {}…)", path, data_set, start);
  else if (result.origin == FileOrigin::different)
    result.summary = fmt::format("{}: not the published file of {} (SHA-256 {}…)", path, data_set, start);
  else
    result.summary = fmt::format("{}: no published file of this name is known (SHA-256 {}…)", path, start);
  return result;
}

FileIdentity identify_file(const std::string& path) {
  constexpr std::uint64_t most = std::uint64_t{1} << 31;
  return identify_file(path, read_file(path, most));
}

}  // namespace heed::nn
