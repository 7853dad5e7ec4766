// SPDX-License-Identifier: MIT
#include "facesearch/service/persons/unlike_faces.hpp"

#include <algorithm>
#include <map>
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
  }

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
    TemplateMean all(templates_.front().size());
    for (const auto& values : templates_) all.add(values);
    const double cosine = all.cosine_to_others(templates_[index]);
    const std::size_t others = templates_.size() - 1;
    return similarity_of_cosine(
        others < 2 ? calibration_ : calibration_of_mean(calibration_, mean_group(others)), cosine);
  }

  const Calibration& calibration_;
  std::vector<SlotAndFace> faces_;
  std::vector<std::vector<float>> templates_;
  PersonMean mean_;
};

}  // namespace

void warn_of_unlike(const Snapshot& snapshot, const Uuid& face, std::vector<Warning>& warnings) {
  const auto means = snapshot.means();
  if (!means || means->holds(face)) return;
  warnings.push_back(
      {"FACE_UNLIKE_PERSON",
       fmt::format("the face {} is unlike the person's others, so the person's mean leaves it out; if it is "
                   "somebody else's, `face move` or `person split` gives it another person, and `collection "
                   "check --people` lists all such faces",
                   face.text())});
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
  PeopleReport report;
  for (auto& [person, faces] : persons) {
    if (faces.size() < 2) continue;
    ++report.persons;
    const PersonCheck check(*snapshot, gallery->record().binding.calibration, std::move(faces));
    std::vector<UnlikeFace> unlike = check.unlike();
    if (unlike.empty()) continue;
    if (++report.unlike_total > kMostListed) continue;
    report.unlike.push_back({described(faces_of(*snapshot, person)), check.mixed(), std::move(unlike)});
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
