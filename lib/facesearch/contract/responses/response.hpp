// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "facesearch/core/error_table.hpp"
#include "facesearch/core/uuid.hpp"
#include "facesearch/service/access/keys.hpp"
#include "facesearch/service/collections/collections.hpp"
#include "facesearch/service/collections/faces.hpp"
#include "facesearch/service/collections/merge.hpp"
#include "facesearch/service/compare/dedupe.hpp"
#include "facesearch/service/compare/verify.hpp"
#include "facesearch/service/enroll/enroll.hpp"
#include "facesearch/service/machine/bench.hpp"
#include "facesearch/service/machine/doctor.hpp"
#include "facesearch/service/packs/calibrate.hpp"
#include "facesearch/service/packs/install.hpp"
#include "facesearch/service/packs/migrate.hpp"
#include "facesearch/service/packs/packs.hpp"
#include "facesearch/service/persons/unlike_faces.hpp"
#include "facesearch/service/probe/detect.hpp"
#include "facesearch/service/probe/extract.hpp"
#include "facesearch/service/search/search.hpp"
#include "facesearch/store/backup.hpp"

/// The documents of the contract: members in its order, one line without a line end. Text that is not UTF-8
/// is written with U+FFFD. Scores have two decimals.
namespace facesearch::contract {

std::string to_json(const service::SearchResult& result);
/// `new`, `joined`, `matched` or `already_enrolled`
std::string_view outcome_name(service::FaceOutcome outcome);
std::string to_json(const service::EnrollResult& result);
std::string to_json(const service::FaceListResult& result);
std::string to_json(const service::VerifyResult& result);
std::string to_json(const service::DetectResult& result);

/// The template as base64 of little-endian 32-bit floats, to be given to the other verbs as it is.
std::string to_json(const service::ExtractResult& result);

/// `{"message":"Success","erased":false}`
std::string face_deleted_json(bool erased, bool remembered = false);

/// `{"message":"success","collection":{…}}`
std::string to_json(const service::CollectionInfo& collection);
/// `{"message":"success","result":[…],"totalCount":n}`
std::string to_json(const std::vector<service::CollectionInfo>& collections);
/// `{"message":"success","collection":{…},"migrated":n,"missing":[…],"unused":{…}}`; of a dry run
/// `"dry_run":true` too.
std::string to_json(const service::MigrateResult& result);
/// `{"message":"success","collectionId":…,"faces":n,"duplicates":[…],"duplicates_total":n}`
std::string to_json(const service::MergeResult& result);
/// `{"message":"success","collectionId":…}`
std::string collection_deleted_json(std::string_view id);

/// `{"message":"success","collectionId":…,"faces":n,"bytes_before":n,"bytes_after":n}`
std::string collection_rewritten_json(std::string_view id, const RewriteReport& report);
/// `{"message":"success","collectionId":…,"faces":n,"pieces":n,"bytes":n}`; with people also
/// `persons_of_several_faces`, `unlike_total` and `unlike`: `[{meta_face_id, user_name, faces, mixed,
/// unlike_faces: [{face_id, similarity_score}]}]`.
std::string collection_checked_json(std::string_view id, const CheckReport& report,
                                    const std::optional<service::PeopleReport>& people = {});
/// `dry_run`: nothing was made.
std::string collection_repaired_json(std::string_view id, std::string_view to, const RepairReport& report,
                                     bool dry_run);

/// With the key itself, the one time.
std::string to_json(const service::NewKey& key);
/// Never a digest.
std::string to_json(const std::vector<ApiKeyRecord>& keys);
std::string key_revoked_json(std::string_view id);

// About backups and duplicates.

/// `{"message":"success","file":…,"storeId":…,"made":…,"collections":[{"id":…,"faces":n,"pieces":n,"bytes":n}],
/// "bytes":n}`
std::string backup_json(const std::string& file, const BackupReport& report);

/// What faces of a collection are alike: `result`, a list of pairs, or `clusters`, of groups of face ids. The
/// public API has no such call; a face is described as in the answer of a search.
std::string to_json(const service::DedupeResult& result);

// About model packs.

/// `{message, result: [pack …], totalCount}`; a pack in short, without its files.
std::string packs_json(const std::vector<service::PackInfo>& packs);

/// `{message, pack: {…, files}}`
std::string to_json(const service::PackInfo& pack);

/// `{message, valid, result: [pack with its files …]}`; one that is not ready has a `fault`, and so have its
/// files that are not right or not there.
std::string verified_json(const std::vector<service::PackInfo>& packs);

/// `{message, pack, already, files: [{file, from, recorded}], lacks}`
std::string to_json(const service::InstallResult& result);

/// `{message, pack}`
std::string pack_removed_json(const std::string& name);

// About the machine and the store.

/// `{"message":"success","store":…,"storeId":…,"keyId":…,"keyFile":…,"masterKeyFile":…}`; never a key.
std::string initialised_json(const std::string& folder, const Uuid& store, const Uuid& key,
                             const std::string& key_file, const std::string& master_key_file);

/// `{"message":"success","masterKeyFile":…}`.
std::string master_rotated_json(const std::string& master_key_file);

/// What a calibration measured.
std::string to_json(const service::CalibrateResult& result);

/// The doctor's report for programs.
std::string to_json(const service::DoctorReport& report);

/// What a benchmark measured.
std::string to_json(const service::BenchReport& report);

/// `{"errorCode":…,"message":…,"reason":…,"detail":…}`
std::string error_json(Call call, const Error& error);

}  // namespace facesearch::contract
