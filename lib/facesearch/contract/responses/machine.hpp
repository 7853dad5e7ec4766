// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "facesearch/core/uuid.hpp"
#include "facesearch/service/machine/bench.hpp"
#include "facesearch/service/machine/doctor.hpp"
#include "facesearch/service/packs/calibrate.hpp"

namespace facesearch::contract {

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

}  // namespace facesearch::contract
