// SPDX-License-Identifier: MIT
#include "facesearch/core/file.hpp"

#include <fcntl.h>

#include <cerrno>
#include <functional>

#include "catch.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/uuid.hpp"

using namespace facesearch;
namespace fs = std::filesystem;

namespace {

Error thrown_by(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("no error was thrown");
}

}  // namespace

TEST_CASE("what the operating system says becomes a reason", "[file]") {
  const auto reason = [](int code) {
    return thrown_by([code] { throw_errno(code, "write", "/a"); }).reason();
  };
  CHECK(reason(ENOSPC) == "NO_SPACE");
  CHECK(reason(EROFS) == "READ_ONLY");
  CHECK(reason(ELOOP) == "FILE_ERROR");
  const Error denied = thrown_by([] { throw_errno(EACCES, "open", "/a"); });
  CHECK(denied.cause() == Cause::kPermissionDenied);
  CHECK(denied.detail() == "cannot open /a: Permission denied");
}

TEST_CASE("a full device is told, and not written past", "[file]") {
  const FileDescriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  CHECK(thrown_by([&] { write_all(full, "/dev/full", "x"); }).reason() == "NO_SPACE");
}

TEST_CASE("an entry moves, in the working folder too", "[file]") {
  const fs::path before = fs::current_path();
  const fs::path folder = fs::temp_directory_path() / ("facesearch-" + Uuid::make().text());
  fs::create_directories(folder / "inner");
  fs::current_path(folder);
  write_all(FileDescriptor(::open("a", O_WRONLY | O_CREAT | O_CLOEXEC, 0600)), "a", "abc");
  move_entry("a", "inner/b");
  CHECK(fs::file_size("inner/b") == 3);
  CHECK_FALSE(fs::exists("a"));
  CHECK(thrown_by([] { move_entry("a", "b"); }).detail() == "cannot rename a: No such file or directory");
  fs::current_path(before);
  fs::remove_all(folder);
}
