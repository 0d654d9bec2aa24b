#include "cli/text/standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

namespace elblab::cli {
namespace {

int first_failure = 0;  // errno

bool note(bool went_well) {
  if (!went_well && first_failure == 0) first_failure = errno != 0 ? errno : EIO;
  return first_failure == 0;
}

std::string what_to_do(int failure) {
  if (failure == ENOSPC || failure == EFBIG || failure == EDQUOT) {
    return "free some space, or write elsewhere, and run it again";
  }
  return failure == EBADF ? "it is closed; give the program one" : "run it again";
}

}  // namespace

void occupy_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number is this one. Opened the wrong way round: using it is an error still.
    ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

bool StandardOutput::write(std::string_view text) {
  if (is_lost()) return false;
  errno = 0;
  return note(std::fwrite(text.data(), 1, text.size(), stdout) == text.size());
}

bool StandardOutput::flush() {
  if (is_lost()) return false;
  errno = 0;
  return note(std::fflush(stdout) == 0);
}

std::optional<int> StandardOutput::failure() {
  return first_failure == 0 ? std::nullopt : std::optional(first_failure);
}

ExitCode StandardOutput::close(ExitCode code) {
  flush();
  errno = 0;
  // Some file systems tell of a full disk only now. Of a stream that was closed and not used nobody
  // wants to hear.
  const bool closed = std::fclose(stdout) == 0 || errno == EBADF;
  note(closed);
  if (!is_lost()) return code;
  if (first_failure == EPIPE) return ExitCode::reader_gone;
  const std::string complaint = std::string("cannot write to standard output: ") +
                                std::strerror(first_failure) + "; " + what_to_do(first_failure) +
                                "\n";
  std::fputs(complaint.c_str(), stderr);
  return code == ExitCode::bad_input ? code : ExitCode::could_not_run;
}

}  // namespace elblab::cli
