#include "heed/tensor/io/safetensors_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "heed/tensor/error.h"
#include "heed/tensor/shape.h"

namespace heed {
namespace {

using Json = nlohmann::json;
using Header = SafetensorsHeader;

constexpr std::string_view reserved_key = "__metadata__";

// Follows the parser event by event, because a finished JSON value no longer tells that a key came twice. The parser
// guarantees JSON's own grammar; what is left to check is that each value is of the one kind its place allows, and so
// nothing nests deeper than the three levels a header has.
class HeaderReader {
 public:
  explicit HeaderReader(std::string_view file) : file_(file) {}

  Header take() { return std::move(header_); }

  bool start_object(std::size_t) {
    switch (at_) {
      case At::start:
        return go(At::header);
      case At::metadata:
        return go(At::metadata_key);
      case At::entry:
        return go(At::field);
      default:
        refuse("an object");
    }
  }

  bool key(std::string& name) {
    if (at_ == At::field) return field(name);
    if (at_ == At::metadata_key) {
      text_ = add(header_.metadata, name);
      return go(At::metadata_text);
    }
    if (name == reserved_key) {
      if (std::exchange(has_metadata_, true)) refuse("a second __metadata__");
      return go(At::metadata);
    }
    entry_ = add(header_.entries, name);
    owner_ = "tensor " + message_quote(name);
    has_type_ = has_shape_ = has_offsets_ = false;
    return go(At::entry);
  }

  bool end_object() {
    if (at_ == At::header) return true;
    if (at_ == At::field && !(has_type_ && has_shape_ && has_offsets_))
      refuse("the end, without a dtype, a shape or data_offsets");
    owner_ = "header";
    return go(At::header);
  }

  bool start_array(std::size_t) {
    if (at_ == At::shape) return go(At::sizes);
    if (at_ == At::offsets) return go(At::begin);
    refuse("an array");
  }

  bool end_array() {
    if (at_ != At::sizes && at_ != At::no_offset) refuse("the end of data_offsets before its second number");
    return go(At::field);
  }

  bool string(std::string& value) {
    if (at_ != At::type && at_ != At::metadata_text) refuse("a string");
    (at_ == At::type ? entry_->type : *text_) = std::move(value);
    return go(at_ == At::type ? At::field : At::metadata_key);
  }

  bool number_unsigned(std::uint64_t value) {
    switch (at_) {
      case At::sizes:
        if (entry_->shape.size() == Dims::max_rank) refuse(fmt::format("more than {} sizes", Dims::max_rank));
        entry_->shape.push_back(value);
        return true;
      case At::begin:
        entry_->begin = value;
        return go(At::end);
      case At::end:
        entry_->end = value;
        return go(At::no_offset);
      default:
        refuse(fmt::format("the number {}", value));
    }
  }

  bool number_integer(std::int64_t) { refuse("a negative number"); }
  bool number_float(double, const std::string&) { refuse("a number that is not an integer below 2^64"); }
  bool boolean(bool) { refuse("true or false"); }
  bool null() { refuse("null"); }
  bool binary(Json::binary_t&) { refuse("binary data"); }
  bool parse_error(std::size_t position, const std::string&, const Json::exception&) {
    throw FormatError(fmt::format("{}: header: not valid JSON at byte {}", file_, position));
  }

 private:
  // What comes next: the value of the thing named, or, for header, field and metadata_key, a key or the object's end.
  enum class At {
    start,
    header,
    metadata,
    metadata_key,
    metadata_text,
    entry,
    field,
    type,
    shape,
    sizes,
    offsets,
    begin,
    end,
    no_offset
  };

  bool go(At next) {
    at_ = next;
    return true;
  }

  bool field(std::string_view name) {
    if (name == "dtype" && !std::exchange(has_type_, true)) return go(At::type);
    if (name == "shape" && !std::exchange(has_shape_, true)) return go(At::shape);
    if (name == "data_offsets" && !std::exchange(has_offsets_, true)) return go(At::offsets);
    refuse("a field that is none of dtype, shape and data_offsets, or comes twice");
  }

  template <class Value>
  Value* add(std::map<std::string, Value>& to, const std::string& name) {
    const auto [position, is_new] = to.try_emplace(name);
    if (!is_new) refuse(fmt::format("a second key {}", message_quote(name)));
    if (to.size() > Header::max_entries) refuse(fmt::format("more than {} keys", Header::max_entries));
    return &position->second;
  }

  [[noreturn]] void refuse(std::string_view what) const {
    throw FormatError(fmt::format("{}: {}: unexpected: {}", file_, owner_, what));
  }

  std::string_view file_;
  Header header_;
  At at_ = At::start;
  std::string owner_ = "header";    // whose value it is, for messages
  Header::Entry* entry_ = nullptr;  // what is being filled: elements of header_
  std::string* text_ = nullptr;
  bool has_metadata_ = false, has_type_ = false, has_shape_ = false, has_offsets_ = false;
};

std::string quoted(const std::string& text) {
  try {
    return Json(text).dump();
  } catch (const Json::type_error&) {
    throw FormatError("safetensors: a tensor's name or a text of the metadata is not valid UTF-8");
  }
}

}  // namespace

Header parse_safetensors_header(std::string_view text, std::string_view file) {
  if (!text.starts_with('{')) throw FormatError(fmt::format("{}: header: does not start with '{{'", file));
  // The JSON parser would take this byte for the end of the text and never look at what follows.
  if (const std::size_t zero = text.find('\0'); zero != text.npos)
    throw FormatError(fmt::format("{}: header: byte {} is 0", file, zero));
  HeaderReader reader(file);
  Json::sax_parse(text.begin(), text.end(), &reader);
  return reader.take();
}

std::string format_safetensors_header(const std::vector<std::pair<std::string, Header::Entry>>& entries,
                                      const std::map<std::string, std::string>& metadata) {
  std::string text = fmt::format("{{\"{}\":{{", reserved_key);
  for (const auto& [key, value] : metadata) {
    if (!text.ends_with('{')) text += ',';
    text += quoted(key) + ':' + quoted(value);
  }
  text += '}';
  for (const auto& [name, entry] : entries) {
    if (name == reserved_key) throw FormatError(fmt::format("safetensors: no tensor can be called {}", reserved_key));
    text += fmt::format(R"(,{}:{{"dtype":"{}","shape":{},"data_offsets":{}}})", quoted(name), entry.type,
                        Json(entry.shape).dump(), Json({entry.begin, entry.end}).dump());
  }
  text += '}';
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::size_t keys = std::max(entries.size(), metadata.size());
  if (text.size() > Header::max_bytes || keys > Header::max_entries)
    throw FormatError(fmt::format("safetensors: a header of {} bytes and {} keys exceeds {} bytes or {} keys",
                                  text.size(), keys, Header::max_bytes, Header::max_entries));
  return text;
}

std::string message_quote(std::string_view text) {
  std::size_t size = std::min<std::size_t>(text.size(), 80);
  while (size < text.size() && size > 0 && (text[size] & 0xC0) == 0x80) --size;  // not inside a UTF-8 sequence
  return fmt::format("'{}{}'", text.substr(0, size), size < text.size() ? "…" : "");
}

}  // namespace heed
