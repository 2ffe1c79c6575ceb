// Pieces of words: byte-pair encoding by SentencePiece (https://github.com/google/sentencepiece; Sennrich et al. 2016).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace heed::examples {

/// A SentencePiece model: divides text into pieces and joins them. A piece's ▁ (U+2581) stands for a blank; most models
/// put one before every text.
class SubwordModel {
 public:
  /// Byte-pair encoding with at most so many pieces, <unk>, <s> and </s> among them; fewer where the texts give no
  /// more. Every character of the texts is a piece, and nothing is normalised: joining gives back the text, but for a ▁
  /// in it, which becomes a blank, and a ▅ (U+2585) or a zero, which SentencePiece never takes for text. The same texts
  /// give the same bytes(). FormatError when the texts have more different characters than that, no character, or are
  /// not UTF-8.
  static SubwordModel train(const std::vector<std::string>& texts, std::int64_t pieces);

  /// The model in a file, such as SentencePiece's own programs write. FormatError, IoError.
  static SubwordModel read(const std::string& path);

  /// What bytes() gave. FormatError when they are no model.
  explicit SubwordModel(std::string bytes);

  /// What hex() gave, for a place where only text may stand. FormatError.
  static SubwordModel from_hex(std::string_view text);
  std::string hex() const;

  const std::string& bytes() const { return bytes_; }
  std::int64_t size() const;     ///< the pieces are 0, 1 …
  std::int64_t end() const;      ///< the piece </s>
  std::int64_t unknown() const;  ///< the piece <unk>

  /// "500 pieces, CRC-32C 1a2b3c4d": another text for another model.
  std::string summary() const;

  /// The pieces of a text; <unk> for characters that the model does not know. FormatError unless UTF-8.
  std::vector<std::int64_t> encode(std::string_view text) const;

  /// The same with the pieces as text; a piece that the model does not know is what it is in the text.
  std::vector<std::string> pieces(std::string_view text) const;
  std::string join(const std::vector<std::string>& pieces) const;

  /// What the piece adds to a text that is written piece by piece; where it is the `first`, without the blank that
  /// the model puts before every text. For a byte that byte, for </s> and its like nothing. IndexError outside [0,
  /// size).
  std::string text_of(std::int64_t id, bool first) const;

  /// The first stretch of characters in the text that the model does not know.
  std::optional<std::string> unknown_in(std::string_view text) const;

 private:
  std::string bytes_;
  std::shared_ptr<const sentencepiece::SentencePieceProcessor> processor_;
  bool begins_with_blank_ = false;
};

}  // namespace heed::examples
