// SPDX-License-Identifier: MIT
#pragma once

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace facesearch::test {

/// server.py over a folder, till the object goes. The log lies beside the folder.
class Server {
 public:
  explicit Server(const std::filesystem::path& root, const std::string& more = "")
      : log_(root.string() + ".log"),
        output_(::popen(("exec python3 " FACESEARCH_SOURCE_DIR "/tests/unit/fetch/server.py --root '" +
                         root.string() + "' --log '" + log_.string() + "' " + more)
                            .c_str(),
                        "r")) {
    if (output_ == nullptr || std::fscanf(output_, "%d", &port_) != 1) {
      throw std::runtime_error("the server does not start");
    }
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() { ::pclose(output_); }  // which it sees, and ends

  int port() const { return port_; }

  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/" + path;
  }

  /// The lines of its log since the last call: "STATUS PATH RANGE".
  std::vector<std::string> asked() {
    std::vector<std::string> lines;
    std::ifstream log(log_);
    for (std::string line; std::getline(log, line);) lines.push_back(line);
    const std::vector<std::string> fresh(lines.begin() + static_cast<std::ptrdiff_t>(seen_), lines.end());
    seen_ = lines.size();
    return fresh;
  }

 private:
  std::filesystem::path log_;
  std::FILE* output_;
  int port_ = 0;
  std::size_t seen_ = 0;
};

}  // namespace facesearch::test
