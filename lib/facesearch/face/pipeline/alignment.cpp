// SPDX-License-Identifier: MIT
#include "facesearch/face/pipeline/alignment.hpp"

namespace facesearch {
namespace {

Point mean_of(const Landmarks& points) {
  Point sum;
  for (const Point& p : points) sum = {sum.x + p.x, sum.y + p.y};
  return {sum.x / static_cast<double>(points.size()), sum.y / static_cast<double>(points.size())};
}

}  // namespace

Similarity inverse(const Similarity& s) {
  const double square = s.a * s.a + s.b * s.b;
  Similarity back{s.a / square, -s.b / square, 0, 0};
  back.dx = -(back.a * s.dx - back.b * s.dy);
  back.dy = -(back.b * s.dx + back.a * s.dy);
  return back;
}

Similarity best_similarity(const Landmarks& from, const Landmarks& to) {
  const Point f = mean_of(from);
  const Point t = mean_of(to);
  // As complex numbers w = m·z about the means: the least squares give m = Σ w·conj(z) / Σ |z|².
  double real = 0;
  double imaginary = 0;
  double spread = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const Point z{from.at(i).x - f.x, from.at(i).y - f.y};
    const Point w{to.at(i).x - t.x, to.at(i).y - t.y};
    real += z.x * w.x + z.y * w.y;
    imaginary += z.x * w.y - z.y * w.x;
    spread += z.x * z.x + z.y * z.y;
  }
  Similarity s;
  if (spread > 0) {
    s.a = real / spread;
    s.b = imaginary / spread;
  }
  s.dx = t.x - (s.a * f.x - s.b * f.y);
  s.dy = t.y - (s.b * f.x + s.a * f.y);
  return s;
}

}  // namespace facesearch
