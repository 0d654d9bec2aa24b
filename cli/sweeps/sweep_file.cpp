#include "cli/sweeps/sweep_file.hpp"

#include <fmt/format.h>

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
  std::size_t kept = 0;
  if (fs::exists(path, error)) {
    if (!fs::is_regular_file(path, error))
      return foreign(path, "is no file that rows can stand in");
    const auto text = read_file(path);
    if (!text) return unusable(text.error().message);
    // One that ended before its header was written has said nothing yet.
    if (!header_text(header).starts_with(*text)) {
      auto table = rows_of(path, *text, header);
      if (!table) return table.error();
      file.table_ = std::move(*table);
      kept = SweepTable::whole_lines(*text);
    } else if (*text == header_text(header)) {
      kept = text->size();
    }
  }
  if (auto begun = file.append_to(kept); !begun) return unusable(begun.error().message);
  return file;
}

// Goes on behind the first `kept` bytes, cutting off a line that was not finished.
Expected<void> SweepFile::append_to(std::size_t kept) {
  std::error_code error;
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), error);
  if (fs::exists(path_, error)) fs::resize_file(path_, kept, error);
  if (error) {
    errno = error.value();
    return cannot_write(path_);
  }
  file_.reset(std::fopen(path_.c_str(), "ae"));
  if (!file_) return cannot_write(path_);
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
  file_.reset();
  const fs::path ordered = path_.string() + ".ordered";
  OutputFile file(ordered.string());
  file.write(table_.text());
  if (auto closed = file.close(); !closed) return closed;
  std::error_code error;
  fs::rename(ordered, path_, error);
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
