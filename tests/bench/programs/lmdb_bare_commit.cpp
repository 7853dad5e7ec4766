// SPDX-License-Identifier: MIT
// The floor of a durable change: a bare LMDB commit of one page, fully synchronised, as a collection's are.
// lmdb_bare_commit FOLDER ROUNDS; answers the median in milliseconds.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <lmdb.h>

namespace {

void must(int result) {
  if (result == MDB_SUCCESS) return;
  std::fprintf(stderr, "lmdb_bare_commit: %s\n", mdb_strerror(result));
  std::exit(1);
}

double commit_ms(MDB_env* env) {
  const auto start = std::chrono::steady_clock::now();
  MDB_txn* txn = nullptr;
  MDB_dbi table = 0;
  must(mdb_txn_begin(env, nullptr, 0, &txn));
  must(mdb_dbi_open(txn, nullptr, 0, &table));
  std::array<char, 3500> bytes{};  // with its key and headers, a page
  MDB_val key{3, const_cast<char*>("row")};
  MDB_val value{bytes.size(), bytes.data()};
  must(mdb_put(txn, table, &key, &value, 0));
  must(mdb_txn_commit(txn));
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s FOLDER ROUNDS\n", argv[0]);
    return 2;
  }
  std::filesystem::create_directories(argv[1]);
  MDB_env* env = nullptr;
  must(mdb_env_create(&env));
  must(mdb_env_set_mapsize(env, 64 << 20));
  must(mdb_env_open(env, argv[1], MDB_NOTLS, 0600));
  std::vector<double> times;
  constexpr int kWarm = 5;  // the file has its size by then
  for (int i = -kWarm; i < std::atoi(argv[2]); ++i) {
    const double took = commit_ms(env);
    if (i >= 0) times.push_back(took);
  }
  mdb_env_close(env);
  std::ranges::sort(times);
  std::printf("%.3f\n", times.empty() ? 0 : times[times.size() / 2]);
  return 0;
}
