// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "facesearch/service/batch/batch.hpp"
#include "facesearch/service/enroll/enroll.hpp"

namespace facesearch::service {

struct BatchEnrollOptions {
  bool one_person_per_name = false;  ///< a name that the collection or an earlier input has is that person
};

/// Enrols what `next` gives, until it gives none. Each input is checked as enroll() checks it and answered
/// after it is durable, up to 256 in one commit. Between commits nothing is locked: a batch may go on for
/// weeks, and what others do with the collection meanwhile, its policy too, holds for the inputs after that.
/// An input that a batch enrolled before, known by its bytes (or its template), returns the ids assigned the
/// first time (EnrollResult::already_enrolled), whatever name it comes with. With one_person_per_name an
/// input whose name several persons have is Error(kRefused, NAME_AMBIGUOUS).
///
/// Errors reach as far as reach_of() says: an input, the group that could not be written, or the batch, which
/// is ended by what is thrown here. What was answered by then stays. Memory: up to 1,024 inputs under way,
/// and 100 bytes for each face that a batch enrolled into the collection.
void enroll_batch(Store& store, const Caller& caller, const std::string& collection_id, const BatchWork& work,
                  const BatchEnrollOptions& options, const NextInput<EnrollRequest>& next,
                  const TakeAnswers<EnrollResult>& answer);

}  // namespace facesearch::service
