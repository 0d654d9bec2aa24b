#include "cli/sweeps/sweep_file.hpp"

#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include "cli/traces/output_file.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostBytes = 1'000'000'000;  // far above any table: what is this?

Expected<std::string> read_file(const fs::path& path) {
  std::error_code error;
  const bool is_file = fs::is_regular_file(path, error);
  if (!is_file || fs::file_size(path, error) > kMostBytes) {
    return Error{fmt::format("{}: no table of elblab sweep", path.string())};
  }
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) {
    return Error{fmt::format("cannot read '{}'; check its permissions", path.string())};
  }
  return text;
}

SweepFileError foreign(const fs::path& path, const std::string& why) {
  SweepFileError error;
  error.message = fmt::format(
      "{}: {}; name another file with --out, or remove this one to begin anew", path.string(), why);
  error.is_foreign = true;
  return error;
}

SweepFileError unusable(std::string message) {
  SweepFileError error;
  error.message = std::move(message);
  return error;
}

Error cannot_write(const fs::path& path) {
  return {fmt::format("cannot write '{}': {}; check the path, its permissions and free space",
                      path.string(), std::strerror(errno))};
}

// What is there of the table of this sweep. Its rows are those of `header`, or the file is foreign.
Expected<SweepTable, SweepFileError> rows_of(const fs::path& path, const std::string& text,
                                             const SweepHeader& header) {
  auto table = SweepTable::read(text);
  if (!table) return foreign(path, table.error().message);
  if (const auto other = difference(table->header(), header)) {
    return foreign(path, "is the table of another sweep: " + *other);
  }
  return std::move(*table);
}

}  // namespace

Expected<SweepFile, SweepFileError> SweepFile::open(const fs::path& path,
                                                    const SweepHeader& header) {
  auto empty = SweepTable::make(header);
  if (!empty) return unusable(empty.error().message);
  SweepFile file(path, std::move(*empty));
  std::error_code error;
  if (fs::exists(path, error) && !fs::is_regular_file(path, error)) {
    return foreign(path, "is no file that rows can stand in");
  }
  if (auto claimed = file.claim(); !claimed) return unusable(claimed.error().message);
  const auto text = read_file(path);
  if (!text) return unusable(text.error().message);
  std::size_t kept = 0;
  // One that ended before its header was written has said nothing yet.
  if (!header_text(header).starts_with(*text)) {
    auto table = rows_of(path, *text, header);
    if (!table) return table.error();
    file.table_ = std::move(*table);
    kept = SweepTable::whole_lines(*text);
  } else if (*text == header_text(header)) {
    kept = text->size();
  }
  if (auto begun = file.append_to(kept); !begun) return unusable(begun.error().message);
  return file;
}

// Opens the file, which no other sweep may have open: rows of two would stand in it.
Expected<void> SweepFile::claim() {
  std::error_code error;
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), error);
  if (error) {
    errno = error.value();
    return cannot_write(path_);
  }
  // Another sweep that finishes puts a new file in the place of the one just opened.
  constexpr int kAttempts = 10;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    file_.reset(std::fopen(path_.c_str(), "ae"));
    if (!file_) return cannot_write(path_);
    const bool is_taken =
        ::flock(::fileno(file_.get()), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (is_taken) break;
    if (is_at_its_path()) return {};
  }
  return Error{
      fmt::format("{}: another sweep is writing it now; wait, or name another file with "
                  "--out",
                  path_.string())};
}

bool SweepFile::is_at_its_path() const {
  struct stat open {};
  struct stat there {};
  return ::fstat(::fileno(file_.get()), &open) == 0 && ::stat(path_.c_str(), &there) == 0 &&
         open.st_dev == there.st_dev && open.st_ino == there.st_ino;
}

// Goes on behind the first `kept` bytes, cutting off a line that was not finished.
Expected<void> SweepFile::append_to(std::size_t kept) {
  if (::ftruncate(::fileno(file_.get()), static_cast<off_t>(kept)) != 0) return cannot_write(path_);
  return kept > 0 ? Expected<void>() : write(header_text(table_.header()));
}

Expected<void> SweepFile::write(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), file_.get()) == text.size();
  if (written && std::fflush(file_.get()) == 0) return {};
  return cannot_write(path_);
}

Expected<void> SweepFile::add(const SweepRow& row) {
  if (auto written = write(table_.line_of(row)); !written) return written;
  table_.add(row);
  return {};
}

Expected<void> SweepFile::finish() {
  if (!is_at_its_path()) {
    return Error{
        fmt::format("the table '{}' was removed or replaced while its sweep was writing it; "
                    "sweep again",
                    path_.string())};
  }
  const fs::path ordered = path_.string() + ".ordered";
  OutputFile file(ordered.string());
  file.write(table_.text());
  if (auto closed = file.close(); !closed) return closed;
  std::error_code error;
  fs::rename(ordered, path_, error);
  file_.reset();  // until here nobody else could begin
  if (!error) return {};
  errno = error.value();
  return cannot_write(path_);
}

Expected<SweepTable> load_sweep_table(const fs::path& path) {
  const auto text = read_file(path);
  if (!text) return text.error();
  auto table = SweepTable::read(*text);
  if (!table) return Error{fmt::format("{}: {}", path.string(), table.error().message)};
  return table;
}

bool is_sweep_table(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return false;
  std::string beginning(64, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  return looks_like_sweep_table(beginning);
}

}  // namespace elblab::cli
