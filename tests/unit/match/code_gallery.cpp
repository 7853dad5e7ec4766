// SPDX-License-Identifier: MIT
#include "code_gallery.hpp"

#include <algorithm>

namespace facesearch {

CodeGallery::CodeGallery(std::vector<Template> rows, std::size_t block_rows, bool holes, bool misaligned,
                         std::mt19937& random)
    : rows_(std::move(rows)),
      block_rows_(block_rows),
      stride_(code_stride(rows_.front().size())),
      shift_(misaligned ? 1 + random() % 63 : 0),
      codes_(rows_.size() * stride_ + shift_),
      live_(blocks()) {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const CodeScale scale = encode_template(rows_[i], {codes_.data() + shift_ + i * stride_, stride_});
    scales_.push_back(scale.scale);
    errors_.push_back(scale.error);
    if (holes) expires_.push_back(random() % 4 == 0 ? static_cast<std::uint32_t>(random() % 5) : 0);
    auto& live = live_[i / block_rows];
    const std::size_t bit = i % block_rows;
    // Past the rows of a word the bits stay 1: nobody may read them.
    if (bit % 64 == 0) live.push_back(random() % 8 == 0 && holes ? 0 : ~std::uint64_t{0});
    if (holes && random() % 5 == 0) live.back() &= ~(std::uint64_t{1} << (bit % 64));
  }
}

CodeBlock CodeGallery::block(std::uint64_t index) const {
  const std::size_t first = index * block_rows_;
  return {kFirstSlot + first,
          std::min(block_rows_, rows_.size() - first),
          stride_,
          codes_.data() + shift_ + first * stride_,
          scales_.data() + first,
          errors_.data() + first,
          live_[index].data(),
          expires_.empty() ? nullptr : expires_.data() + first};
}

Uuid CodeGallery::id_of(std::uint64_t slot) {
  Uuid id;
  const std::uint64_t mixed = slot * 0x9E3779B97F4A7C15U;
  for (std::size_t i = 0; i < 8; ++i) id.bytes.at(i) = static_cast<std::uint8_t>(mixed >> (56 - 8 * i));
  return id;
}

CodeGallery::Answer CodeGallery::plain(const ExactSearch::Query& query) const {
  TopCandidates top(query.min_cosine, query.limit);
  Answer result;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const std::size_t bit = i % block_rows_;
    const bool live = (live_[i / block_rows_][bit / 64] >> (bit % 64) & 1U) != 0;
    const bool expired = !expires_.empty() && expires_[i] != 0 && expires_[i] <= query.now;
    if (!live || expired || std::ranges::count(query.left_out, kFirstSlot + i) != 0) continue;
    top.offer(id_of(kFirstSlot + i), exact_cosine(query.probe, rows_[i]));
    ++result.scored;
  }
  result.matches = top.matches();
  result.list = top.take();
  return result;
}

std::size_t CodeGallery::score(ExactSearch& search) const {
  const auto survivors = search.survivors();
  for (const std::uint64_t slot : survivors) search.score(id_of(slot), row(slot));
  return survivors.size();
}

CodeGallery::Answer CodeGallery::answer(ExactSearch& search) const {
  Answer result;
  result.scored = score(search);
  result.matches = search.matches();
  result.list = search.take();
  return result;
}

CodeGallery::Answer CodeGallery::exact(const ExactSearch::Query& query, Kernel kernel, bool backwards) const {
  ExactSearch search(query, kernel);
  for (std::uint64_t i = 0; i < blocks(); ++i) search.scan(block(backwards ? blocks() - 1 - i : i));
  return answer(search);
}

bool same(const CodeGallery::Answer& a, const CodeGallery::Answer& b) {
  return a.matches == b.matches &&
         std::ranges::equal(a.list, b.list, [](const Candidate& x, const Candidate& y) {
           return x.face == y.face && x.cosine == y.cosine;
         });
}

std::vector<Kernel> available_kernels() {
  std::vector<Kernel> kernels(all_kernels().begin(), all_kernels().end());
  std::erase_if(kernels, [](Kernel kernel) { return !is_available(kernel); });
  return kernels;
}

}  // namespace facesearch
