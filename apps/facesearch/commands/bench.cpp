// SPDX-License-Identifier: MIT
#include "facesearch/service/machine/bench.hpp"

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/inputs/read_input.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/options/option_checks.hpp"
#include "facesearch/output/presentation.hpp"
#include "facesearch/output/progress.hpp"

namespace facesearch::app {
namespace {

namespace fs = std::filesystem;

volatile std::sig_atomic_t interrupted = 0;

// A new folder, removed at the end, also after an interruption.
class OwnFolder {
 public:
  explicit OwnFolder(const fs::path& parent)
      : path_((parent.empty() ? fs::temp_directory_path() : parent) /
              ("facesearch-bench-" + Uuid::make().text())) {
    std::error_code failed;
    if (!fs::create_directory(path_, failed)) {
      throw Error(
          Cause::kFileSystem, "FOLDER_NOT_MADE",
          fmt::format("no folder can be made in {}: {}", path_.parent_path().string(), failed.message()));
    }
    interrupted = 0;
    former_ = std::signal(SIGINT, [](int) { interrupted = 1; });
  }
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;
  ~OwnFolder() {
    remove();
    (void)std::signal(SIGINT, former_);
  }

  const fs::path& path() const { return path_; }

  void leave_if_interrupted() const {
    if (interrupted == 0) return;
    remove();
    ::_exit(static_cast<int>(ExitStatus::kInterrupted));
  }

 private:
  void remove() const {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  fs::path path_;
  void (*former_)(int) = SIG_DFL;
};

struct BenchSettings {
  service::BenchOptions what;
  std::string folder;
  std::string image;
  bool json = false;
};

service::BenchReport measure(Invocation& invocation, const BenchSettings& options) {
  std::optional<service::PictureTimes> picture;
  if (!options.image.empty()) {
    const auto bytes = read_input(options.image, ImageLimits{}.max_bytes);
    picture = service::bench_picture(invocation.engines().engine(kDefaultPack), bytes);
  }
  const OwnFolder folder(options.folder);
  StoreOptions store_options;
  store_options.master_key = MasterKeyPlace{
      [&](const Uuid& store) { return folder.path() / "keys" / store.text(); }, [] { return std::nullopt; }};
  const auto store = create_lmdb_store(folder.path() / "store", store_options);
  service::Context context{*store, invocation.engines()};
  Progress progress("steps", invocation.options().quiet);
  auto report = service::bench(context, options.what, [&](std::size_t done, std::size_t total) {
    folder.leave_if_interrupted();
    progress.show(done, total);
  });
  report.picture = picture;
  return report;
}

std::string for_people(const service::BenchReport& report) {
  const auto line = [&](const std::string& what, double milliseconds) {
    return fmt::format("{:34} {:10.3f} ms {:9.3f} x one read\n", what, milliseconds,
                       milliseconds / report.read_ms);
  };
  std::string text =
      fmt::format("{} templates of {} numbers; medians\n", report.options.faces, report.options.dimension);
  text += line("one read of their floats", report.read_ms);
  for (const service::KernelTimes& kernel : report.kernels) {
    text += line(fmt::format("exact top 10, {}, in memory", kernel.kernel), kernel.memory_ms);
    text += line(fmt::format("exact top 10, {}, from a store", kernel.kernel), kernel.plain_ms);
    text += line("    opened anew", kernel.plain_anew_ms);
    text += line(fmt::format("exact top 10, {}, encrypted", kernel.kernel), kernel.sealed_ms);
    text += line("    opened anew", kernel.sealed_anew_ms);
  }
  text += line(fmt::format("each of {} probes at once, {} threads", report.options.probes, report.threads),
               report.many_ms);
  const auto collection = [&](const std::string& name, const service::CollectionTimes& times) {
    return fmt::format("{:34} {:10.3f} ms\n{:34} {:10.0f} a second\n", "one enrolment, " + name,
                       times.enroll_ms, "many enrolled, " + name, times.faces_per_s);
  };
  text += collection("durable", report.plain) + collection("encrypted", report.sealed);
  if (report.picture) {
    text += fmt::format("a picture with {}: decode {:.1f} ms, find {:.1f} ms, embed {:.1f} ms\n",
                        report.picture->pack, report.picture->decode_ms, report.picture->find_ms,
                        report.picture->embed_ms);
  }
  text.pop_back();
  return text;
}

Outcome run_bench(Invocation& invocation, const BenchSettings& options) {
  const bool json = json_asked(options.json, invocation.options().output);
  const auto report = measure(invocation, options);
  if (json) return {contract::to_json(report)};
  return {for_people(report), ExitStatus::kSuccess, Shape::kText};
}

}  // namespace

void add_bench(CLI::App& program, Selection& selection) {
  CLI::App* command = program.add_subcommand("bench", "Measure searches and enrolment on this machine");
  auto options = std::make_shared<BenchSettings>();
  command->add_option("--faces", options->what.faces, "Random templates (200000)")
      ->check(whole_number(1, 10'000'000))
      ->type_name("N");
  command->add_option("--dimension", options->what.dimension, "Numbers per template (128)")
      ->check(whole_number(4, 16'384))
      ->type_name("D");
  command->add_option("--probes", options->what.probes, "Probes searched at once (64)")
      ->check(whole_number(1, 1024))
      ->type_name("P");
  command->add_option("--in", options->folder, "Folder for the store of the benchmark (the temporary folder)")
      ->type_name("DIR");
  command->add_option("--image", options->image, "Also measure the steps of a picture")->type_name("FILE");
  command->add_flag("--json", options->json, "JSON for programs");
  set_action(command, selection, Call::kManage, options, run_bench);
}

}  // namespace facesearch::app
