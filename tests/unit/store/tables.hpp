// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <lmdb.h>

#include "catch.hpp"

namespace facesearch::test {

/// A side's tables, read and changed behind the store's back, through LMDB itself. What was changed is there
/// when the object is gone.
class SideTables {
 public:
  enum class Mode { kThere, kMake };

  explicit SideTables(const std::filesystem::path& side, Mode mode = Mode::kThere)
      : flags_(mode == Mode::kMake ? MDB_CREATE : 0U) {
    REQUIRE(mdb_env_create(&env_) == 0);
    REQUIRE(mdb_env_set_maxdbs(env_, 8) == 0);
    REQUIRE(mdb_env_set_mapsize(env_, std::size_t{1} << 30U) == 0);
    REQUIRE(mdb_env_open(env_, side.c_str(), MDB_NOSYNC, 0600) == 0);
    REQUIRE(mdb_txn_begin(env_, nullptr, 0, &txn_) == 0);
  }
  SideTables(const SideTables&) = delete;
  SideTables& operator=(const SideTables&) = delete;
  ~SideTables() {
    mdb_txn_commit(txn_);
    mdb_env_close(env_);
  }

  using Entry = std::pair<std::string, std::string>;

  std::vector<Entry> all(const char* table) {
    MDB_cursor* cursor = nullptr;
    REQUIRE(mdb_cursor_open(txn_, open(table), &cursor) == 0);
    std::vector<Entry> entries;
    MDB_val key{};
    MDB_val value{};
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
      entries.emplace_back(std::string(static_cast<char*>(key.mv_data), key.mv_size),
                           std::string(static_cast<char*>(value.mv_data), value.mv_size));
    }
    mdb_cursor_close(cursor);
    return entries;
  }

  void put(const char* table, std::string key, std::string value) {
    MDB_val name{key.size(), key.data()};
    MDB_val data{value.size(), value.data()};
    REQUIRE(mdb_put(txn_, open(table), &name, &data, 0) == 0);
  }

  void erase(const char* table, std::string key) {
    MDB_val name{key.size(), key.data()};
    REQUIRE(mdb_del(txn_, open(table), &name, nullptr) == 0);
  }

 private:
  MDB_dbi open(const char* table) {
    MDB_dbi dbi = 0;
    REQUIRE(mdb_dbi_open(txn_, table, flags_, &dbi) == 0);
    return dbi;
  }

  unsigned flags_;
  MDB_env* env_ = nullptr;
  MDB_txn* txn_ = nullptr;
};

}  // namespace facesearch::test
