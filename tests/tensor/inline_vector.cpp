#include "heed/tensor/inline_vector.h"

#include <memory>
#include <string>

#include "support/catch.h"

using heed::InlineVector;

TEST_CASE("an inline vector is a vector, below and above its inline size", "[inline_vector]") {
  for (const std::size_t reserved : {0u, 2u, 9u})
    for (std::size_t count = 0; count < 9; ++count) {
      InlineVector<std::string, 3> list;
      list.reserve(reserved);
      CHECK(list.empty());
      for (std::size_t i = 0; i < count; ++i) list.push_back(std::to_string(i));
      REQUIRE(list.size() == count);
      std::size_t i = 0;
      for (const std::string& element : list) CHECK(element == std::to_string(i++));
      CHECK(i == count);
      InlineVector<std::string, 3> copy = list;
      if (count > 0) copy[count - 1] = "other";
      for (i = 0; i < count; ++i) CHECK(list[i] == std::to_string(i));
      const InlineVector<std::string, 3> moved = std::move(copy);
      REQUIRE(moved.size() == count);
      if (count > 0) CHECK(moved[count - 1] == "other");
    }
}

TEST_CASE("an inline vector holds what can only be moved", "[inline_vector]") {
  InlineVector<std::unique_ptr<int>, 2> list;
  for (int i = 0; i < 5; ++i) list.push_back(std::make_unique<int>(i));
  for (std::size_t i = 0; i < 5; ++i) CHECK(*list[i] == static_cast<int>(i));
}
