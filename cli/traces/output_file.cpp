#include "cli/traces/output_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "analysis/export/safe_text.hpp"
#include "cli/text/standard_streams.hpp"

namespace elblab::cli {

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {}

std::FILE* OutputFile::stream() {
  if (!opened_) {
    opened_ = true;
    file_.reset(std::fopen(path_.c_str(), "we"));
    if (!file_) remember_error();
  }
  return file_.get();
}

bool OutputFile::write(std::string_view text) {
  // What becomes of standard output the program itself tells, at its end.
  if (is_stdout()) return StandardOutput::write(exports::safe_text(text));
  if (error_) return false;
  std::FILE* out = stream();
  if (out == nullptr) return false;
  if (std::fwrite(text.data(), 1, text.size(), out) != text.size()) remember_error();
  return !error_;
}

Expected<void> OutputFile::close() {
  if (is_stdout()) {
    StandardOutput::flush();
    return {};
  }
  std::FILE* out = error_ ? nullptr : stream();
  if (out != nullptr && std::fflush(out) != 0) remember_error();
  const bool is_file = file_ != nullptr;
  // Some file systems tell of a full disk only now.
  if (is_file && std::fclose(file_.release()) != 0 && !error_) remember_error();
  if (error_ && is_file) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(path_, ignored)) std::filesystem::remove(path_, ignored);
  }
  if (error_) return *error_;
  return {};
}

void OutputFile::remember_error() {
  error_ =
      Error{fmt::format("cannot write '{}': {}; check the path, its permissions and free space",
                        path_, std::strerror(errno))};
}

}  // namespace elblab::cli
