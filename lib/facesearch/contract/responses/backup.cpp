// SPDX-License-Identifier: MIT
#include "facesearch/contract/responses/backup.hpp"

#include "facesearch/contract/responses/json_values.hpp"

namespace facesearch::contract {

std::string backup_json(const std::string& file, const BackupReport& report) {
  OrderedJson collections = OrderedJson::array();
  for (const BackedUp& collection : report.collections) {
    collections.push_back({{"id", collection.id},
                           {"faces", collection.faces},
                           {"pieces", collection.pieces},
                           {"bytes", collection.bytes}});
  }
  return written({{"message", "success"},
                  {"file", file},
                  {"storeId", report.store.text()},
                  {"made", rfc3339(report.made)},
                  {"collections", std::move(collections)},
                  {"bytes", report.bytes}});
}

}  // namespace facesearch::contract
