// Event files, read back by an independent reader (support/event_records.h).
#include "heed/nn/train/event_file.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "support/catch.h"
#include "support/event_records.h"
#include "support/refused.h"
#include "support/temporary_folder.h"

using namespace heed;
using namespace heed::nn;
using test::event_records, test::from_bytes, test::message_fields, test::read_bytes, test::refused;
namespace fs = std::filesystem;

namespace {

const double not_a_number = std::nan("");

struct Point {
  std::string tag;
  float value;
  std::int64_t step;
  double seconds;

  friend bool operator==(const Point&, const Point&) = default;
};

std::string only(const std::string& message, std::uint64_t field) {
  const auto fields = message_fields(message);
  REQUIRE(fields.count(field) == 1);
  return fields.find(field)->second;
}

Point point_of(const std::string& event) {
  const std::string value = only(only(event, 5), 1);
  return {only(value, 1), from_bytes<float>(only(value, 2)), from_bytes<std::int64_t>(only(event, 2)),
          from_bytes<double>(only(event, 1))};
}

EventFile::Config at(double seconds) {
  return {.clock = [seconds] { return seconds; }};
}

std::vector<double> doubles(const std::string& packed) {
  std::vector<double> numbers(packed.size() / 8);
  std::memcpy(numbers.data(), packed.data(), packed.size());
  return numbers;
}

}  // namespace

TEST_CASE("event file: the masked checksums that TensorFlow publishes", "[nn][train][events]") {  // trap M5
  CHECK(test::slow_masked_crc32c("123456789") == 0xc78ab0e5);
  CHECK(test::slow_masked_crc32c(std::string("\x18\0\0\0\0\0\0\0", 8)) == 0x224b7fa3);
  // The first record of every file has 24 bytes: what is written is the second of these.
  const test::TemporaryFolder folder;
  const std::string file = read_bytes(EventFile(folder.path()).path());
  CHECK(from_bytes<std::uint64_t>(file) == 24);
  CHECK(from_bytes<std::uint32_t>(file.substr(8)) == 0x224b7fa3);
}

TEST_CASE("event file: points come back", "[nn][train][events]") {
  const test::TemporaryFolder folder;
  EventFile file(folder.path() / "new" / "run", at(1732600000.5));
  file.scalar("loss/train", 2.5, 0);
  file.scalar("我们", -1e-3, 300);
  file.scalar("lr", 1e300, std::numeric_limits<std::int64_t>::max());
  CHECK(fs::path(file.path()).filename().string().starts_with("events.out.tfevents.1732600000."));
  const std::vector<std::string> records = event_records(read_bytes(file.path()));
  REQUIRE(records.size() == 4);
  CHECK(only(records[0], 3) == "brain.Event:2");
  CHECK(from_bytes<double>(only(records[0], 1)) == 1732600000.5);
  CHECK(point_of(records[1]) == Point{"loss/train", 2.5f, 0, 1732600000.5});
  CHECK(point_of(records[2]) == Point{"我们", -1e-3f, 300, 1732600000.5});
  CHECK(point_of(records[3]).value == std::numeric_limits<float>::infinity());
  CHECK(point_of(records[3]).step == std::numeric_limits<std::int64_t>::max());
  file.scalar("loss/train", not_a_number, 301);
  CHECK(std::isnan(point_of(event_records(read_bytes(file.path()))[4]).value));
}

TEST_CASE("event file: cut at every byte of the last record, the earlier ones are read", "[nn][train][events]") {  // M5
  const test::TemporaryFolder folder;
  EventFile file(folder.path());
  file.scalar("a", 1, 1);
  file.scalar("b", 2, 2);
  const std::string before = read_bytes(file.path());
  file.scalar("the last one", 3, 3);
  const std::string whole = read_bytes(file.path());
  for (std::size_t size = before.size(); size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(event_records(std::string_view(whole).substr(0, size)).size() == 3);
  }
  CHECK(event_records(whole).size() == 4);
  for (std::size_t bit = 8 * before.size(); bit < 8 * whole.size(); ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    CHECK(event_records(flipped).size() == 3);
  }
}

TEST_CASE("event file: a resumed run writes a new file, and says from where", "[nn][train][events]") {  // trap M5
  const test::TemporaryFolder folder;
  EventFile first(folder.path(), at(1732600000));
  first.scalar("loss", 1, 40);
  const std::string before = read_bytes(first.path());
  EventFile::Config config = at(1732600000);  // in the same second, by the same process
  config.resumed_at = 41;
  EventFile second(folder.path(), config);
  second.scalar("loss", 0.5, 41);
  CHECK(second.path() == first.path() + ".1");
  CHECK(EventFile(folder.path(), config).path() == first.path() + ".2");
  CHECK(read_bytes(first.path()) == before);
  const std::vector<std::string> records = event_records(read_bytes(second.path()));
  REQUIRE(records.size() == 3);
  CHECK(from_bytes<std::int64_t>(only(records[1], 2)) == 41);
  CHECK(from_bytes<std::int64_t>(only(only(records[1], 7), 1)) == 1);  // SessionLog START
  CHECK(point_of(records[2]).step == 41);
}

TEST_CASE("event file: a histogram counts what is finite", "[nn][train][events]") {
  const test::TemporaryFolder folder;
  EventFile file(folder.path());
  file.histogram("weights", tensor({-1, 2, 2, 0.5, not_a_number, 0}, {2, 3}), 7);
  file.histogram("equal", full({4}, 3, DType::f64), 7);
  file.histogram("empty", zeros({0}), 7);
  const std::vector<std::string> records = event_records(read_bytes(file.path()));
  REQUIRE(records.size() == 4);
  const std::string message = only(only(only(records[1], 5), 1), 5);
  CHECK(from_bytes<double>(only(message, 1)) == -1);
  CHECK(from_bytes<double>(only(message, 2)) == 2);
  CHECK(from_bytes<double>(only(message, 3)) == 5);
  CHECK(from_bytes<double>(only(message, 4)) == 3.5);
  CHECK(from_bytes<double>(only(message, 5)) == 9.25);
  const std::vector<double> limits = doubles(only(message, 6)), counts = doubles(only(message, 7));
  REQUIRE(limits.size() == 30);
  REQUIRE(counts.size() == 30);
  CHECK(limits[9] == Approx(0));
  CHECK(limits[29] == 2);
  CHECK(counts[0] == 1);
  CHECK(counts[10] == 1);  // 0 is at the beginning of [0, 0.1)
  CHECK(counts[15] == 1);
  CHECK(counts[29] == 2);
  const std::vector<double> equal = doubles(only(only(only(only(records[2], 5), 1), 5), 7));
  CHECK(std::accumulate(equal.begin(), equal.end(), 0.0) == 4);
  const std::vector<double> none = doubles(only(only(only(only(records[3], 5), 1), 5), 7));
  CHECK(std::accumulate(none.begin(), none.end(), 0.0) == 0);
  const std::vector<double> far{-1.7e308, 1.7e308, 0, 1e308};  // whose width f64 cannot hold
  file.histogram("wide", tensor(std::span<const double>(far), {4}), 7);
  const std::string wide = only(only(only(event_records(read_bytes(file.path()))[4], 5), 1), 5);
  const std::vector<double> wide_limits = doubles(only(wide, 6)), wide_counts = doubles(only(wide, 7));
  CHECK(wide_limits[0] == Approx(-1.7e308 + 1.7e308 / 15));
  CHECK(wide_limits[22] == Approx(-1.7e308 + 1.7e308 / 15 * 15 + 1.7e308 / 15 * 8));
  CHECK(wide_limits[29] == 1.7e308);
  CHECK(wide_counts[0] == 1);
  CHECK(wide_counts[15] == 1);
  CHECK(wide_counts[23] == 1);
  CHECK(wide_counts[29] == 1);
  CHECK_THROWS_AS(file.histogram("ids", arange(3), 7), DTypeError);
}

TEST_CASE("event file: what cannot be written says so", "[nn][train][events]") {
  const test::TemporaryFolder folder;
  const std::string plain = folder.write("plain", "x");
  CHECK(refused<IoError>([&] { EventFile file(plain); }).find("ot a directory") != std::string::npos);
  CHECK(refused<IoError>([&] { EventFile file("/proc/none"); }).starts_with("/proc/none: cannot make the folder: "));
  EventFile file(folder.path());
  CHECK(refused<IndexError>([&] { file.scalar("a", 1, -1); }) == "EventFile: step -1 is negative");
  CHECK(refused<FormatError>([&] { file.scalar("", 1, 1); }) == "EventFile: the tag '' is empty");
  CHECK(refused<FormatError>([&] { file.scalar("\xff", 1, 1); }) == "EventFile: the tag '\uFFFD' is not UTF-8");
  CHECK(refused<IndexError>([&] { EventFile again(folder.path(), {.resumed_at = -5}); }) ==
        "EventFile: step -5 is negative");
  CHECK(event_records(read_bytes(file.path())).size() == 1);
}
