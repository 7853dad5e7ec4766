// SPDX-License-Identifier: MIT
#include "facesearch/service/machine/doctor.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/file.hpp"
#include "facesearch/core/parallel.hpp"
#include "facesearch/service/collections/collections.hpp"

namespace facesearch::service {
namespace {

// Reads every file of the pack. Returns the first fault.
std::string check_files(const Pack& pack, PackInfo& info) {
  std::string first;
  for (PackFile& file : info.files) {
    const std::string fault = fault_of([&] { (void)read_network(pack, file.network); });
    if (file.path) file.fault = fault;
    if (first.empty()) first = fault;
  }
  return first;
}

PackReport inspect_pack(EngineCache& engines, const std::string& name) {
  PackReport report;
  report.name = name;
  report.fault = fault_of([&] {
    const Pack& pack = engines.pack(name);
    report.installed = std::ranges::all_of(networks_of(pack), [&](const NetworkRole& network) {
      return !network.file->sha256.empty() && find_network(pack, *network.file);
    });
    report.title = pack.title;
    report.fingerprint = fingerprint(pack);
    report.liveness = pack.liveness.has_value();
    const auto calibration = find_calibration(engines.places(), pack);
    report.calibrated = calibration.has_value();
    report.provisional = calibration && calibration->provisional;
  });
  (void)fault_of([&] {
    PackInfo info = show_pack(engines.places(), name);
    if (report.fault.empty()) report.fault = check_files(engines.pack(name), info);
    if (faults_of(info).empty()) info.fault = report.fault;
    report.lacks = lacks_of(engines.places(), info);
  });
  return report;
}

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(std::min(line.size(), line.find(':') + 2));
  }
  return "unknown";
}

std::uint64_t limit_of(int resource) {
  struct rlimit limit {};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return 0;
  return limit.rlim_cur;
}

}  // namespace

bool DoctorReport::healthy() const {
  return runtimes_fault.empty() && store.fault.empty() && master_key.fault.empty() && has_default_pack();
}

bool DoctorReport::has_default_pack() const {
  return std::ranges::any_of(
      packs, [&](const PackReport& pack) { return pack.name == default_pack && pack.fault.empty(); });
}

std::string DoctorReport::verdict() const {
  if (!healthy()) {
    std::vector<std::string> broken;
    if (!runtimes_fault.empty()) broken.emplace_back("runtimes");
    if (!models_fault.empty()) {
      broken.emplace_back("models");
    } else if (!has_default_pack()) {
      broken.push_back("pack " + default_pack);
    }
    if (!store.fault.empty()) broken.emplace_back("store");
    if (!master_key.fault.empty()) broken.emplace_back("master key");
    return fmt::format("not everything needed works: see {}", fmt::join(broken, ", "));
  }
  std::vector<std::string> missing;
  std::vector<std::string> faulty;
  for (const PackReport& pack : packs) {
    if (!pack.fault.empty()) (pack.installed ? faulty : missing).push_back(pack.name);
  }
  std::string words = "everything needed works";
  if (!missing.empty())
    words += fmt::format("; optional packs that are not installed: {}", fmt::join(missing, ", "));
  if (!faulty.empty()) words += fmt::format("; optional packs with a fault: {}", fmt::join(faulty, ", "));
  return words;
}

// The doctor reports faults, it does not have them: here an error becomes a value.
std::string fault_of(const std::function<void()>& look) {
  try {
    look();
    return "";
  } catch (const Error& error) {
    return error.detail();
  }
}

std::vector<PackReport> inspect_packs(EngineCache& engines) {
  std::vector<PackReport> reports;
  for (const std::string& name : pack_names(engines.places())) reports.push_back(inspect_pack(engines, name));
  return reports;
}

void inspect_store(Store& store, StoreReport& report) {
  report.id = store.id();
  report.keys = store.api_keys().list().size();
  std::uint64_t unreadable = 0;
  for (const std::string& id : store.ids()) {
    const auto info = listed_collection(store, id);
    if (!info) continue;
    ++report.collections;
    report.faces += info->faces;
    if (!info->fault.empty()) ++unreadable;
  }
  if (unreadable == 0) return;
  throw Error(
      Cause::kStoreDamaged, "",
      fmt::format("{} of {} collections cannot be read; `facesearch collection list` says which and why",
                  unreadable, report.collections));
}

void inspect_master_key(const std::filesystem::path& file, MasterKeyReport& report) {
  report.file = file.string();
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return;
    throw_errno(errno, "look at", file);
  }
  report.there = true;
  report.rights = fmt::format("{:04o}", status.st_mode & 07777U);
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return;
  throw Error(Cause::kPermissionDenied, "",
              fmt::format("others than its owner may use it ({}); make it 0600", report.rights));
}

void inspect_machine(DoctorReport& report) {
  report.processor = processor_name();
  report.threads = available_processors();
  if (__builtin_cpu_supports("avx2")) report.features.emplace_back("avx2");
  if (__builtin_cpu_supports("avx512f")) report.features.emplace_back("avx512f");
  if (__builtin_cpu_supports("avx512vnni")) report.features.emplace_back("avx512_vnni");
  report.memory_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                        static_cast<std::uint64_t>(::sysconf(_SC_PAGE_SIZE));
  report.address_space_bytes = limit_of(RLIMIT_AS);
  report.open_files = limit_of(RLIMIT_NOFILE);
}

}  // namespace facesearch::service
