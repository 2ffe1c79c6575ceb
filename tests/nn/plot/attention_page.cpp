// The page holds the numbers and tokens that it was given, is small, stands alone, and runs nothing of a token.
#include "heed/nn/plot/attention_page.h"

#include <algorithm>
#include <limits>

#include "heed/nn/attention/multi_head.h"
#include "heed/nn/attention/recorder.h"
#include "heed/nn/data/utf8.h"
#include "heed/nn/plot/svg.h"
#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/io/sha256.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "nn/plot/hostile_tokens.h"
#include "support/array.h"
#include "support/attention_page.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/temporary_folder.h"
#include "support/xml.h"

using namespace heed;
using nn::AttentionMap;

namespace {

AttentionMap small() {
  return {.layer = "decoder.layers.0.multihead_attn",
          .group = "cross",
          .queries = {"l'", "été"},
          .keys = {"the", "summer", "."},
          .weights = tensor({0.1, 0.2, 0.7, 0.25, 0.5, 0.25}, {2, 3})};
}

std::vector<std::string> words(std::int64_t count) {
  std::vector<std::string> list;
  for (std::int64_t i = 0; i < count; ++i) list.push_back("token" + std::to_string(i));
  return list;
}

}  // namespace

TEST_CASE("attention page: the file has every number that the model had", "[plot]") {
  Generator generator(1);
  const nn::MultiHeadAttention attention({.embed = 16, .heads = 8}, generator);
  const nn::AttentionRecorder recorder(attention);
  const auto found = attention.forward({.query = Variable(normal(generator, {2, 64, 16})), .need_weights = true});
  const AttentionMap map = nn::attention_map("layer", recorder.records()[0].weights, 1, words(64), words(60));
  const std::string page = nn::attention_page({.title = "Eight heads", .maps = {map}});
  const Tensor had = slice(select(found.weights.value(), 0, 1), 2, 0, 60).clone();
  CHECK(test::same_bits(test::page_weights(test::page_maps(page)[0]), had));
}

TEST_CASE("attention page: 8 heads of 64 tokens take less than 300 KiB", "[plot]") {
  Generator generator(1);
  const AttentionMap map{.layer = "layers.0.self_attn",
                         .queries = words(64),
                         .keys = words(64),
                         .weights = uniform(generator, {8, 64, 64}, 0, 1)};
  const std::size_t size = nn::attention_page({.maps = {map}}).size();
  CAPTURE(size);
  CHECK(size < 200 * 1024);
}

TEST_CASE("attention page: odd numbers, types and sizes", "[plot]") {
  constexpr float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  AttentionMap map = small();
  map.weights = tensor({nan, infinity, -infinity, -0.0F, 1e-45F, 3e38F}, {1, 2, 3});
  CHECK(test::same_bits(test::page_weights(test::page_maps(nn::attention_page({.maps = {map}}))[0]), map.weights));
  for (std::int64_t keys = 0; keys < 5; ++keys) {  // every length of base64's end
    const AttentionMap one{.queries = words(1), .keys = words(keys), .weights = full({1, keys}, 0.1)};
    CHECK(test::same_bits(test::page_weights(test::page_maps(nn::attention_page({.maps = {one}}))[0]),
                          unsqueeze(one.weights, 0)));
  }
  map.weights = tensor({0.1, 0.2, 0.7, 0.25, 0.5, 0.25}, {2, 3}, DType::f64);
  const Tensor rounded = to(map.weights, DType::f32);
  CHECK(test::same_bits(test::page_weights(test::page_maps(nn::attention_page({.maps = {map}}))[0]),
                        unsqueeze(rounded, 0)));
  map.weights = transpose(map.weights, 0, 1);
  std::swap(map.queries, map.keys);
  CHECK(test::same_bits(test::page_weights(test::page_maps(nn::attention_page({.maps = {map}}))[0]),
                        unsqueeze(transpose(rounded, 0, 1), 0).contiguous()));
}

TEST_CASE("attention page: layers, groups and steps are what they were", "[plot]") {
  AttentionMap later = small();
  later.step = "epoch 2";
  const nlohmann::json maps = test::page_maps(nn::attention_page({.maps = {small(), later}}));
  REQUIRE(maps.size() == 2);
  CHECK(maps[1]["layer"] == "decoder.layers.0.multihead_attn");
  CHECK(maps[1]["group"] == "cross");
  CHECK(maps[1]["step"] == "epoch 2");
  CHECK(maps[1]["queries"] == nlohmann::json(std::vector<std::string>{"l'", "été"}));
  CHECK(nn::attention_group("encoder.layers.3.self_attn") == "encoder");
  CHECK(nn::attention_group("decoder.layers.3.self_attn") == "decoder");
  CHECK(nn::attention_group("decoder.layers.3.multihead_attn") == "cross");
  CHECK(nn::attention_group("layers.0.self_attn") == "");
}

TEST_CASE("attention page: a token is data whatever it holds", "[plot]") {
  AttentionMap map{.keys = {"x"}};
  map.queries = test::hostile_tokens();
  map.weights = zeros({static_cast<std::int64_t>(map.queries.size()), 1});
  map.layer = map.group = map.step = "</script><script>alert(1)</script>";
  const std::string page = nn::attention_page({.title = "</title><script>alert(2)</script>", .maps = {map}});
  // The page's own elements and no others, and nothing between them that HTML reads as markup.
  CHECK(test::occurrences(page, "<script") == 2);
  CHECK(test::occurrences(page, "</script") == 2);
  CHECK(test::occurrences(page, "</title>") == 1);
  const std::string block = test::between(page, "id=\"data\">", "</script>");
  CHECK(block.find_first_of("<>&") == std::string::npos);
  CHECK(std::all_of(block.begin(), block.end(), [](char c) { return c >= 0x20 && c < 0x7f; }));
  const nlohmann::json tokens = test::page_maps(page)[0]["queries"];
  for (std::size_t i = 0; i < map.queries.size(); ++i) {
    CAPTURE(i);
    if (nn::first_invalid_utf8(map.queries[i]) == std::string_view::npos)
      CHECK(tokens[i] == map.queries[i]);
    else
      CHECK(tokens[i].get<std::string>().find("\uFFFD") != std::string::npos);
  }
}

TEST_CASE("attention page: it asks nothing of the network and runs nothing but its own script", "[plot]") {
  const std::string page = nn::attention_page({.maps = {small()}});
  for (const char* word : {"http:", "https:", "//cdn", "src=", "href=", "@import", "url(", "fetch(", "innerHTML",
                           "insertAdjacentHTML", "document.write", "eval("})
    CHECK(page.find(word) == std::string::npos);
  const auto hash = [](const std::string& text) { return sha256(std::as_bytes(std::span(text.data(), text.size()))); };
  const auto hex = [](const std::string& base64) {
    std::string digits;
    for (const unsigned char byte : test::decoded_base64(base64)) {
      constexpr std::string_view digit = "0123456789abcdef";
      digits += digit[byte >> 4];
      digits += digit[byte & 15];
    }
    return digits;
  };
  const std::string policy = test::between(page, "Content-Security-Policy\" content=\"", "\"");
  CHECK(policy.starts_with("default-src 'none'; "));
  CHECK(policy.find("unsafe") == std::string::npos);
  CHECK(hex(test::between(policy, "style-src 'sha256-", "'")) == hash(test::between(page, "<style>", "</style>")));
  CHECK(hex(test::between(policy, "script-src 'sha256-", "'")) == hash(test::between(page, "<script>", "</script>")));
}

TEST_CASE("attention page: it is known as heed's own, so that an older one may be replaced", "[plot]") {
  const test::TemporaryFolder folder;
  const std::string page = nn::attention_page({.title = std::string(5000, 'x'), .maps = {small()}});
  const std::string path = folder.write("page.html", page).string();
  CHECK_NOTHROW(nn::check_replaceable_picture(path));
  folder.write("page.html", "<!DOCTYPE html>\n<html lang=\"en\">my notes</html>");
  CHECK_THROWS_AS(nn::check_replaceable_picture(path), FormatError);
}

TEST_CASE("attention page: what does not fit is refused with its numbers", "[plot]") {
  AttentionMap map = small();
  map.keys.pop_back();
  CHECK(test::refused<ShapeError>([&] { nn::attention_page({.maps = {map}}); }) ==
        "attention page: layer decoder.layers.0.multihead_attn: weights [2, 3] for 2 queries and 2 keys, expected [H, "
        "2, 2]");
  map = small();
  map.weights = {};
  CHECK_THROWS_AS(nn::attention_page({.maps = {map}}), ShapeError);
  map.weights = zeros({1, 2, 3, 1});
  CHECK_THROWS_AS(nn::attention_page({.maps = {map}}), ShapeError);
  map.weights = zeros({2, 3}, DType::i64);
  CHECK_THROWS_AS(nn::attention_page({.maps = {map}}), DTypeError);
  CHECK_THROWS_AS(nn::attention_page({}), Error);
  const Tensor recorded = zeros({2, 1, 3, 4});
  CHECK_THROWS_AS(nn::attention_map("a", recorded, 2, words(3), words(4)), IndexError);
  CHECK_THROWS_AS(nn::attention_map("a", recorded, 0, words(4), words(4)), ShapeError);
  CHECK_THROWS_AS(nn::attention_map("a", zeros({3, 4}), 0, words(3), words(4)), ShapeError);
}
