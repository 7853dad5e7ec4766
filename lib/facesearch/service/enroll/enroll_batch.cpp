// SPDX-License-Identifier: MIT
// A batch of enrolments: worker threads make the probes, the calling thread writes them in groups.
#include "facesearch/service/enroll/enroll_batch.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "facesearch/service/batch/cached.hpp"
#include "facesearch/service/collections/preconditions.hpp"
#include "facesearch/service/enroll/group_writer.hpp"

namespace facesearch::service {
namespace {

using Input = BatchInput<EnrollRequest>;

// The collection as the worker threads see it.
struct CollectionView {
  CollectionRecord record;
  bool none_deleted = false;  // no face that KnownPictures knows
};

class EnrollBatch {
 public:
  EnrollBatch(Store& store, const Caller& caller, const std::string& collection_id, const BatchWork& work,
              const BatchEnrollOptions& options)
      : store_(store),
        one_person_per_name_(options.one_person_per_name),
        known_(options.one_person_per_name),
        view_(work.max_record_age),
        writer_(store, collection_, known_, options, {work.kernel, work.threads}) {
    const auto gallery = open_gallery(store, caller, collection_id);
    collection_ = gallery->record();
    known_.update(*gallery->snapshot());
  }

  // In the worker threads.
  PreparedEnrolment prepare(EngineCache& engines, Input& input) {
    PreparedEnrolment prepared;
    if (auto error = read_once(input, prepared.request)) {
      prepared.error = InputError{*std::move(error)};
      return prepared;
    }
    const auto error = error_of([&] {
      require_own_collections(prepared.request.collection_id == collection_.id);
      require_one_face(prepared.request);
      prepared.digest = digest_of(collection_, prepared.request.probe);
      find_known(known_, prepared);
      const auto view = view_for(prepared);
      if (prepared.already) return;
      make_probe_of(engines, view->record, prepared);
    });
    prepared.request.probe = {};
    if (error) prepared.error = InputError{*error, ends_batch(*error)};
    return prepared;
  }

  // True if each face is compared with the others, as far as is known.
  bool compares() const { return collection_.policy.duplicates != Duplicates::kAllow; }

  // In the thread of the batch.
  std::vector<GroupWriter::Answer> write(std::vector<GroupWriter::Done> group) {
    auto answers = writer_.write(std::move(group));
    view_.forget();  // who has an answer can count on the state after it
    return answers;
  }

 private:
  // A view that is fresh enough. `input.already` is checked where the face may have been deleted.
  std::shared_ptr<const CollectionView> view_for(PreparedEnrolment& input) {
    auto fresh = view_.fresh();
    if (fresh && (fresh->none_deleted || !input.already)) return fresh;
    return view_.read_again([&] {
      const auto gallery = open_again(store_, collection_);
      // Taken after the face was found: so it has that face if anything does.
      const auto snapshot = gallery->snapshot();
      if (input.already) drop_deleted(*snapshot, known_, input);
      return CollectionView{gallery->record(), known_.none_deleted(*snapshot)};
    });
  }

  // A name is that of one face.
  void require_one_face(const EnrollRequest& request) const {
    if (!one_person_per_name_ || !request.every_face) return;
    throw Error(Cause::kInvalidValue, "FACES_INVALID",
                "every face of a picture cannot be one person; the batch takes one person per name");
  }

  Store& store_;
  const bool one_person_per_name_;
  CollectionRecord
      collection_;  // as it was at the start; what is read of it never changes, or decides no answer
  KnownPictures known_;
  Cached<CollectionView> view_;
  GroupWriter writer_;
};

// What is written in one commit: so much that the commit costs each face little. Where duplicates are looked
// for, each face is compared with all that its commit adds, while others wait.
constexpr std::size_t kMostFaces = 4096;
constexpr std::size_t kMostFacesCompared = 1024;

// A group in parts that are written in a commit each: one, unless it has very many faces.
std::vector<std::vector<GroupWriter::Done>> parts_of(std::vector<GroupWriter::Done> group,
                                                     std::size_t most_faces) {
  std::vector<std::vector<GroupWriter::Done>> parts(1);
  std::size_t faces = 0;
  for (GroupWriter::Done& done : group) {
    const std::size_t more = std::max<std::size_t>(done.out.picture.faces.size(), 1);
    if (!parts.back().empty() && faces + more > most_faces) {
      parts.emplace_back();
      faces = 0;
    }
    faces += more;
    parts.back().push_back(std::move(done));
  }
  return parts;
}

}  // namespace

void enroll_batch(Store& store, const Caller& caller, const std::string& collection_id, const BatchWork& work,
                  const BatchEnrollOptions& options, const NextInput<EnrollRequest>& next,
                  const TakeAnswers<EnrollResult>& answer) {
  EnrollBatch batch(store, caller, collection_id, work, options);
  PipelineLimits limits = limits_of(work);
  limits.max_group = kMostFaces;
  limits.max_pending = 2 * kMostFaces + limits.threads;
  limits.max_wait = std::chrono::milliseconds(250);
  limits.idle_wait = std::chrono::milliseconds(10);  // a commit takes some milliseconds
  using EnrollPipeline = Pipeline<Input, PreparedEnrolment>;
  EnrollPipeline pipeline(limits, next, work.cancel);
  pipeline.run(
      [&]() -> EnrollPipeline::Work {
        const std::shared_ptr<EngineCache> engines = work.engines();
        return [&batch, engines](Input& input) { return batch.prepare(*engines, input); };
      },
      [&](std::vector<EnrollPipeline::Done> group) {
        for (std::vector<EnrollPipeline::Done>& part :
             parts_of(std::move(group), batch.compares() ? kMostFacesCompared : kMostFaces)) {
          answer(batch.write(std::move(part)));
        }
      });
}

}  // namespace facesearch::service
