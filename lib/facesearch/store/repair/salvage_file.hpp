// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "facesearch/core/uuid.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/format/piece.hpp"
#include "facesearch/store/guard/data_pages.hpp"

/// What can still be found in a data file that may be damaged in any way. It is read and never mapped; what
/// makes no sense, is beyond the end or cannot be read is passed over. Whether a piece is what was written
/// is for its tag to say.
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

  /// Finds pieces of which nothing but the pages and the tag is left; answers how many. After scan().
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

}  // namespace facesearch::storage
