// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "facesearch/service/batch/batch.hpp"
#include "facesearch/service/search/search.hpp"

namespace facesearch::service {

/// Searches for what `next` gives, until it gives none, all in the same collections. Each answer is that of
/// search(), by a policy that was read at most work.max_record_age before its probe was made. Up to 1,024
/// searches that are ready together share one reading of the galleries, and one view of them.
///
/// Errors reach as far as reach_of() says: an input, the inputs that were searched together, or the batch,
/// which is ended by what is thrown here; the inputs before that one, in the order of the answers, are
/// answered. An input whose collection was made again, or got another pack, while it was under way is
/// Error(kStoreBusy, CHANGED_MEANWHILE).
void search_batch(Store& store, const Caller& caller, const std::vector<std::string>& collections,
                  const BatchWork& work, const NextInput<SearchRequest>& next,
                  const TakeAnswers<SearchResult>& answer);

}  // namespace facesearch::service
