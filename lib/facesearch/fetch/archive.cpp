// SPDX-License-Identifier: MIT
#include "facesearch/fetch/archive.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "facesearch/core/shared_module.hpp"

namespace facesearch {
namespace {

using namespace std::string_view_literals;

bool ends_as(std::string_view name, std::string_view lower_ending) {
  if (name.size() <= lower_ending.size()) return false;
  return std::ranges::equal(name.substr(name.size() - lower_ending.size()), lower_ending,
                            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a | 32 : a) == b; });
}

}  // namespace

ArchiveForm archive_form(std::string_view start) {
  constexpr std::size_t kTarMagic = 257;
  if (start.starts_with("PK\3\4"sv) || start.starts_with("PK\5\6"sv)) return ArchiveForm::kZip;
  if (start.starts_with("\x1f\x8b\x08"sv)) return ArchiveForm::kGzip;
  if (start.size() > 3 && start.starts_with("BZh"sv) && start[3] >= '1' && start[3] <= '9')
    return ArchiveForm::kBzip2;
  if (start.size() > kTarMagic && start.substr(kTarMagic).starts_with("ustar"sv)) return ArchiveForm::kTar;
  return ArchiveForm::kNone;
}

bool is_archive_name(std::string_view name) {
  return std::ranges::any_of(std::array{".zip"sv, ".whl"sv, ".tar"sv, ".tgz"sv, ".gz"sv, ".bz2"sv},
                             [&](std::string_view ending) { return ends_as(name, ending); });
}

std::string_view uncompressed_name(std::string_view name) {
  for (const std::string_view ending : {".gz"sv, ".bz2"sv}) {
    if (ends_as(name, ending)) return name.substr(0, name.size() - ending.size());
  }
  return name;
}

ReadArchive load_archive_reader(const std::filesystem::path& folder) {
  using GetReader = ReadArchive (*)();
  void* symbol = symbol_of_module(folder / "facesearch-archive.so", kArchiveSymbol, "reads archives");
  return reinterpret_cast<GetReader>(symbol)();
}

}  // namespace facesearch
