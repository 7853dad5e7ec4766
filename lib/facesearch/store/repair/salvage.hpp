// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "facesearch/core/uuid.hpp"
#include "facesearch/store/crypto/sealing.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/format/high_water_mark.hpp"
#include "facesearch/store/format/piece.hpp"
#include "facesearch/store/format/root.hpp"
#include "facesearch/store/guard/data_pages.hpp"

/// Finds the pieces of a side in a data file that may be damaged in any way. The file is read, never mapped.
///
/// 1. Walk the tree of each meta page that makes sense, and note every entry that looks like a piece.
/// 2. If a piece is missing: read all pages, in use or free, and note the entries of whatever looks like a
/// leaf.
/// 3. If it still is: search the ends of overflow runs for the piece's 16-byte tag.
/// What makes no sense, lies beyond the end or cannot be read is skipped. Only a tag says whether a piece is
/// what was written; the root is the newest one that authenticates.
namespace facesearch::storage {

/// Where something lies that looks like a piece.
struct FoundPiece {
  PieceName name;
  Tag tag{};  ///< its last 16 bytes
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  bool named = true;    ///< false: nothing says its number
  bool sealed = false;  ///< as its header says
};

/// Pages that begin like a piece, whatever names them.
struct PieceRun {
  std::uint8_t kind = 0;
  std::uint64_t offset = 0;
  std::uint64_t last_page = 0;  ///< offset of the page that the piece ends in, as the first page says
};

class SalvageFile {
 public:
  /// Throws Error(kStoreDamaged, DATA_MISSING).
  explicit SalvageFile(const std::filesystem::path& path);

  /// The file's first two pages, the newer one first; those that make no sense are not there.
  const std::vector<DataMeta>& metas() const { return metas_; }

  /// Finds the pieces that the tree of one of them leads to.
  struct Walk {
    std::vector<FoundPiece> roots;  ///< those that may be the root
    bool in_place = true;           ///< every page is the one that it says it is
  };
  Walk walk(const DataMeta& meta);

  /// Finds all pieces that any page of the file names, in use or not. The second call does nothing.
  void scan();

  /// Finds pieces that only their pages and tag are left of; returns how many. Call scan() first.
  std::size_t seek(const std::set<std::pair<std::uint8_t, Tag>>& wanted);

  /// What was found so far.
  std::vector<FoundPiece> with_tag(const PieceName& name, const Tag& tag) const;
  std::vector<FoundPiece> of_kind(PieceKind kind) const;
  const std::vector<PieceRun>& runs() const { return runs_; }

  /// The bytes of a piece; false if they are not there.
  bool read(const FoundPiece& piece, AlignedBytes& out) const;

  std::uint64_t page_size() const { return page_size_; }
  std::uint64_t size() const { return size_; }

  /// Keys of 16 bytes in any page: the ids of faces in the indexes, with ids that were there once. One may be
  /// there many times.
  std::vector<Uuid> hinted_ids() const;

 private:
  using VisitPage = std::function<void(std::uint64_t offset, Bytes page)>;

  void find_metas();
  bool read_bytes(std::uint64_t offset, void* out, std::size_t size) const noexcept;
  void visit_pages(const VisitPage& visit) const;
  void note_entries(std::uint64_t offset, Bytes page, std::vector<FoundPiece>* roots);
  void note_run(std::uint64_t offset, Bytes page);
  std::optional<FoundPiece> piece_at(const PieceName& name, std::uint64_t offset, std::uint64_t size) const;
  bool note(const FoundPiece& piece);

  struct TagHash {
    std::size_t operator()(const Tag& tag) const noexcept {
      std::size_t hash = 0;
      std::memcpy(&hash, tag.data(), sizeof hash);  // tags are as good as random
      return hash;
    }
  };

  std::filesystem::path path_;
  FileDescriptor file_;
  std::uint64_t size_ = 0;
  std::uint64_t page_size_ = 4096;
  std::vector<DataMeta> metas_;
  std::unordered_multimap<Tag, FoundPiece, TagHash> found_;
  std::vector<PieceRun> runs_;
  bool scanned_ = false;
};

/// The root that all else is salvaged by.
struct SalvagedRoot {
  Root root;
  Tag tag{};
  FoundPiece piece;
  bool former = false;  ///< a later state was there, or may have been
  std::optional<std::uint64_t> commits_behind{};
};

/// The newest root of a collection's data file that is authentic: by the first pages, if those agree with
/// each other and with the mark, else the one of the highest version in any page. None: nothing can be saved.
std::optional<SalvagedRoot> find_root(SalvageFile& file, const Sealing& sealing, std::string_view collection,
                                      const std::optional<Mark>& mark);

/// Pieces of a data file that may be damaged: those that are what their tag says, wherever they lie. Borrows
/// file and sealing.
class SalvagedPieces final : public PieceSource {
 public:
  SalvagedPieces(SalvageFile& file, const Sealing& sealing, const FoundPiece& root)
      : file_(file), opener_(sealing), root_(root) {}

  std::optional<Bytes> find(const PieceName& name, const Tag* wanted) override;

  /// Searches for the tags of pieces that were not found so far; true if any was found: then read again.
  bool seek_missing();

  /// Shows the payloads of the pieces of a kind, of any version, that are authentic.
  template <class Visit>
  void visit_versions(PieceKind kind, Visit&& visit) {
    for (const FoundPiece& piece : file_.of_kind(kind)) {
      if (piece.named && opens(piece, piece.name, nullptr)) {
        visit(Bytes(std::as_const(payload_).span()));
      }
    }
  }

 private:
  bool opens(const FoundPiece& piece, const PieceName& name, const Tag* wanted);
  bool find_among(const PieceName& name, const Tag& wanted);

  SalvageFile& file_;
  PieceOpener opener_;
  FoundPiece root_;
  // Nobody may use a payload where it lies in here: the next piece comes to the same place. None does, since
  // it begins behind a header and is not aligned.
  AlignedBytes piece_;
  static_assert(kPieceHeader % AlignedBytes::kAlignment != 0);
  AlignedBytes payload_;
  std::set<std::pair<std::uint8_t, Tag>> missing_;
};

}  // namespace facesearch::storage
