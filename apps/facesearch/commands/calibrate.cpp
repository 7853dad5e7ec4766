// SPDX-License-Identifier: MIT
#include "facesearch/service/packs/calibrate.hpp"

#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/inputs/labelled_pictures.hpp"
#include "facesearch/inputs/picture_work.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/options/option_checks.hpp"
#include "facesearch/standard_folders.hpp"

namespace facesearch::app {
namespace {

namespace fs = std::filesystem;

struct CalibrateOptions {
  std::string folder;
  std::string pairs;
  std::string excluded;
  std::string pack = kDefaultPack;
  std::string source;
  std::size_t top = 20;
  bool write = false;
  bool provisional = false;
};

void require_pictures(const CalibrateOptions& options) {
  if (options.provisional && !(options.folder.empty() && options.pairs.empty() && options.excluded.empty()))
    throw UsageError{
        "--provisional takes the program's own pictures: leave out --folder, --pairs and --exclude"};
  if (!options.provisional && options.folder.empty() == options.pairs.empty())
    throw UsageError{"give the pictures with --folder DIR or --pairs FILE"};
}

service::CalibrateRequest read_request(const CalibrateOptions& options) {
  service::CalibrateRequest request;
  request.pack = options.pack;
  request.top = options.top;
  if (!options.excluded.empty()) request.excluded = read_excluded(options.excluded);
  if (!options.folder.empty()) {
    request.pictures = pictures_below(options.folder);
  } else {
    PairList list = read_pairs(options.pairs);
    request.pictures = std::move(list.pictures);
    request.pairs = std::move(list.pairs);
  }
  request.source = options.source;
  if (request.source.empty())
    request.source = fmt::format("{} pictures of the user's own", request.pictures.size());
  return request;
}

Outcome run_calibrate(Invocation& invocation, const CalibrateOptions& options) {
  require_pictures(options);
  const auto request = options.provisional ? std::nullopt : std::optional(read_request(options));
  const PackPlaces places = invocation.pack_places();
  if (options.write && places.calibrations.empty()) (void)own_models();  // says what is missing
  invocation.engines().pack(options.pack);
  // Before the work, and again when it is kept.
  if (options.write && options.provisional) service::require_unmeasured(places, options.pack);
  if (options.write) service::prepare_calibrations(places);
  // Never empty, so that a picture named "-" is a file and not standard input.
  const fs::path folder =
      options.folder.empty() ? "." / fs::path(options.pairs).parent_path() : fs::path(options.folder);
  Progress progress("pictures", invocation.options().quiet);
  service::PictureWork work = picture_work(invocation, folder, progress);
  service::CalibrateResult result =
      request ? service::calibrate(*request, work)
              : service::calibrate_provisionally(places, options.pack, std::move(work));
  if (options.write) result.written = service::keep_calibration(places, result).string();
  return {contract::to_json(result)};
}

}  // namespace

void add_calibrate(CLI::App& program, Selection& selection) {
  CLI::App* command = program.add_subcommand("calibrate", "Calibrate a pack's scores on your own pictures");
  auto options = std::make_shared<CalibrateOptions>();
  command->add_option("--folder", options->folder, "One folder per person, or files NAME-1.jpg, NAME_2.jpg")
      ->type_name("DIR");
  command
      ->add_option("--pairs", options->pairs, "Lines FILE,FILE,1 (same person) or FILE,FILE,0 (two persons)")
      ->type_name("FILE");
  command->add_option("--exclude", options->excluded, "Pairs to leave out: lines FILE,FILE or PERSON,PERSON")
      ->type_name("FILE");
  command->add_option("--pack", options->pack, "The model pack (mini)")->type_name("NAME");
  command->add_option("--top", options->top, "How many of the most similar non-mates to list (20)")
      ->check(whole_number(0, 10'000))
      ->type_name("N");
  command
      ->add_option("--source", options->source, "A description of the pictures, stored with the calibration")
      ->type_name("TEXT");
  command->add_flag("--provisional", options->provisional,
                    "Estimate, from people who do not exist, until you calibrate on your own pictures");
  command->add_flag("--write", options->write, "Store it: new collections with this pack use it");
  set_action(command, selection, Call::kManage, options, run_calibrate);
}

}  // namespace facesearch::app
