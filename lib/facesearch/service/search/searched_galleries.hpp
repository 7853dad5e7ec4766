// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "facesearch/service/search/gallery_search.hpp"
#include "facesearch/service/search/search.hpp"

/// The two halves of a search: a probe is made without the gallery; then probes, one or many, are compared
/// with it in one reading.
namespace facesearch::service {

/// Collections that are searched as one, as they were when they were opened.
struct SearchedRecords {
  CollectionRecord first;         ///< its policy and calibration are those of all
  std::vector<Uuid> generations;  ///< of all
};

/// A search whose probes are made: of one face, or of every face of its picture.
struct PreparedSearch {
  std::string request_name;
  std::optional<std::string> user_name;
  std::size_t limit = kDefaultCandidates;
  bool names_collections = false;
  std::optional<std::string> probe_digest;  ///< where SearchResult::basis is asked for
  ProbedPicture picture;                    ///< of one face where not all were asked for
  bool every_face = false;
  std::shared_ptr<const SearchedRecords> records;  ///< whose policy judged the probes and judges matches
};

/// Throws Error(kInvalidValue, LIMIT_INVALID). To be called before any collection is opened.
void require_limit(const SearchRequest& request);

/// Throws as probe_of; with every_face as probes_of, and Error(kInvalidValue, FACES_NOT_MERGEABLE).
PreparedSearch prepare_search(EngineCache& engines, std::shared_ptr<const SearchedRecords> records,
                              const SearchRequest& request);

/// A collection, or several that are searched as one. It is open as long as this lives. One thread.
class SearchedGalleries {
 public:
  /// Throws as open_galleries and require_one_search.
  SearchedGalleries(Store& store, const Caller& caller, const std::vector<std::string>& ids);

  std::shared_ptr<const SearchedRecords> records() const { return records_; }

  /// True if the faces are of the collections and the pack that a probe was made for.
  bool has_faces_for(const PreparedSearch& search) const;

  /// Answers searches for which has_faces_for() holds, in their order, from one snapshot of the galleries,
  /// which are read once for all.
  std::vector<SearchResult> answer(std::span<const PreparedSearch* const> searches,
                                   const ScanWork& work) const;

 private:
  std::vector<std::unique_ptr<Collection>> collections_;
  std::shared_ptr<const SearchedRecords> records_;
};

}  // namespace facesearch::service
