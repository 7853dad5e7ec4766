// SPDX-License-Identifier: MIT
#include "facesearch/service/search/search.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "facesearch/service/search/searched_galleries.hpp"

namespace facesearch::service {

std::vector<std::string> SearchRequest::collections() const {
  std::vector<std::string> all{collection_id};
  all.insert(all.end(), further.begin(), further.end());
  return all;
}

std::size_t limit_of_face(std::size_t limit, std::size_t faces) {
  return std::min(limit, kMaxCandidatesOfPicture / std::max<std::size_t>(faces, 1));
}

bool SearchResult::found_nobody() const {
  if (!faces) return matches_total == 0;
  return std::ranges::all_of(*faces, [](const SearchedFace& face) { return face.found.matches_total == 0; });
}

SearchResult search(Context& context, const Caller& caller, const SearchRequest& request) {
  require_limit(request);
  const SearchedGalleries galleries(context.store, caller, request.collections());
  const PreparedSearch prepared = prepare_search(context.engines, galleries.records(), request);
  const std::array<const PreparedSearch*, 1> one{&prepared};
  return std::move(galleries.answer(one, context.scan).front());
}

}  // namespace facesearch::service
