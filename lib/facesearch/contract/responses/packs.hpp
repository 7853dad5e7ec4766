// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "facesearch/service/packs/install.hpp"
#include "facesearch/service/packs/packs.hpp"

/// Documents about model packs.
namespace facesearch::contract {

/// `{message, result: [pack …], totalCount}`; a pack in short, without its files.
std::string packs_json(const std::vector<service::PackInfo>& packs);

/// `{message, pack: {…, files}}`
std::string to_json(const service::PackInfo& pack);

/// `{message, valid, result: [pack with its files …]}`
std::string verified_json(const std::vector<service::PackInfo>& packs);

/// `{message, pack, already, files: [{file, from, recorded}]}`
std::string to_json(const service::InstallResult& result);

/// `{message, pack}`
std::string pack_removed_json(const std::string& name);

}  // namespace facesearch::contract
