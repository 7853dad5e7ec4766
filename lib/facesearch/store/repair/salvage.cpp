// SPDX-License-Identifier: MIT
#include "facesearch/store/repair/salvage.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/damage_advice.hpp"
#include "facesearch/store/format/byte_codec.hpp"

namespace facesearch::storage {
namespace {

constexpr std::uint64_t kMostPiece = 32U << 20;  // far more than any that is written
constexpr std::size_t kChunk = 1U << 20;
constexpr std::string_view kPiecesTable = "pieces";
constexpr std::size_t kPieceKey = 9;

bool begins_like_piece(Bytes bytes) {
  return bytes.size() >= kPieceHeader && bytes[0] == 1 && bytes[2] <= 1 && bytes[3] == 0;
}

bool is_pieces(Bytes key) {
  return std::equal(key.begin(), key.end(), kPiecesTable.begin(), kPiecesTable.end());
}

}  // namespace

SalvageFile::SalvageFile(const std::filesystem::path& path) : path_(path), file_(open_existing_file(path)) {
  if (file_.get() < 0) {
    throw Error(Cause::kStoreDamaged, "DATA_MISSING",
                fmt::format("{} is missing; {}", path_.string(), kDamageAdvice));
  }
  size_ = file_size(file_, path_);
  find_metas();
}

// A disk that cannot read some of its sectors has lost those only.
bool SalvageFile::read_bytes(std::uint64_t offset, void* out, std::size_t size) const noexcept {
  try {
    return offset <= size_ && size <= size_ - offset && read_at(file_, path_, offset, out, size);
  } catch (...) {
    return false;
  }
}

// The second page is where the first one's size of pages says; without the first one, where it agrees with
// itself.
void SalvageFile::find_metas() {
  std::array<std::uint8_t, kMetaBytes> bytes{};
  const auto meta_at = [&](std::uint64_t offset) {
    return read_bytes(offset, bytes.data(), bytes.size()) ? read_meta(bytes) : std::nullopt;
  };
  if (const std::optional<DataMeta> first = meta_at(0)) {
    metas_.push_back(*first);
  }
  for (std::uint64_t size = kSmallestPage; size <= kLargestPage; size *= 2) {
    const std::optional<DataMeta> second = meta_at(size);
    if (second && second->page_size == size && (metas_.empty() || metas_[0].page_size == size)) {
      metas_.push_back(*second);
      break;
    }
  }
  if (!metas_.empty()) {
    page_size_ = metas_[0].page_size;
  }
  std::ranges::sort(metas_, std::ranges::greater(), &DataMeta::transaction);
}

void SalvageFile::visit_pages(const VisitPage& visit) const {
  std::vector<std::uint8_t> chunk(kChunk);
  for (std::uint64_t start = 0; start < size_; start += kChunk) {
    const std::size_t size = std::min<std::uint64_t>(kChunk, size_ - start);
    const bool read = read_bytes(start, chunk.data(), size);
    // A truncated last page counts: its entries may lie in the part that remains.
    std::fill(chunk.begin() + static_cast<std::ptrdiff_t>(size), chunk.end(), std::uint8_t{0});
    for (std::size_t at = 0; at < size; at += page_size_) {
      const std::size_t there = std::min<std::size_t>(page_size_, size - at);
      if (read || read_bytes(start + at, chunk.data() + at, there)) {
        visit(start + at, Bytes(chunk).subspan(at, page_size_));
      }
    }
  }
}

SalvageFile::Walk SalvageFile::walk(const DataMeta& meta) {
  Walk walk;
  std::vector<bool> seen(size_ / page_size_ + 1);
  std::vector<std::uint64_t> next{meta.main_root};
  std::vector<std::uint8_t> page(page_size_);
  while (!next.empty()) {
    const std::uint64_t number = next.back();
    next.pop_back();
    if (number >= seen.size() || seen[number] || !read_bytes(number * page_size_, page.data(), page.size())) {
      continue;
    }
    seen[number] = true;
    walk.in_place = walk.in_place && page_number(page) == number;
    const PageKind kind = kind_of_page(page);
    if (kind == PageKind::kLeaf) {
      note_entries(number * page_size_, page, &walk.roots);
    }
    for (const PageEntry& entry : entries_of_page(page, kind).all) {
      if (kind == PageKind::kBranch || (entry.kind == PageEntry::Kind::kTable && is_pieces(entry.key))) {
        next.push_back(entry.target);
      }
    }
  }
  return walk;
}

void SalvageFile::scan() {
  if (scanned_) {
    return;
  }
  scanned_ = true;
  visit_pages([this](std::uint64_t offset, Bytes page) {
    note_run(offset, page);
    // Ignore the kind that the page states: it may be damaged.
    note_entries(offset, page, nullptr);
  });
}

void SalvageFile::note_entries(std::uint64_t offset, Bytes page, std::vector<FoundPiece>* roots) {
  for (const PageEntry& entry : entries_of_page(page, PageKind::kLeaf).all) {
    if (entry.key.size() != kPieceKey || entry.kind == PageEntry::Kind::kTable) {
      continue;
    }
    const PieceName name{entry.key[0], read_slot(entry.key.subspan(1))};
    std::optional<FoundPiece> piece;
    if (entry.kind == PageEntry::Kind::kValue) {
      piece =
          piece_at(name, offset + static_cast<std::uint64_t>(entry.value.data() - page.data()), entry.size);
    } else if (entry.target <= size_ / page_size_) {
      piece = piece_at(name, entry.target * page_size_ + kPageHeader, entry.size);
    }
    if (!piece) {
      continue;
    }
    note(*piece);
    if (roots != nullptr && name == name_of(PieceKind::kRoot, 0)) {
      roots->push_back(*piece);
    }
  }
}

std::optional<FoundPiece> SalvageFile::piece_at(const PieceName& name, std::uint64_t offset,
                                                std::uint64_t size) const {
  std::array<std::uint8_t, kPieceHeader> header{};
  FoundPiece piece{name, {}, offset, size};
  if (size < kPieceExtra || size > kMostPiece || !read_bytes(offset, header.data(), header.size()) ||
      !begins_like_piece(header) || header[1] != name.kind ||
      !read_bytes(offset + size - kTagSize, piece.tag.data(), kTagSize)) {
    return std::nullopt;
  }
  piece.sealed = header[2] == 1;
  return piece;
}

void SalvageFile::note_run(std::uint64_t offset, Bytes page) {
  const Bytes piece = page.subspan(kPageHeader);
  const std::uint64_t pages = overflow_pages(page);
  if (kind_of_page(page) != PageKind::kOverflow || !begins_like_piece(piece) || pages == 0 ||
      pages > kMostPiece / page_size_) {
    return;
  }
  runs_.push_back({piece[1], offset + kPageHeader, offset + (pages - 1) * page_size_});
}

bool SalvageFile::note(const FoundPiece& piece) {
  const auto [begin, end] = found_.equal_range(piece.tag);
  if (std::any_of(begin, end, [&](const auto& entry) {
        return entry.second.offset == piece.offset && entry.second.name == piece.name;
      })) {
    return false;
  }
  found_.emplace(piece.tag, piece);
  return true;
}

std::size_t SalvageFile::seek(const std::set<std::pair<std::uint8_t, Tag>>& wanted) {
  std::size_t count = 0;
  std::vector<std::uint8_t> page(page_size_);
  for (const PieceRun& run : runs_) {
    const auto first = wanted.lower_bound({run.kind, Tag{}});
    const std::size_t there =
        run.last_page < size_ ? std::min<std::uint64_t>(page_size_, size_ - run.last_page) : 0;
    if (first == wanted.end() || first->first != run.kind || !read_bytes(run.last_page, page.data(), there)) {
      continue;
    }
    Tag tag{};
    for (std::size_t at = 0; at + kTagSize <= there; ++at) {
      std::memcpy(tag.data(), page.data() + at, kTagSize);
      const std::uint64_t end = run.last_page + at + kTagSize;
      if (end < run.offset + kPieceExtra || wanted.count({run.kind, tag}) == 0) {
        continue;
      }
      if (auto piece = piece_at({run.kind, 0}, run.offset, end - run.offset)) {
        piece->named = false;
        count += note(*piece) ? 1U : 0U;
      }
    }
  }
  return count;
}

std::vector<FoundPiece> SalvageFile::with_tag(const PieceName& name, const Tag& tag) const {
  std::vector<FoundPiece> pieces;
  const auto [begin, end] = found_.equal_range(tag);
  for (auto at = begin; at != end; ++at) {
    const FoundPiece& piece = at->second;
    if (piece.name.kind == name.kind && (!piece.named || piece.name.number == name.number)) {
      pieces.push_back(piece);
    }
  }
  return pieces;
}

std::vector<FoundPiece> SalvageFile::of_kind(PieceKind kind) const {
  std::vector<FoundPiece> pieces;
  for (const auto& [tag, piece] : found_) {
    if (piece.name.kind == static_cast<std::uint8_t>(kind)) {
      pieces.push_back(piece);
    }
  }
  return pieces;
}

bool SalvageFile::read(const FoundPiece& piece, AlignedBytes& out) const {
  return piece.size <= kMostPiece && read_bytes(piece.offset, out.make_room(piece.size).data(), piece.size);
}

std::vector<Uuid> SalvageFile::hinted_ids() const {
  std::vector<Uuid> ids;
  visit_pages([&](std::uint64_t /*offset*/, Bytes page) {
    if (kind_of_page(page) != PageKind::kLeaf) {
      return;
    }
    for (const PageEntry& entry : entries_of_page(page, PageKind::kLeaf).all) {
      if (entry.key.size() == Uuid{}.bytes.size() && entry.kind != PageEntry::Kind::kTable) {
        ids.push_back(read_uuid(entry.key));
      }
    }
  });
  return ids;
}

namespace {

constexpr std::size_t kMostRuns = 1000;  // each takes some milliseconds

const PieceName kRootName = name_of(PieceKind::kRoot, 0);

// Tries one place after the other for the newest root.
class RootSearch {
 public:
  RootSearch(SalvageFile& file, const Sealing& sealing, std::string_view collection,
             const std::optional<Mark>& mark)
      : file_(file), sealed_(sealing.sealed()), opener_(sealing), collection_(collection), mark_(mark) {}

  std::optional<SalvagedRoot> run() {
    // If one of LMDB's two meta pages is lost or out of date, it may have named a later root.
    const bool newest = by_metas() && metas_agree();
    const bool marked = mark_ && mark_->sealed;
    const bool trusted = newest && in_place_ && !behind_mark();
    if (!trusted || !marked) {
      const std::optional<Tag> by_meta = found_ ? std::optional(found_->tag) : std::nullopt;
      // An unfinished commit is one version ahead of the meta pages. A root further ahead was committed, so
      // the page that the meta pages name is not the one that was written there.
      least_ += trusted ? 1 : 0;
      in_all_pages();
      // The mark says what was the last; without one, the file itself does if nothing in it is newer.
      if (found_) {
        found_->former = behind_mark() || (!marked && !(newest && found_->tag == by_meta));
      }
    }
    count_commits();
    return found_;
  }

 private:
  bool try_piece(const FoundPiece& piece) {
    AlignedBytes payload;
    try {
      if (!file_.read(piece, bytes_)) {
        return false;
      }
      Root root = read_root(opener_.open(kRootName, std::as_const(bytes_).span(), nullptr, payload));
      if (root.record.id != collection_ || root.record.sealed != sealed_ ||
          (mark_ && lost_its_seal(*mark_, root)) || root.version < least_) {
        return false;
      }
      least_ = root.version + 1;
      found_ = SalvagedRoot{std::move(root), PieceOpener::tag_of(std::as_const(bytes_).span()), piece};
      return true;
    } catch (const Error& error) {
      if (error.cause() != Cause::kStoreDamaged) {
        throw;
      }
      return false;
    }
  }

  // True if it is the root of the newer first page.
  bool by_metas() {
    for (std::size_t i = 0; i < file_.metas().size(); ++i) {
      const SalvageFile::Walk walk = file_.walk(file_.metas()[i]);
      in_place_ = walk.in_place;
      for (const FoundPiece& piece : walk.roots) {
        try_piece(piece);
      }
      if (found_) {
        return i == 0;
      }
    }
    return false;
  }

  // LMDB writes the two alternately, so they are one transaction apart.
  bool metas_agree() const {
    const std::vector<DataMeta>& metas = file_.metas();
    return metas.size() == kMetaPages && metas[0].transaction == metas[1].transaction + 1;
  }

  bool behind_mark() const { return found_ && mark_ && is_older(*mark_, found_->root, found_->tag); }

  void in_all_pages() {
    file_.scan();
    for (const FoundPiece& piece : file_.of_kind(PieceKind::kRoot)) {
      try_piece(piece);
    }
    std::size_t tried = 0;
    for (const PieceRun& run : file_.runs()) {
      if (run.kind == kRootName.kind && ++tried <= kMostRuns) {
        try_run(run);
      }
    }
  }

  // Nothing says how long it is: it ends somewhere in its last page.
  void try_run(const PieceRun& run) {
    const std::uint64_t end = run.last_page + file_.page_size();
    for (std::uint64_t size = kPieceExtra; run.offset + size <= end; ++size) {
      if (run.offset + size > run.last_page && try_piece({kRootName, {}, run.offset, size})) {
        return;
      }
    }
  }

  void count_commits() {
    if (behind_mark() && found_->root.switches == mark_->side &&
        found_->root.record.generation == mark_->generation && mark_->version > found_->root.version) {
      found_->commits_behind = mark_->version - found_->root.version;
    }
  }

  SalvageFile& file_;
  bool sealed_;
  PieceOpener opener_;
  std::string_view collection_;
  const std::optional<Mark>& mark_;
  AlignedBytes bytes_;
  std::optional<SalvagedRoot> found_;
  std::uint64_t least_ = 0;  // of the versions that are still of interest
  bool in_place_ = false;
};

}  // namespace

std::optional<SalvagedRoot> find_root(SalvageFile& file, const Sealing& sealing, std::string_view collection,
                                      const std::optional<Mark>& mark) {
  return RootSearch(file, sealing, collection, mark).run();
}

bool SalvagedPieces::opens(const FoundPiece& piece, const PieceName& name, const Tag* wanted) {
  try {
    if (!file_.read(piece, piece_)) {
      return false;
    }
    const Bytes payload = opener_.open(name, std::as_const(piece_).span(), wanted, payload_);
    return payload.data() == payload_.span().data();
  } catch (const Error& error) {
    if (error.cause() != Cause::kStoreDamaged) {
      throw;
    }
    return false;
  }
}

bool SalvagedPieces::find_among(const PieceName& name, const Tag& wanted) {
  const std::vector<FoundPiece> found = file_.with_tag(name, wanted);
  return std::ranges::any_of(found, [&](const FoundPiece& piece) { return opens(piece, name, &wanted); });
}

std::optional<Bytes> SalvagedPieces::find(const PieceName& name, const Tag* wanted) {
  bool found = false;
  if (wanted == nullptr) {
    found = file_.read(root_, piece_);
  } else if (missing_.count({name.kind, *wanted}) == 0) {
    found = find_among(name, *wanted);
    if (!found) {
      file_.scan();
      found = find_among(name, *wanted);
    }
    if (!found) {
      missing_.insert({name.kind, *wanted});
    }
  }
  return found ? std::optional(std::as_const(piece_).span()) : std::nullopt;
}

bool SalvagedPieces::seek_missing() {
  const bool any = !missing_.empty() && file_.seek(missing_) > 0;
  missing_.clear();
  return any;
}

}  // namespace facesearch::storage
