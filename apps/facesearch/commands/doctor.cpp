// SPDX-License-Identifier: MIT
#include "facesearch/service/machine/doctor.hpp"

#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/core/utf8.hpp"
#include "facesearch/face/runtimes/runtime_module.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/output/presentation.hpp"

namespace facesearch::app {
namespace {

service::DoctorReport examine(Invocation& invocation) {
  service::DoctorReport report;
  report.version = FACESEARCH_VERSION;
  service::inspect_machine(report);
  report.runtimes_fault = service::fault_of([&] {
    report.runtimes = Invocation::runtime_folder().string();
    load_runtime_module(report.runtimes, "opencv");
  });
  report.models_fault = service::fault_of([&] {
    report.models = invocation.pack_places().models.string();
    report.packs = service::inspect_packs(invocation.engines());
  });
  report.default_pack = kDefaultPack;
  report.store.fault = service::fault_of([&] {
    report.store.folder = invocation.store_folder().string();
    service::inspect_store(invocation.store(), report.store);
  });
  if (report.store.id) {
    report.master_key.fault = service::fault_of([&] {
      service::inspect_master_key(invocation.master_key_file(*report.store.id), report.master_key);
    });
  }
  return report;
}

std::string verdict(const std::string& fault) {
  return fault.empty() ? "ok" : printable(fault);
}

std::string pack_line(const service::PackReport& pack, const std::string& default_pack) {
  const bool not_installed = pack.name != default_pack && !pack.installed;
  std::string line = "  pack      " + printable(pack.name);
  if (!pack.fingerprint.empty()) line += fmt::format(" {:.12}", pack.fingerprint);
  if (pack.liveness) line += " liveness";
  if (pack.calibrated) line += pack.provisional ? " calibrated (provisional)" : " calibrated";
  line += not_installed ? ": not installed (optional)\n" : fmt::format(": {}\n", verdict(pack.fault));
  for (const service::PackLack& lack : pack.lacks) {
    // The files' fault is in the line above.
    const bool told = lack.what == service::LackKind::kFiles;
    if (told && lack.command.empty()) continue;
    line += fmt::format("            {}{}{}\n", told ? "" : printable(lack.detail),
                        told || lack.command.empty() ? "" : ": ", printable(lack.command));
  }
  return line;
}

std::string master_key_line(const service::MasterKeyReport& key) {
  const std::string state = key.there ? fmt::format("{}, {}", key.rights, verdict(key.fault))
                                      : (key.fault.empty() ? "not there" : printable(key.fault));
  return fmt::format("master key  {}: {}\n", printable(key.file), state);
}

std::string for_people(const service::DoctorReport& report) {
  std::string text = fmt::format("facesearch {}\n", report.version);
  text += fmt::format("processor   {}, {} threads; {}\n", report.processor, report.threads,
                      fmt::join(report.features, " "));
  text += fmt::format(
      "memory      {} MiB; open files {}; address space {}\n", report.memory_bytes >> 20U, report.open_files,
      report.address_space_bytes == 0 ? "unlimited" : std::to_string(report.address_space_bytes));
  text += fmt::format("runtimes    {}: {}\n", printable(report.runtimes), verdict(report.runtimes_fault));
  text += fmt::format("models      {}: {}\n", report.models.empty() ? "(built-in)" : printable(report.models),
                      verdict(report.models_fault));
  for (const service::PackReport& pack : report.packs) {
    text += pack_line(pack, report.default_pack);
  }
  text += fmt::format("store       {}: {}\n", printable(report.store.folder), verdict(report.store.fault));
  if (report.store.id) {
    text += fmt::format("  holds     {} collections, {} faces, {} keys; id {}\n", report.store.collections,
                        report.store.faces, report.store.keys, report.store.id->text());
  }
  if (report.store.id) text += master_key_line(report.master_key);
  return text + printable(report.verdict());
}

Outcome run_doctor(Invocation& invocation, bool json) {
  const bool for_programs = json_asked(json, invocation.options().output);
  const auto report = examine(invocation);
  if (for_programs) return {contract::to_json(report)};
  return {for_people(report), ExitStatus::kSuccess, Shape::kText};
}

}  // namespace

void add_doctor(CLI::App& program, Selection& selection) {
  CLI::App* command =
      program.add_subcommand("doctor", "Check the installation; paste the output into a bug report");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "JSON for programs");
  set_action(command, selection, Call::kManage, json, run_doctor);
}

}  // namespace facesearch::app
