#include "heed/nn/train/event_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <system_error>
#include <vector>

#include "heed/nn/data/utf8.h"
#include "heed/nn/train/internal/protocol_buffer.h"
#include "heed/nn/train/terminal.h"
#include "heed/tensor/error.h"
#include "heed/tensor/io/crc32c.h"

namespace heed::nn {
namespace {

// Field numbers of tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto.
namespace event {
constexpr unsigned wall_time = 1, step = 2, file_version = 3, summary = 5, session_log = 7;
}
namespace session_log {
constexpr unsigned status = 1;
constexpr std::int64_t start = 1;
}  // namespace session_log
namespace summary {
constexpr unsigned value = 1;
}
namespace value {
constexpr unsigned tag = 1, simple_value = 2, histogram = 5;
}
namespace histogram {
constexpr unsigned min = 1, max = 2, number = 3, sum = 4, sum_of_squares = 5, bucket_limits = 6, buckets = 7;
}

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Checksums of data that hold checksums would be poor ones: TensorFlow turns and shifts them.
std::string masked_checksum(std::string_view bytes) {
  const std::uint32_t crc = crc32c(std::as_bytes(std::span(bytes)));
  return little_endian(std::rotr(crc, 15) + 0xa282ead8u);
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == 0) return "localhost";
  std::string host = name.data();
  std::ranges::replace_if(host, [](char c) { return c == '/' || static_cast<unsigned char>(c) <= ' '; }, '_');
  return host;
}

// The first name that nothing has yet.
AppendFile new_file(const std::string& folder, double seconds) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw IoError(fmt::format("{}: cannot make the folder: {}", printable(folder), error.message()));
  const std::string name = fmt::format("{}/events.out.tfevents.{:010}.{}.{}", folder,
                                       static_cast<std::int64_t>(seconds), host_name(), ::getpid());
  std::string path = name;
  for (int number = 1;
       std::filesystem::symlink_status(path, error).type() != std::filesystem::file_type::not_found && number < 10'000;
       ++number)
    path = fmt::format("{}.{}", name, number);
  return AppendFile(path, AppendFile::Open::fresh);
}

void check_step(std::int64_t step) {
  if (step < 0) throw IndexError(fmt::format("EventFile: step {} is negative", step));
}

void check(std::string_view tag, std::int64_t step) {
  check_step(step);
  if (tag.empty() || first_invalid_utf8(tag) != std::string_view::npos)
    throw FormatError(
        fmt::format("EventFile: the tag '{}' is {}", shortened(tag, 40), tag.empty() ? "empty" : "not UTF-8"));
}

std::string summary_event(const ProtocolBuffer& point) {
  return ProtocolBuffer().bytes(event::summary, ProtocolBuffer().bytes(summary::value, point.str()).str()).str();
}

// The counts of finite numbers in buckets of equal width, as a message.
std::string histogram_of(const std::vector<double>& numbers) {
  constexpr std::size_t bucket_count = 30;
  double low = 0, high = 0, sum = 0, squares = 0;
  if (!numbers.empty()) {
    const auto [least, greatest] = std::ranges::minmax(numbers);
    low = least;
    high = greatest;
  }
  const double scale = std::isfinite(high - low) ? 1 : 4;  // by which all is divided where f64 is too narrow: exactly
  const double width = (high / scale - low / scale) / bucket_count;
  std::vector<double> limits, counts(bucket_count, 0);
  for (std::size_t i = 1; i <= bucket_count; ++i)
    limits.push_back((low / scale + width * static_cast<double>(i)) * scale);
  limits.back() = high;
  for (const double number : numbers) {
    sum += number;
    squares += number * number;
    const double place = width > 0 ? (number / scale - low / scale) / width : 0;
    counts[static_cast<std::size_t>(std::min(place, double{bucket_count - 1}))] += 1;
  }
  return ProtocolBuffer()
      .number(histogram::min, low)
      .number(histogram::max, high)
      .number(histogram::number, static_cast<double>(numbers.size()))
      .number(histogram::sum, sum)
      .number(histogram::sum_of_squares, squares)
      .numbers(histogram::bucket_limits, limits)
      .numbers(histogram::buckets, counts)
      .str();
}

}  // namespace

EventFile::EventFile(const std::string& folder, const Config& config)
    : clock_(config.clock ? config.clock : std::function<double()>(seconds_since_1970)),
      file_((check_step(config.resumed_at.value_or(0)), new_file(folder, clock_()))) {
  write(ProtocolBuffer().number(event::wall_time, clock_()).bytes(event::file_version, "brain.Event:2").str());
  if (config.resumed_at)
    add(ProtocolBuffer()
            .bytes(event::session_log, ProtocolBuffer().integer(session_log::status, session_log::start).str())
            .str(),
        *config.resumed_at);
}

void EventFile::scalar(std::string_view tag, double number, std::int64_t step) {
  check(tag, step);
  add(summary_event(ProtocolBuffer().bytes(value::tag, tag).number(value::simple_value, static_cast<float>(number))),
      step);
}

void EventFile::histogram(std::string_view tag, const Tensor& x, std::int64_t step) {
  check(tag, step);
  std::vector<double> numbers;
  dispatch_float("EventFile", x.dtype(), [&]<class T> {
    const Tensor rows = x.contiguous();
    for (const T number : std::span(rows.data<T>(), to_size(rows.numel())))
      if (std::isfinite(number)) numbers.push_back(static_cast<double>(number));
  });
  add(summary_event(ProtocolBuffer().bytes(value::tag, tag).bytes(value::histogram, histogram_of(numbers))), step);
}

void EventFile::add(std::string_view what, std::int64_t step) {
  ProtocolBuffer message;
  message.number(event::wall_time, clock_()).integer(event::step, step);
  write(message.str() + std::string(what));
}

void EventFile::write(std::string_view message) {
  if (broken_) throw IoError(fmt::format("append {}: a record before this one could not be written", file_.path()));
  const std::string length = little_endian(std::uint64_t{message.size()});
  std::string record = length + masked_checksum(length);
  record.append(message) += masked_checksum(message);
  broken_ = true;
  file_.append(std::as_bytes(std::span(record)));
  broken_ = false;
}

}  // namespace heed::nn
