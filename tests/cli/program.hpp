// Runs the built command as a person would: arguments in, text and exit code out.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace elblab::test {

struct Ended {
  int exit_code = -1;  // 128 + signal when a signal ended it, as shells count
  std::string out;
  std::string err;
};

// What stands behind the command's standard output.
enum class Output : std::uint8_t {
  read,       // by the test
  full_disk,  // every write fails
  closed,     // there is none
  unread,     // a pipe that nobody reads any more
  file,       // "output" in the working directory
};

struct Surroundings {
  std::string folder;                            // working directory; empty: the test's
  std::optional<std::uint64_t> most_file_bytes;  // RLIMIT_FSIZE: a disk that fills up
  std::vector<std::string> variables;            // "NAME=value", in addition
  bool without_rights = false;                   // as the user nobody; only root can ask for it
  Output output = Output::read;
  bool deaf_and_mute = false;  // standard input and standard error are closed
};

// Starts the command, and lets a test act while it runs.
class Program {
 public:
  explicit Program(const std::vector<std::string>& arguments,
                   const Surroundings& surroundings = {});
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Reads until stderr holds `text`; false when the program ends without it.
  bool wait_for_error_text(const std::string& text);
  // Reads until stdout holds so many bytes; false when the program ends before.
  bool wait_for_output(std::size_t bytes);
  void send_signal(int signal) const;
  Ended wait();

 private:
  bool read_some();

  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
  Ended ended_;
};

Ended run_program(const std::vector<std::string>& arguments, const Surroundings& surroundings = {});

}  // namespace elblab::test
