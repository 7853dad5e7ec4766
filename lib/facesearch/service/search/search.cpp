// SPDX-License-Identifier: MIT
#include "facesearch/service/search/search.hpp"

#include <array>
#include <utility>

#include "facesearch/service/search/searched_galleries.hpp"

namespace facesearch::service {

std::vector<std::string> SearchRequest::collections() const {
  std::vector<std::string> all{collection_id};
  all.insert(all.end(), further.begin(), further.end());
  return all;
}

SearchResult search(Context& context, const Caller& caller, const SearchRequest& request) {
  require_limit(request);
  const SearchedGalleries galleries(context.store, caller, request.collections());
  const PreparedSearch prepared = prepare_search(context.engines, galleries.records(), request);
  const std::array<const PreparedSearch*, 1> one{&prepared};
  return std::move(galleries.answer(one, context.kernel).front());
}

}  // namespace facesearch::service
