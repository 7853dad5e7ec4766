// SPDX-License-Identifier: MIT
#include "facesearch/standard_folders.hpp"

#include <sys/auxv.h>

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
  fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) {  // no /proc, as in a bare chroot: the path by which the kernel started the program
    const std::string reason = error.message();
    // NOLINTNEXTLINE(performance-no-int-to-ptr): getauxval gives an address as a number
    const auto* const started = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
    program = fs::canonical(started == nullptr ? "" : started, error);
    if (error) {
      throw Error(
          Cause::kModelMissing, "PROC_NOT_MOUNTED",
          "the program cannot find its own folder, where its models are: /proc/self/exe cannot be read (" +
              reason + "). Mount /proc: mount -t proc proc /proc");
    }
  }
  return program.parent_path().parent_path();
}

}  // namespace facesearch::app
