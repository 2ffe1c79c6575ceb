// Texts with labels: from lines, two files, a file for each label, folders; and what is wrong with them.
#include "heed/nn/data/labelled_texts.h"

#include <sys/stat.h>

#include "heed/tensor/error.h"
#include "heed/tensor/random/random.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/temporary_folder.h"

using namespace heed;
using namespace heed::nn;
using test::refused;
using Strings = std::vector<std::string>;
using Ids = std::vector<std::int64_t>;
namespace fs = std::filesystem;

namespace {

LabelledTexts parsed(std::string_view bytes, const LabelledLimits& limits = {}) {
  return parse_labelled_lines(bytes, "a.tsv", limits);
}

std::string refusal(std::string_view bytes, const LabelledLimits& limits = {}) {
  return refused<FormatError>([&] { parsed(bytes, limits); });
}

void write(const fs::path& path, std::string_view bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

TEST_CASE("labelled lines: a label, a tab, a text", "[nn][data][labelled]") {
  const LabelledTexts data = parsed("\uFEFFpos\tso \"good\r\nneg\tbad\tvery\r\n\r\n pos \t fine \r\n");
  CHECK(data.texts == Strings{"so \"good", "bad\tvery", "fine"});
  CHECK(data.names == Strings{"neg", "pos"});
  CHECK(data.labels == Ids{1, 0, 1});
  CHECK(data.size() == 3);
  CHECK(data.summary == "a.tsv: read and kept 3 texts of 2 labels; dropped 1 blank lines");
}

TEST_CASE("labelled lines: a label, a blank, a text", "[nn][data][labelled]") {
  const LabelledTexts data = parsed("1 so good\n0 bad\n  1   fine\n");
  CHECK(data.texts == Strings{"so good", "bad", "fine"});
  CHECK(data.names == Strings{"0", "1"});
  CHECK(data.labels == Ids{1, 0, 1});
  CHECK(data.summary == "a.tsv: read and kept 3 texts of 2 labels; dropped nothing");
}

TEST_CASE("labelled lines: labels are numbered bytewise, whatever comes first", "[nn][data][labelled]") {
  CHECK(parsed("é\tx\nb\tx\nB\tx\na\tx\n").names == Strings{"B", "a", "b", "é"});
}

TEST_CASE("labelled lines: byte-order marks within texts are kept and counted", "[nn][data][labelled]") {  // trap D4
  const LabelledTexts data = parsed("a\tx\nb\t\uFEFFy\uFEFFz\n");
  CHECK(data.texts[1] == "\uFEFFy\uFEFFz");
  CHECK(data.summary ==
        "a.tsv: read and kept 2 texts of 2 labels; dropped nothing; kept 2 byte-order marks (U+FEFF) within texts");
  CHECK(parsed("\uFEFFa\tx\n").names == parsed("a\tx\n").names);
}

TEST_CASE("labelled lines: what is wrong is named with its line", "[nn][data][labelled]") {
  CHECK(refusal("a\tx\nb y\n") == "a.tsv:2: expected a label, a tab, a text");
  CHECK(refusal("a x\nb\n") == "a.tsv:2: expected a label, a blank, a text");
  CHECK(refusal("a\tx\n\ty\n") == "a.tsv:2: the label is empty");
  CHECK(refusal("a\tx\nb\t \u200B\n") == "a.tsv:2: the text is empty");
  CHECK(refusal("a\x01z\tx\n") == "a.tsv:1: the label 'a\uFFFDz' has a control character");
  CHECK(refusal("a\tx\nb\t\xE9\n") == "a.tsv:2: not UTF-8: byte 3 of the line is 0xe9");
  CHECK(refusal("\n \n") == "a.tsv: no labelled texts");
  CHECK(refusal("a\tx\nb\tx\nc\tx\n", {.max_labels = 2}) == "a.tsv:3: more than 2 labels: 'c' is one too many");
  CHECK(refusal("a\tx\nb\tx\n", {.max_texts = 1}) == "a.tsv:2: more than 1 texts");
  CHECK(refusal("\x1F\x8B") == "a.tsv: is a gzip file: decompress it first (gunzip)");
  CHECK(refusal("<!DOCTYPE html>\n<p>Not found\n").starts_with("a.tsv: it is a web page"));
  CHECK(refusal("version https://git-lfs.github.com/spec/v1\n").starts_with("a.tsv: it is a Git LFS pointer"));
}

TEST_CASE("labelled texts: a test set takes the numbers of its training set", "[nn][data][labelled]") {
  LabelledTexts test = parsed("c\tx\na\ty\n");
  test.use_names({"a", "b", "c"});
  CHECK(test.labels == Ids{2, 0});
  CHECK(test.names == Strings{"a", "b", "c"});
  CHECK(refused<FormatError>([&] { test.use_names({"a", "b"}); }) == "labels: 'c' is none of the 2 that are known");
  CHECK(test.labels == Ids{2, 0});
}

TEST_CASE("labelled texts: two files, line by line", "[nn][data][labelled]") {
  const test::TemporaryFolder folder;
  const std::string texts = folder.write("seq.in", "play music \nadd this\n"),
                    labels = folder.write("label", "PlayMusic\nAddToPlaylist\n");
  const LabelledTexts data = read_text_and_label_lines(texts, labels);
  CHECK(data.texts == Strings{"play music", "add this"});
  CHECK(data.names == Strings{"AddToPlaylist", "PlayMusic"});
  CHECK(data.labels == Ids{1, 0});
  const std::string three = folder.write("three", "a\nb\nc\n"), blank = folder.write("blank", "a\n \n");
  CHECK(refused<FormatError>([&] { read_text_and_label_lines(three, labels); }) ==  // trap D3
        three + " has 3 lines, " + labels + " has 2: a text and its label stand on the same line");
  CHECK(refused<FormatError>([&] { read_text_and_label_lines(blank, labels); }) == blank + ":2: the line is blank");
  // What an editor takes for the end of a line ends none: else the two files would no longer stand side by side.
  const std::string odd = folder.write("odd", "a\u2028b\u0085c\fd\ve\nf");
  CHECK(read_text_and_label_lines(odd, labels).texts == Strings{"a\u2028b\u0085c\fd\ve", "f"});
}

TEST_CASE("labelled texts: a file for each label", "[nn][data][labelled]") {
  const test::TemporaryFolder folder;
  const std::string good = folder.write("good", "nice\n\nfine\n"), bad = folder.write("bad", "dull\n");
  const LabelledTexts data = read_label_files({{"pos", good}, {"neg", bad}});
  CHECK(data.texts == Strings{"nice", "fine", "dull"});
  CHECK(data.labels == Ids{1, 1, 0});
  CHECK(data.summary == good + ", " + bad + ": read and kept 3 texts of 2 labels; dropped 1 blank lines");
  CHECK_THROWS_AS(read_label_files({{"pos", good}, {"pos", bad}}), Error);
  CHECK_THROWS_AS(read_label_files({}), FormatError);
}

TEST_CASE("labelled folders: sorted bytewise; links, hidden and odd entries dropped and counted",
          "[nn][data][labelled]") {
  const test::TemporaryFolder folder;
  const fs::path root = folder.path() / "data";
  write(root / "pos" / "b.txt", "second\r\nline two");
  write(root / "pos" / "a.txt", "\uFEFFfirst\n");
  write(root / "pos" / "Z.txt", "zeroth");
  write(root / "neg" / "é\n.txt", "a file may be called anything\n");
  write(root / "neg" / "blank.txt", "  \n\n");
  write(root / "neg" / ".hidden", "x");
  write(root / "neg" / "deeper" / "x.txt", "x");
  write(root / "README", "x");
  write(root / ".git" / "x", "x");
  fs::create_symlink("/dev/zero", root / "neg" / "endless");
  fs::create_directory_symlink(root, root / "circle");
  REQUIRE(::mkfifo((root / "neg" / "pipe").c_str(), 0600) == 0);
  const LabelledTexts data = read_labelled_folders(root);
  CHECK(data.texts == Strings{"a file may be called anything", "zeroth", "first", "second\nline two"});
  CHECK(data.names == Strings{"neg", "pos"});
  CHECK(data.labels == Ids{0, 1, 1, 1});
  CHECK(data.summary ==
        root.string() +
            ": read and kept 4 texts of 2 labels; dropped 1 blank files, 2 entries that are no files, 1 "
            "entries that are no folders, 2 hidden entries, 2 symbolic links");
}

TEST_CASE("labelled folders: what is wrong is named", "[nn][data][labelled]") {
  const test::TemporaryFolder folder;
  const fs::path root = folder.path() / "data";
  CHECK(refused<IoError>([&] { read_labelled_folders(root); }) ==
        root.string() + ": cannot read the folder: No such file or directory");
  fs::create_directories(root);
  CHECK(refused<FormatError>([&] { read_labelled_folders(root); }) == root.string() + ": no labelled texts");
  write(root / "a" / "x.txt", "ca\xE9\n");
  CHECK(refused<FormatError>([&] { read_labelled_folders(root); }) ==
        (root / "a" / "x.txt").string() + ":1: not UTF-8: byte 3 of the line is 0xe9");
  write(root / "a" / "x.txt", "fine");
  CHECK(read_labelled_folders(root.string() + "/").size() == 1);
  for (const std::string name : {"a\xE9", "a\nb"}) {
    write(root / name / "x", "x");
    CHECK(refused<FormatError>([&] {
            read_labelled_folders(root);
          }).ends_with(": the folder's name is no label: not UTF-8, or a control character in it"));
    fs::remove_all(root / name);
  }
}

TEST_CASE("labelled lines: cut anywhere or changed at random, texts or a FormatError", "[nn][data][labelled]") {
  const std::string whole = "\uFEFFpos\tsehr schön\r\nneg\tnein\r\npos\tja\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string message = refusal(whole.substr(0, size));
    const bool fits = message == "(nothing was thrown)" || message.starts_with("a.tsv:");
    CHECK(fits);
  }
  Generator random(9);
  int read = 0, refusals = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = whole;
    for (std::int64_t changes = 1 + random.uniform_int(3); changes > 0; --changes)
      bytes[to_size(random.uniform_int(static_cast<std::int64_t>(bytes.size())))] =
          static_cast<char>(random.uniform_int(2) ? random.uniform_int(256) : "\t\n\r a"[random.uniform_int(5)]);
    try {
      const LabelledTexts data = parsed(bytes);
      CHECK(data.labels.size() == data.texts.size());
      ++read;
    } catch (const FormatError&) {
      ++refusals;
    }
  }
  CHECK(read > 500);
  CHECK(refusals > 500);
}
