// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "facesearch/invocation.hpp"
#include "facesearch/output/progress.hpp"
#include "facesearch/service/probe/many_pictures.hpp"

namespace facesearch::app {

/// Work on the pictures of a folder, with one thread per processor. Call Invocation::engines() first. The
/// invocation and the progress must outlive it.
service::PictureWork picture_work(Invocation& invocation, const std::filesystem::path& folder,
                                  Progress& progress);

}  // namespace facesearch::app
