// Standard output as something that can fail: a full disk behind it, a reader that has gone, or
// nothing at all because somebody closed it.
#pragma once

#include <optional>
#include <string_view>

#include "cli/exit_code.hpp"

namespace elblab::cli {

// Once, before anything is opened. A file must not get the number of a standard stream that was
// closed: what is printed would go into it.
void occupy_standard_streams();

// What was written to standard output, whoever wrote it.
class StandardOutput {
 public:
  // False once a write has failed; the first failure is kept, and nothing more is written.
  static bool write(std::string_view text);
  static bool flush();
  // Going on is of no use: what it finds will reach nobody.
  static bool is_lost() { return failure().has_value(); }
  // errno; EPIPE: its reader has seen enough.
  static std::optional<int> failure();

  // The last words of the program: hands over what is left, complains on stderr if something was
  // lost, and gives the exit code for that. A reader that has seen enough (`| head`) is no reason
  // to complain: the code is that of a filter which SIGPIPE ended.
  static ExitCode close(ExitCode code);
};

}  // namespace elblab::cli
