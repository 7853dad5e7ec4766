// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "facesearch/invocation.hpp"
#include "facesearch/output/progress.hpp"
#include "facesearch/service/probe/many_pictures.hpp"

namespace facesearch::app {

/// Work on the pictures in a folder with all the processors there are. Call Invocation::engines() before; the
/// invocation and the progress outlive it.
service::PictureWork picture_work(Invocation& invocation, const std::filesystem::path& folder,
                                  Progress& progress);

}  // namespace facesearch::app
