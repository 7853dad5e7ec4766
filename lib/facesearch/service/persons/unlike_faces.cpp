// SPDX-License-Identifier: MIT
#include "facesearch/service/persons/unlike_faces.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/match/similarity.hpp"
#include "facesearch/service/collections/merge.hpp"
#include "facesearch/service/collections/preconditions.hpp"
#include "facesearch/service/persons/change_persons.hpp"
#include "facesearch/service/persons/decisions.hpp"
#include "facesearch/store/person_mean.hpp"

namespace facesearch::service {
namespace {

std::vector<Uuid> faces_left_out(const Snapshot& snapshot) {
  std::vector<Uuid> faces;
  for (const Decision& decision : snapshot.decisions()) {
    if (decision.kind == Decision::Kind::kNotInMean) faces.push_back(decision.face);
  }
  std::ranges::sort(faces);
  return faces;
}

struct SlotAndFace {
  std::uint64_t slot = 0;
  Uuid face;
};

// The faces of one person that count.
class PersonCheck {
 public:
  PersonCheck(const Snapshot& snapshot, const Calibration& calibration, std::vector<SlotAndFace> faces)
      : calibration_(calibration), faces_(std::move(faces)) {
    std::vector<std::uint64_t> slots;
    slots.reserve(faces_.size());
    for (const SlotAndFace& face : faces_) slots.push_back(face.slot);
    snapshot.visit_templates(slots, [&](const TemplateRow& row) {
      templates_.emplace_back(row.values.begin(), row.values.end());
    });
    mean_ = person_mean(templates_, calibration);
    sum_.emplace(templates_.front().size());
    for (const auto& values : templates_) sum_->add(values);
  }

  const std::vector<SlotAndFace>& faces() const { return faces_; }

  bool has_unlike() const { return std::ranges::count(mean_.holds, false) > 0; }

  bool mixed() const { return !mean_.values; }

  std::vector<UnlikeFace> unlike() const {
    std::vector<UnlikeFace> unlike;
    for (std::size_t i = 0; i < faces_.size(); ++i) {
      if (!mean_.holds[i]) unlike.push_back({faces_[i].face, similarity_to_others(i)});
    }
    return unlike;
  }

 private:
  double similarity_to_others(std::size_t index) const {
    const double cosine = sum_->cosine_to_others(templates_[index]);
    const std::size_t others = templates_.size() - 1;
    return similarity_of_cosine(
        others < 2 ? calibration_ : calibration_of_mean(calibration_, mean_group(others)), cosine);
  }

  const Calibration& calibration_;
  std::vector<SlotAndFace> faces_;
  std::vector<std::vector<float>> templates_;
  PersonMean mean_;
  std::optional<TemplateMean> sum_;
};

Person person_of(const Snapshot& snapshot, const std::vector<SlotAndFace>& faces) {
  std::vector<FaceRecord> records;
  records.reserve(faces.size());
  for (const SlotAndFace& face : faces) records.push_back(snapshot.find_face(face.face).value());
  return described(records);
}

}  // namespace

std::vector<Uuid> unlike_faces(const Collection& collection, std::span<const Uuid> faces) {
  if (collection.record().policy.match_by == MatchBy::kFace) return {};
  std::vector<Uuid> unlike;
  try {
    const auto snapshot = collection.snapshot();
    const auto means = snapshot->means();
    if (!means) return {};  // the rule has changed meanwhile
    std::ranges::copy_if(faces, std::back_inserter(unlike),
                         [&](const Uuid& face) { return !means->holds(face); });
    std::ranges::sort(unlike);
  } catch (const std::exception&) {  // the faces are stored: an error would say that they are not
    return {};
  }
  return unlike;
}

Warning unlike_person(const Uuid& face) {
  return {
      "FACE_UNLIKE_PERSON",
      fmt::format("the face {} is unlike the person's others, so the person's mean leaves it out; if it is "
                  "somebody else's, `face move` or `person split` gives it another person, and "
                  "`collection check --people` lists all such faces",
                  face.text())};
}

PeopleReport check_people(Context& context, const Caller& caller, const std::string& collection) {
  const auto gallery = open_gallery(context.store, caller, collection);
  const auto snapshot = gallery->snapshot();
  const std::vector<Uuid> left_out = faces_left_out(*snapshot);
  std::map<Uuid, std::vector<SlotAndFace>> persons;
  snapshot->visit_ids(0, [&](std::span<const FaceIds> block) {
    for (const FaceIds& ids : block) {
      if (!std::ranges::binary_search(left_out, ids.face))
        persons[ids.person].push_back({ids.slot, ids.face});
    }
    return true;
  });
  CollectionRecord by_person = gallery->record();
  by_person.policy.match_by = MatchBy::kPerson;
  add_points_of_means(context.engines, by_person);
  PeopleReport report;
  for (auto& [person, faces] : persons) {
    if (faces.size() < 2) continue;
    ++report.persons;
    const PersonCheck check(*snapshot, by_person.binding.calibration, std::move(faces));
    if (!check.has_unlike() || ++report.unlike_total > kMostListed) continue;
    report.unlike.push_back({person_of(*snapshot, check.faces()), check.mixed(), check.unlike()});
  }
  return report;
}

Person leave_face_out(Context& context, const Caller& caller, const FaceLeaveOutRequest& request) {
  const auto gallery = open_gallery(context.store, caller, request.collection_id);
  Person result;
  gallery->write([&](WriteTransaction& transaction) {
    const FaceRecord face = live_face(transaction, request.face);
    const Decision decision{Decision::Kind::kNotInMean, face.face, {}, now()};
    if (request.withdraw) {
      withdraw(
          transaction, decision,
          fmt::format("that the face {} is left out of its person's mean was not decided", face.face.text()));
    } else {
      decide(transaction, {&decision, 1});
    }
    result = described(faces_of(transaction, face.person));
  });
  return result;
}

}  // namespace facesearch::service
