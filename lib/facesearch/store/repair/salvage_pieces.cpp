// SPDX-License-Identifier: MIT
#include "facesearch/store/repair/salvage_pieces.hpp"

#include <algorithm>

#include "facesearch/core/error.hpp"

namespace facesearch::storage {
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
    const bool newest = by_metas();
    const bool marked = mark_ && mark_->sealed;
    const bool trusted = newest && in_place_ && metas_agree() && !behind_mark();
    if (!trusted || !marked) {
      const std::optional<Tag> by_meta = found_ ? std::optional(found_->tag) : std::nullopt;
      // A commit that was not finished is one ahead of what the first pages say; what is further ahead was
      // finished, and the page that they lead to is not the one that was written there.
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

  // LMDB writes the two in turn, so they are one transaction apart.
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
