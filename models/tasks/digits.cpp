#include "heed/models/tasks/digits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"

namespace heed::models {
namespace {

struct Point {
  double x, y;
};

using Stroke = std::vector<Point>;

// Corner points in a square from -1 to 1, y downwards.
const std::array<std::vector<Stroke>, 10>& shapes() {
  static const std::array<std::vector<Stroke>, 10> all{{
      {{{0, -.8}, {.4, -.6}, {.5, 0}, {.4, .6}, {0, .8}, {-.4, .6}, {-.5, 0}, {-.4, -.6}, {0, -.8}}},
      {{{-.3, -.5}, {.1, -.8}, {.1, .8}}},
      {{{-.45, -.5}, {-.2, -.8}, {.3, -.75}, {.45, -.4}, {.2, 0}, {-.5, .8}, {.5, .8}}},
      {{{-.45, -.7}, {.1, -.8}, {.45, -.5}, {.1, -.05}, {-.1, -.05}},
       {{.1, -.05}, {.5, .35}, {.2, .8}, {-.25, .8}, {-.5, .6}}},
      {{{.2, .8}, {.2, -.8}, {-.55, .25}, {.55, .25}}},
      {{{.45, -.8}, {-.35, -.8}, {-.4, -.1}, {.1, -.2}, {.5, .2}, {.35, .65}, {-.05, .8}, {-.45, .65}}},
      {{{.35, -.75}, {-.1, -.6}, {-.4, 0}, {-.4, .5}, {0, .8}, {.4, .55}, {.35, .15}, {0, 0}, {-.4, .35}}},
      {{{-.5, -.8}, {.5, -.8}, {-.1, .8}}},
      {{{0, 0},
        {-.4, -.35},
        {-.25, -.75},
        {.25, -.75},
        {.4, -.35},
        {0, 0},
        {.45, .4},
        {.25, .8},
        {-.25, .8},
        {-.45, .4},
        {0, 0}}},
      {{{.4, -.35}, {0, 0}, {-.4, -.3}, {-.3, -.7}, {.1, -.8}, {.4, -.55}, {.35, .2}, {.1, .8}}},
  }};
  return all;
}

double between(Generator& generator, double low, double high) { return low + (high - low) * generator.uniform(); }

// x' = a·x + b·y + c, and so y'.
struct Affine {
  double a, b, c, d, e, f;
};

Affine draw_affine(Generator& generator) {
  const double width = between(generator, 0.7, 1.1), height = between(generator, 0.8, 1.1);
  const double turn = between(generator, -0.2, 0.2), slant = between(generator, -0.25, 0.25);
  const double right = between(generator, -0.2, 0.2), down = between(generator, -0.15, 0.15);
  return {width, slant - turn, right, turn, height, down};
}

// The square of the distance of p from the line between a and b.
double distance_squared(const Point& p, const Point& a, const Point& b) {
  const double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
  const double along = length > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.0, 1.0) : 0;
  const double x = p.x - a.x - along * dx, y = p.y - a.y - along * dy;
  return x * x + y * y;
}

void draw(std::int64_t digit, Generator& generator, float* image) {
  std::vector<Stroke> strokes = shapes()[static_cast<std::size_t>(digit)];
  const Affine m = draw_affine(generator);
  for (Stroke& stroke : strokes)
    for (Point& point : stroke) {
      const double x = point.x + between(generator, -0.06, 0.06), y = point.y + between(generator, -0.06, 0.06);
      point = {m.a * x + m.b * y + m.c, m.d * x + m.e * y + m.f};
    }
  const double pen = between(generator, 0.07, 0.15), edge = 0.08, noise = 0.1;
  for (std::int64_t row = 0; row < digit_image_size; ++row)
    for (std::int64_t column = 0; column < digit_image_size; ++column) {
      const auto place = [](std::int64_t i) { return (static_cast<double>(i) + 0.5) / 14 - 1; };
      const Point pixel{1.25 * place(column), 1.25 * place(row)};  // a margin around the square
      double nearest = 4;
      for (const Stroke& stroke : strokes)
        for (std::size_t i = 1; i < stroke.size(); ++i)
          nearest = std::min(nearest, distance_squared(pixel, stroke[i - 1], stroke[i]));
      const double ink = (pen + edge - std::sqrt(nearest)) / edge + between(generator, -noise, noise);
      image[row * digit_image_size + column] = static_cast<float>(std::clamp(ink, 0.0, 1.0));
    }
}

}  // namespace

DigitBatch draw_digits(std::int64_t batch, Generator& generator) {
  if (batch < 0) throw ShapeError(fmt::format("draw_digits: a batch of {}", batch));
  DigitBatch result{empty({batch, digit_image_size, digit_image_size}), empty({batch}, DType::i64)};
  float* image = result.images.mutable_data<float>();
  auto* label = result.labels.mutable_data<std::int64_t>();
  for (std::int64_t i = 0; i < batch; ++i, image += digit_image_size * digit_image_size) {
    label[i] = generator.uniform_int(10);
    draw(label[i], generator, image);
  }
  return result;
}

}  // namespace heed::models
