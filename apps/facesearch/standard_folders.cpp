// SPDX-License-Identifier: MIT
#include "facesearch/standard_folders.hpp"

#include <cstdlib>

#include "facesearch/core/error.hpp"

namespace facesearch::app {
namespace {

namespace fs = std::filesystem;

fs::path xdg_folder(const char* variable, const char* below_home, const char* name, const char* advice) {
  if (const auto folder = environment(variable)) return fs::path(*folder) / name;
  if (const auto home = environment("HOME")) return fs::path(*home) / below_home / name;
  throw Error(Cause::kInvalidValue, "HOME_UNKNOWN",
              std::string("neither HOME nor ") + variable + " is set; " + advice);
}

}  // namespace

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here sets variables
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

fs::path default_store() {
  return xdg_folder("XDG_DATA_HOME", ".local/share", "facesearch", "name the store with --store");
}

fs::path own_models() {
  return xdg_folder("XDG_DATA_HOME", ".local/share", "facesearch-models",
                    "set one of them: what belongs to model packs goes there");
}

fs::path configuration_folder() {
  return xdg_folder("XDG_CONFIG_HOME", ".config", "facesearch", "set one of them: the key file goes there");
}

fs::path installation() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path("/usr/local") : program.parent_path().parent_path();
}

}  // namespace facesearch::app
