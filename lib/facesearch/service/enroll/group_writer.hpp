// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "facesearch/service/batch/batch.hpp"
#include "facesearch/service/context.hpp"
#include "facesearch/service/enroll/enroll.hpp"
#include "facesearch/service/enroll/enroll_batch.hpp"
#include "facesearch/service/enroll/every_face.hpp"
#include "facesearch/service/enroll/known_pictures.hpp"

namespace facesearch::service {

/// An input of a batch that is ready to be written, or why it is not.
struct PreparedEnrolment {
  std::optional<InputError> error;
  EnrollRequest request;               ///< its probe is empty by now
  Sha256 digest{};                     ///< of the picture or template
  Probe probe;                         ///< of one face …
  ProbedPicture picture;               ///< … or of every face
  std::optional<KnownFace> already;    ///< enrolled from the same picture before
  std::vector<KnownFace> known_faces;  ///< the same, where all faces are asked for and were enrolled
};

/// Fills in `already` and `known_faces` of an input that has its digest.
void find_known(const KnownPictures& known, PreparedEnrolment& input);

/// Empties them if the snapshot lacks one of them.
void drop_deleted(const Snapshot& snapshot, KnownPictures& known, PreparedEnrolment& input);

/// Makes the probe of an input, or those of its faces. Throws as probe_of and probes_of.
void make_probe_of(EngineCache& engines, const CollectionRecord& collection, PreparedEnrolment& input);

/// Writes groups of inputs of one batch, each group in one commit, and answers them. One thread.
class GroupWriter {
 public:
  using Done = Pipeline<BatchInput<EnrollRequest>, PreparedEnrolment>::Done;
  using Answer = BatchAnswer<EnrollResult>;

  /// `collection` is the record that the batch began with.
  GroupWriter(Store& store, const CollectionRecord& collection, KnownPictures& known,
              const BatchEnrollOptions& options, ScanWork scan)
      : store_(store), collection_(collection), known_(known), options_(options), scan_(std::move(scan)) {}

  /// One answer an input, in their order; durable when it returns. Throws the error that ends the batch; then
  /// nothing of the group is written.
  std::vector<Answer> write(std::vector<Done> group);

 private:
  void confirm_known(std::vector<Done>& group, std::vector<Answer>& answers);
  void write_new(const std::vector<Done>& group, std::vector<Answer>& answers);
  std::vector<std::optional<Candidate>> find_duplicates(const CollectionRecord& present,
                                                        const Snapshot& snapshot,
                                                        const std::vector<Done>& group,
                                                        std::vector<Answer>& answers);

  Store& store_;
  const CollectionRecord& collection_;
  KnownPictures& known_;
  const BatchEnrollOptions& options_;
  ScanWork scan_;
};

}  // namespace facesearch::service
