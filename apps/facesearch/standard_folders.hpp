// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace facesearch::app {

/// An environment variable; none if it is unset or empty.
std::optional<std::string> environment(const char* name);

/// `$XDG_DATA_HOME/facesearch`, else `~/.local/share/facesearch`.
/// Throws Error(kInvalidValue, HOME_UNKNOWN) where neither variable is set.
std::filesystem::path default_store();

/// `$XDG_DATA_HOME/facesearch-models`, else `~/.local/share/facesearch-models`: what a user adds to the
/// packs. Throws as default_store.
std::filesystem::path own_models();

/// `$XDG_CONFIG_HOME/facesearch`, else `~/.config/facesearch`. Throws as default_store.
std::filesystem::path configuration_folder();

/// Where the program was installed: the parent of the folder it lies in. Runtimes are in
/// `lib/facesearch` below it, models in `share/facesearch/models`. Throws PROC_NOT_MOUNTED where the kernel
/// does not say.
std::filesystem::path installation();

}  // namespace facesearch::app
