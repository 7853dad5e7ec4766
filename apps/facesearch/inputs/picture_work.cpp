// SPDX-License-Identifier: MIT
#include "facesearch/inputs/picture_work.hpp"

#include <algorithm>
#include <string>

#include "facesearch/core/parallel.hpp"
#include "facesearch/inputs/read_input.hpp"

namespace facesearch::app {

service::PictureWork picture_work(Invocation& invocation, const std::filesystem::path& folder,
                                  Progress& progress) {
  service::PictureWork work;
  work.engines = [&invocation] { return invocation.new_engines(); };
  work.read = [folder](const std::string& file) { return read_picture(folder / file); };
  work.progress = [&progress](std::size_t done, std::size_t total) { progress.show(done, total); };
  work.threads = available_processors();
  return work;
}

}  // namespace facesearch::app
