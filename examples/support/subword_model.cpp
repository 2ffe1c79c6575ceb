#include "examples/support/subword_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <charconv>
#include <set>
#include <span>
#include <utility>

#include "examples/support/subword_model_bytes.h"
#include "heed/nn/data/utf8.h"
#include "heed/tensor/error.h"
#include "heed/tensor/io/crc32c.h"
#include "heed/tensor/io/file.h"

namespace heed::examples {
namespace {

using sentencepiece::util::Status;

constexpr std::string_view blank = "▁";
constexpr std::uint64_t max_bytes = 16 << 20;  // the largest that are in use have 5 MB

void check(const Status& status) {
  if (!status.ok()) throw FormatError(fmt::format("SentencePiece: {}", status.error_message()));
}

void check_utf8(std::string_view text) {
  if (const std::size_t bad = nn::first_invalid_utf8(text); bad != text.npos)
    throw FormatError(fmt::format("byte {} begins no character of UTF-8", bad));
}

// Texts as SentencePiece's training takes them: it passes over lines of more than 4,192 bytes, and over those with a
// U+2585, which it writes for <unk>; it ends the program at a word of more than 65,535 characters.
class Lines final : public sentencepiece::SentenceIterator {
 public:
  explicit Lines(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      std::string line;
      for (const std::string& one : nn::characters(text)) {
        if (one != "▅") line += one;
        if (one == "▅" || line.size() >= 4000) lines_.push_back(std::exchange(line, {}));
      }
      lines_.push_back(std::move(line));
    }
  }

  bool done() const override { return at_ == lines_.size(); }
  void Next() override { ++at_; }
  const std::string& value() const override { return lines_[at_]; }
  Status status() const override { return {}; }

  std::set<std::string> characters() const {
    std::set<std::string> all;
    for (const std::string& line : lines_)
      for (const std::string& one : nn::characters(line)) all.insert(one);
    return all;
  }

 private:
  std::vector<std::string> lines_;
  std::size_t at_ = 0;
};

}  // namespace

SubwordModel SubwordModel::train(const std::vector<std::string>& texts, std::int64_t pieces) {
  Lines lines(texts);
  std::set<std::string> characters = lines.characters();
  if (characters.empty()) throw FormatError("no text to learn pieces from");
  const bool has_tab = characters.contains("\t");
  characters.erase(" ");
  characters.insert(std::string(blank));
  if (const auto needed = std::ssize(characters) + 3; pieces < needed)
    throw FormatError(fmt::format("{} pieces are too few for {} different characters, which take {}", pieces,
                                  characters.size(), needed));
  std::string model;
  const Status status =
      sentencepiece::SentencePieceTrainer::Train({{"model_type", "bpe"},
                                                  {"vocab_size", fmt::to_string(pieces)},
                                                  {"hard_vocab_limit", "false"},
                                                  {"character_coverage", "1"},
                                                  {"normalization_rule_name", "identity"},
                                                  {"remove_extra_whitespaces", "false"},
                                                  {"user_defined_symbols", has_tab ? "\t" : ""},  // else never a piece
                                                  {"num_threads", "1"},
                                                  {"minloglevel", "3"}},
                                                 &lines, &model);
  check(status);
  return SubwordModel(std::move(model));
}

SubwordModel SubwordModel::read(const std::string& path) {
  const std::vector<std::byte> bytes = read_file(path, max_bytes);
  try {
    return SubwordModel(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("{}: {}", path, error.what()));
  }
}

SubwordModel::SubwordModel(std::string bytes) : bytes_(std::move(bytes)) {
  constexpr std::string_view what = "not a SentencePiece model";
  if (bytes_.size() > max_bytes)
    throw FormatError(fmt::format("{}: it has {} bytes, the limit is {}", what, bytes_.size(), max_bytes));
  check_subword_model_bytes(bytes_);
  const auto processor = std::make_shared<sentencepiece::SentencePieceProcessor>();
  if (!processor->LoadFromSerializedProto(bytes_).ok()) throw FormatError(std::string(what));
  const int size = processor->GetPieceSize();
  for (int id = 0; id < size; ++id)
    if (nn::first_invalid_utf8(processor->IdToPiece(id)) != std::string::npos)
      throw FormatError(fmt::format("{}: piece {} is not UTF-8", what, id));
  if (processor->eos_id() < 0 || processor->eos_id() >= size)
    throw FormatError(fmt::format("{}: it lacks the piece </s>", what));
  processor_ = processor;
  const std::vector<std::string> sample = pieces("a");
  begins_with_blank_ = !sample.empty() && sample[0].starts_with(blank);
}

SubwordModel SubwordModel::from_hex(std::string_view text) {
  std::string bytes(text.size() / 2, '\0');
  bool good = text.size() % 2 == 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    unsigned byte = 0;
    const char* const end = text.data() + 2 * i + 2;
    good = good && std::from_chars(end - 2, end, byte, 16).ptr == end;
    bytes[i] = static_cast<char>(byte);
  }
  if (!good) throw FormatError("its subwords are not hexadecimal digits, two a byte");
  return SubwordModel(std::move(bytes));
}

std::string SubwordModel::hex() const {
  return fmt::format("{:02x}", fmt::join(std::vector<unsigned char>(bytes_.begin(), bytes_.end()), ""));
}

std::int64_t SubwordModel::size() const { return processor_->GetPieceSize(); }

std::int64_t SubwordModel::end() const { return processor_->eos_id(); }

std::int64_t SubwordModel::unknown() const { return processor_->unk_id(); }

std::string SubwordModel::summary() const {
  return fmt::format("{} pieces, CRC-32C {:08x}", size(), crc32c(std::as_bytes(std::span(bytes_))));
}

std::vector<std::int64_t> SubwordModel::encode(std::string_view text) const {
  check_utf8(text);
  std::vector<int> ids;
  check(processor_->Encode(text, &ids));
  return {ids.begin(), ids.end()};
}

std::vector<std::string> SubwordModel::pieces(std::string_view text) const {
  check_utf8(text);
  std::vector<std::string> pieces;
  check(processor_->Encode(text, &pieces));
  return pieces;
}

std::string SubwordModel::join(const std::vector<std::string>& pieces) const {
  std::string text;
  check(processor_->Decode(pieces, &text));
  return text;
}

std::string SubwordModel::text_of(std::int64_t id, bool first) const {
  if (id < 0 || id >= size()) throw IndexError(fmt::format("piece {} of a model with {}", id, size()));
  const int which = static_cast<int>(id);
  if (processor_->IsControl(which)) return "";
  if (processor_->IsUnknown(which)) return "⁇";
  std::string text = processor_->IdToPiece(which);
  if (processor_->IsByte(which)) {  // <0x0A>
    unsigned byte = 0;
    std::from_chars(text.data() + 3, text.data() + text.size(), byte, 16);
    return {static_cast<char>(byte)};
  }
  for (std::size_t at = text.find(blank); at != text.npos; at = text.find(blank, at))
    text.replace(at, blank.size(), " ");
  return first && begins_with_blank_ && text.starts_with(' ') ? text.substr(1) : text;
}

std::optional<std::string> SubwordModel::unknown_in(std::string_view text) const {
  for (const std::string& piece : pieces(text))
    if (processor_->IsUnknown(processor_->PieceToId(piece))) return piece;
  return std::nullopt;
}

}  // namespace heed::examples
