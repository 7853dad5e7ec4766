// SPDX-License-Identifier: MIT
#include "facesearch/service/enroll/bulk_enroll.hpp"

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/match/similarity.hpp"
#include "facesearch/service/collections/gallery.hpp"
#include "facesearch/service/enroll/duplicates.hpp"
#include "facesearch/service/probe/probe.hpp"

namespace facesearch::service {
namespace {

// One call under way.
class BulkEnrolment {
 public:
  BulkEnrolment(const CollectionRecord& collection, Kernel kernel, std::span<const BulkFace> faces)
      : collection_(collection), kernel_(kernel), faces_(faces), duplicates_(faces.size()) {
    records_.reserve(faces.size());
  }

  void check(const Snapshot& snapshot) {
    next_slot_ = snapshot.next_slot();
    each([&](std::size_t i) { require_template(faces_[i].values, collection_.binding.dimension); });
    require_no_liveness(collection_.policy.enroll);
    each([&](std::size_t i) { require_person(snapshot, faces_[i].person); });
    make_records();
    if (collection_.policy.duplicates == Duplicates::kAllow) return;
    std::vector<DuplicateCheck> checks;
    for (std::size_t i = 0; i < faces_.size(); ++i) checks.push_back(check_of(i));
    const auto alike = DuplicateCheck::most_alike(checks, snapshot, kernel_);
    each([&](std::size_t i) {
      duplicates_[i] = checks[i].judge(alike[i]);
      compare_with_earlier(i);
    });
  }

  // May be run more than once.
  void add(WriteTransaction& transaction) {
    found_ = duplicates_;
    each([&](std::size_t i) {
      require_person(transaction, faces_[i].person);
      found_[i] = check_of(i).check_added(transaction, next_slot_, duplicates_[i]);
    });
    for (std::size_t i = 0; i < faces_.size(); ++i) transaction.add(records_[i], faces_[i].values);
  }

  std::vector<BulkEnrolled> answers() const {
    std::vector<BulkEnrolled> answers(faces_.size());
    for (std::size_t i = 0; i < faces_.size(); ++i) {
      answers[i].face = records_[i].face;
      answers[i].person = records_[i].person;
      if (found_[i]) answers[i].warnings.push_back({"DUPLICATE_FACE", check_of(i).describe(*found_[i])});
    }
    return answers;
  }

 private:
  template <class Work>
  void each(Work&& work) const {
    for (std::size_t i = 0; i < faces_.size(); ++i) {
      try {
        work(i);
      } catch (const Error& error) {
        throw Error(error.cause(), error.reason(),
                    fmt::format("face {} of {}: {}", i + 1, faces_.size(), error.detail()));
      }
    }
  }

  DuplicateCheck check_of(std::size_t i) const { return {collection_, faces_[i].values, faces_[i].person}; }

  void make_records() {
    const Timestamp created = now();
    const std::vector<Uuid> ids = Uuid::make_many(2 * faces_.size());
    for (const BulkFace& face : faces_) {
      const std::size_t next = 2 * records_.size();
      records_.push_back(
          {ids[next], face.person.value_or(ids[next + 1]), face.user_name, face.metadata, created});
    }
  }

  // Of the faces before it in this call that are other people's.
  void compare_with_earlier(std::size_t i) {
    const double threshold = check_of(i).threshold();
    for (std::size_t other = 0; other < i; ++other) {
      if (records_[other].person == records_[i].person) continue;
      const double cosine = exact_cosine(faces_[i].values, faces_[other].values);
      if (cosine < threshold) continue;
      if (collection_.policy.duplicates == Duplicates::kReject) {
        throw Error(Cause::kRefused, "DUPLICATE_FACE",
                    fmt::format("face {} of this call is alike and another person's", other + 1));
      }
      if (!duplicates_[i] || cosine > duplicates_[i]->cosine) {
        duplicates_[i] = Candidate{records_[other].face, cosine};
      }
    }
  }

  const CollectionRecord& collection_;
  Kernel kernel_;
  std::span<const BulkFace> faces_;
  std::uint64_t next_slot_ = 0;
  std::vector<FaceRecord> records_;
  std::vector<std::optional<Candidate>> duplicates_;  // before the write
  std::vector<std::optional<Candidate>> found_;       // within it
};

}  // namespace

std::vector<BulkEnrolled> enroll_templates(Context& context, const Caller& caller,
                                           const std::string& collection_id, const std::string& fingerprint,
                                           std::span<const BulkFace> faces) {
  const auto gallery = open_gallery(context.store, caller, collection_id);
  const CollectionRecord& collection = gallery->record();
  require_fingerprint(fingerprint, collection.binding.fingerprint, collection.binding.pack);
  if (faces.empty()) return {};
  BulkEnrolment work(collection, context.kernel, faces);
  work.check(*gallery->snapshot());
  gallery->write([&](WriteTransaction& transaction) { work.add(transaction); });
  return work.answers();
}

}  // namespace facesearch::service
