// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "facesearch/store/backup.hpp"

namespace facesearch::contract {

/// `{"message":"success","file":…,"storeId":…,"made":…,"collections":[{"id":…,"faces":n,"pieces":n,"bytes":n}],
/// "bytes":n}`
std::string backup_json(const std::string& file, const BackupReport& report);

}  // namespace facesearch::contract
