// SPDX-License-Identifier: MIT
#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/face/runtimes/runtime_module.hpp"
#include "facesearch/fetch/archive.hpp"
#include "facesearch/fetch/transport_module.hpp"
#include "facesearch/inputs/picture_work.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/options/option_checks.hpp"
#include "facesearch/output/output.hpp"
#include "facesearch/output/progress.hpp"
#include "facesearch/service/packs/calibrate.hpp"
#include "facesearch/standard_folders.hpp"
#include "facesearch/stop.hpp"

namespace facesearch::app {
namespace {

namespace fs = std::filesystem;

struct ModelsOptions {
  std::string pack;
  std::vector<std::string> from;
  bool offline = false;
};

Outcome run_models_list(Invocation& invocation, const ModelsOptions& /*options*/) {
  return {contract::packs_json(service::list_packs(invocation.checked_places()))};
}

Outcome run_models_show(Invocation& invocation, const ModelsOptions& options) {
  return {contract::to_json(service::show_pack(invocation.checked_places(), options.pack))};
}

// Without a name: the built-in and installed packs, not those that are only in the catalogue.
Outcome run_models_verify(Invocation& invocation, const ModelsOptions& options) {
  const PackPlaces places = invocation.checked_places();
  std::vector<service::PackInfo> packs;
  if (!options.pack.empty()) {
    packs.push_back(service::show_pack(places, options.pack));
  } else {
    packs = service::list_packs(places);
    std::erase_if(packs, [](const service::PackInfo& pack) {
      const auto faulty = [](const service::PackFile& file) { return !file.fault.empty(); };
      return pack.origin == service::PackOrigin::kCatalogue && pack.fault.empty() && !pack.ready() &&
             std::ranges::none_of(pack.files, faulty);
    });
  }
  bool valid = true;
  for (service::PackInfo& pack : packs) {
    if (pack.fault.empty()) service::verify_pack(places, runtimes_in(Invocation::runtime_folder()), pack);
    valid = valid && pack.ready();
    if (!pack.ready() && !invocation.options().quiet)
      tell(fmt::format("facesearch: the pack {} is incomplete: {}", pack.name, service::faults_of(pack)));
  }
  return {contract::verified_json(packs), valid ? ExitStatus::kSuccess : ExitStatus::kModel};
}

std::chrono::milliseconds patience(const Invocation& invocation) {
  return invocation.store_options().lock_timeout;
}

PackPlaces writable_places(Invocation& invocation) {
  PackPlaces places = invocation.pack_places();
  if (places.installed.empty()) (void)own_models();  // says what is missing
  return places;
}

// A pack that nobody calibrated is estimated, so that it works at once. The first signal ends the estimate:
// the pack is installed by then, and the answer says so.
void estimate(Invocation& invocation, service::InstallResult& result) {
  stop_cleanly();
  PackPlaces places = writable_places(invocation);
  places.models.clear();  // the pack that was installed, and no other of its name
  if (!invocation.options().quiet) {
    tell(fmt::format(
        "facesearch: the pack {} is installed; its scores are now estimated on 1,000 faces, which "
        "can take minutes. You can interrupt this and do it later: {}",
        result.pack.name, service::estimate_command(places, result.pack)));
  }
  Progress progress("faces, to estimate what the scores mean", invocation.options().quiet);
  service::PictureWork work = picture_work(invocation, {}, progress);
  work.stopped = asked_to_stop;
  work.engines = [&places] {
    const fs::path modules = Invocation::runtime_folder();
    return std::make_unique<EngineCache>(places, runtimes_in(modules), modules);
  };
  service::estimate_installed(places, result, work);
}

Outcome run_models_install(Invocation& invocation, const ModelsOptions& options) {
  const bool quiet = invocation.options().quiet;
  Progress progress(Progress::kBytes, quiet);
  service::InstallWork work;
  work.runtimes = runtimes_in(Invocation::runtime_folder());
  work.transport = []() -> const Transport& { return load_transport(Invocation::runtime_folder()); };
  work.archives = [] { return load_archive_reader(Invocation::runtime_folder()); };
  work.patience = patience(invocation);
  work.begin_file = [&](const std::string& file) { progress.begin(file); };
  work.begin_placing = stop_cleanly;
  work.fetch.progress = [&](std::uint64_t done, std::optional<std::uint64_t> total) {
    progress.show(done, total.value_or(0));
  };
  work.fetch.trying_again = [&](const std::string& why, std::chrono::milliseconds pause) {
    progress.clear();
    if (!quiet)
      tell(fmt::format("facesearch: {}; trying again in {:.0f} s", why,
                       std::chrono::duration<double>(pause).count()));
  };
  service::InstallRequest request{options.pack, {options.from.begin(), options.from.end()}, options.offline};
  service::InstallResult result = service::install_pack(writable_places(invocation), request, work);
  progress.clear();
  if (!result.pack.calibration) estimate(invocation, result);
  for (const std::string& words : result.passed_over) {
    if (!quiet) tell(fmt::format("facesearch: passed over: {}", words));
  }
  for (const service::InstalledFile& file : result.files) {
    if (file.recorded && !quiet) {
      tell(
          fmt::format("facesearch: no checksum of {} was known; the checksum of the file from {} is recorded",
                      file.file, file.from));
    }
  }
  for (const service::PackLack& lack : result.lacks) {
    if (quiet) break;
    tell(fmt::format("facesearch: the pack {} is installed; {}{}", result.pack.name, lack.detail,
                     lack.command.empty() ? "" : ": " + lack.command));
  }
  return {contract::to_json(result), asked_to_stop() ? ExitStatus::kInterrupted : ExitStatus::kSuccess};
}

Outcome run_models_remove(Invocation& invocation, const ModelsOptions& options) {
  service::remove_pack(writable_places(invocation), options.pack, patience(invocation));
  return {contract::pack_removed_json(options.pack)};
}

CLI::Option* take_name(CLI::App* command, ModelsOptions& options, const char* what, bool required) {
  return command->add_option("pack", options.pack, what)->required(required)->type_name("NAME");
}

}  // namespace

void add_models(CLI::App& program, Selection& selection) {
  CLI::App* models = program.add_subcommand("models", "List, show, install, verify or remove model packs");
  models->require_subcommand(1);

  add_action(models->add_subcommand("list", "List the packs: built in, installed, to be had"), selection,
             run_models_list);

  CLI::App* show = models->add_subcommand("show", "Show a pack: its files, their licences and sources");
  take_name(show, *add_action(show, selection, run_models_show), "The pack", true);

  CLI::App* install =
      models->add_subcommand("install", "Fetch a pack's files, check them, put them in place");
  const auto installed = add_action(install, selection, run_models_install);
  take_name(install, *installed, "A name of the catalogue; or a manifest, or its folder, with a / in it",
            true);
  install
      ->add_option("--from", installed->from,
                   "Take files from this folder or archive, or from an archive at this address; repeatable")
      ->allow_extra_args(false)
      ->type_name("PATH");
  install->add_flag("--offline", installed->offline, "Never ask the network");

  CLI::App* verify = models->add_subcommand("verify", "Check every file and try every network");
  // An empty name, from an unset shell variable, must not mean all packs.
  take_name(verify, *add_action(verify, selection, run_models_verify), "The pack (all that are here)", false)
      ->check(not_empty());

  CLI::App* remove = models->add_subcommand("remove", "Take an installed pack away");
  take_name(remove, *add_action(remove, selection, run_models_remove), "The pack", true);
}

}  // namespace facesearch::app
