// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "facesearch/service/packs/install.hpp"
#include "service/world.hpp"

namespace facesearch::test {

/// A file of a made pack: what it holds, and what its manifest says of it.
struct MadeFile {
  std::string file;
  std::string bytes;
  std::vector<std::string> urls = {};
  bool stated = true;  ///< the manifest has its size and checksum
};

struct MadePack {
  std::string name = "made";
  MadeFile detector{"nets/d", "detector"};
  MadeFile embedder{"e", "embedder"};
  std::vector<MadeFile> liveness{{"l", "liveness"}};
  std::string runtime = "fake";
  double nms = 0.3;

  std::string manifest() const;
};

/// Servers that have these files, and remember what they were asked for.
class MadeServers final : public Transport {
 public:
  TransferResult get(const TransferRequest& request, TransferSink& sink) const override;

  std::map<std::string, std::string> files;
  mutable std::vector<std::string> asked;
};

/// Places for packs, all below one folder that goes with the object, and what installs there.
class Workshop {
 public:
  Workshop();
  ~Workshop();
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;

  /// Writes a file below folder().
  void write(const std::filesystem::path& file, const std::string& text) const;

  /// Writes `folder`/manifest.json, and the files where they are wanted.
  void make(const std::filesystem::path& folder, const MadePack& pack, bool files = true) const;

  /// Installs `pack`, a path below folder() or a name of the catalogue. `from` are paths below folder() and
  /// addresses.
  service::InstallResult install(const std::string& pack, const std::vector<std::string>& from = {});
  Fault fault(const std::string& pack, const std::vector<std::string>& from = {});

  /// Every file below a folder, sorted; folders that are empty too.
  std::vector<std::string> below(const std::filesystem::path& folder) const;

  const std::filesystem::path& folder() const { return folder_; }

  PackPlaces places;  ///< `home/packs`, `share`, `made`, `home/calibrations`; no folder of the user's
  MadeServers servers;
  service::InstallWork work;
  bool offline = false;            ///< of the request
  std::vector<std::string> begun;  ///< what `begin_file` was told

 private:
  std::filesystem::path folder_;
};

}  // namespace facesearch::test
