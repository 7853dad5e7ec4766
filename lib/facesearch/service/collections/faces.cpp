// SPDX-License-Identifier: MIT
#include "facesearch/service/collections/faces.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/service/collections/preconditions.hpp"
#include "facesearch/service/persons/change_persons.hpp"

namespace facesearch::service {
namespace {

// Face ids are written in lower case, whatever case they are asked for in.
std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

}  // namespace

FaceListResult list_faces(Context& context, const Caller& caller, const FaceListRequest& request) {
  if (!request.term.empty() && request.term.size() < kMinTermLength) {
    throw Error(
        Cause::kTermTooShort, "",
        fmt::format("the term has {} characters, the least is {}", request.term.size(), kMinTermLength));
  }
  if (request.page == 0) {
    throw Error(Cause::kPageRequired, "", "the page is 0, the first page is 1");
  }
  const auto gallery = open_gallery(context.store, caller, request.collection_id);
  const std::uint64_t offset = std::min(request.page - 1, kLastPage) * kFacesPerPage;
  return {request.collection_id, gallery->snapshot()->page(lower(request.term), offset, kFacesPerPage)};
}

void delete_face(Context& context, const Caller& caller, const FaceDeleteRequest& request) {
  require_purge_keeps_none(request.purge, request.remember);
  auto gallery = open_gallery(context.store, caller, request.collection_id);
  const auto face = Uuid::parse(request.face_id);
  if (!face) {
    throw Error(Cause::kFaceUnknown, "", "what was given is no face id: those are UUIDs");
  }
  const auto decided = [&](const Snapshot& view) -> std::vector<Decision> {
    if (request.remember == Remember::kNothing) return {};
    return {not_again(view, live_face(view, request.face_id), request.remember)};
  };
  if (request.purge) {
    std::vector<Decision> decisions;
    {
      const auto snapshot = gallery->snapshot();
      if (!snapshot->find_face(*face)) refuse_missing_face(*snapshot, *face);
      decisions = decided(*snapshot);
    }
    gallery.reset();  // what is open cannot be rewritten
    context.store.upkeep().rewrite(request.collection_id, {&*face, 1}, decisions);
    return;
  }
  gallery->write([&](WriteTransaction& transaction) {
    std::vector<Decision> decisions;
    if (transaction.find_face(*face)) decisions = decided(transaction);
    if (!transaction.erase(*face)) refuse_missing_face(transaction, *face);
    if (request.remember != Remember::kNothing && decisions.empty()) {
      throw Error(
          Cause::kInvalidValue, "PICTURE_NOT_KNOWN",
          fmt::format("the face {} was left out when the collection was migrated, so nothing of it is "
                      "here to be remembered; delete it without, or end the migration first",
                      face->text()));
    }
    if (!decisions.empty()) decide(transaction, decisions);
  });
}

}  // namespace facesearch::service
