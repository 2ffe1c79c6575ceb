// Texts with labels, the data of a classifier: from lines, from one file for each label, or from folders.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heed/nn/data/lines.h"

namespace heed::nn {

struct LabelledTexts {
  std::vector<std::string> texts;
  std::vector<std::int64_t> labels;  ///< of each text: an index into `names`
  std::vector<std::string> names;    ///< of the labels, in bytewise order
  std::string summary;               ///< one sentence: what was read, kept and dropped

  std::int64_t size() const { return static_cast<std::int64_t>(texts.size()); }
  /// Numbers the labels as `known` does, so that a test set has the labels of its training set. FormatError, before
  /// anything changes, for a label that `known` does not have.
  void use_names(const std::vector<std::string>& known);
};

struct LabelledLimits {
  LineLimits lines = {};
  std::int64_t max_texts = 10'000'000;
  std::int64_t max_labels = 10'000;
};

/// One example a line: a label, a tab, a text. Where the first line that is not blank has no tab, label and text are
/// parted by the first blank of every line. Blanks around label and text are dropped, blank lines skipped, quotation
/// marks have no meaning. Errors as read_lines(); FormatError ("FILE:LINE: …") for a line without label or text, a
/// label with a control character, more texts or labels than the limits allow, and for a file without examples.
LabelledTexts read_labelled_lines(const std::string& path, const LabelledLimits& limits = {});
LabelledTexts parse_labelled_lines(std::string_view bytes, const std::string& name, const LabelledLimits& limits = {});

/// The texts of one file with the labels of another, line by line. FormatError, which gives both numbers of lines,
/// unless they are equal, and as above; no line may be blank.
LabelledTexts read_text_and_label_lines(const std::string& texts, const std::string& labels,
                                        const LabelledLimits& limits = {});

/// One file for each label, one text a line; blank lines are skipped. Error for a label that is there twice.
LabelledTexts read_label_files(const std::vector<std::pair<std::string, std::string>>& labels_and_paths,
                               const LabelledLimits& limits = {});

/// One folder for each label, one file for each text: root/LABEL/FILE. The texts come by label, then by the name of
/// their file, both in bytewise order, whatever order the system lists them in; lines of a text end in LF. What is no
/// folder in `root`, no regular file in a label's folder, or a symbolic link (it may lead anywhere, into a circle too),
/// or begins with a point, or is blank, is dropped and counted. Errors as read_lines(); FormatError for the name of a
/// folder that is not UTF-8 or has a control character, and for limits passed; IoError when a folder cannot be read.
LabelledTexts read_labelled_folders(const std::string& root, const LabelledLimits& limits = {});

}  // namespace heed::nn
