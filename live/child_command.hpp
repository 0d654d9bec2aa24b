// A program of the user's in a host's namespace: a shell, curl, a web server.
//
// It never outlives this process: the kernel kills it when the process goes (PR_SET_PDEATHSIG), and
// its destructor does. pidfd_open(2), prctl(2), setns(2).
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "live/network/file_descriptor.hpp"
#include "live/network/network_namespace.hpp"
#include "live/network/refused.hpp"

namespace elblab::live {

struct CommandPlan {
  std::vector<std::string> words;        // the program, looked for in $PATH, and its arguments
  std::vector<std::string> environment;  // "NAME=value", beside this process's own
  // Where its output goes, and that it reads nothing and hears no Ctrl-C; without: this process's
  // own terminal.
  std::optional<std::filesystem::path> log;
  int niceness = 0;
};

class ChildCommand {
 public:
  ChildCommand() = default;
  ChildCommand(ChildCommand&& other) noexcept;
  ChildCommand& operator=(ChildCommand&& other) noexcept;
  ~ChildCommand() { kill_now(); }

  Expected<void> start(const NetworkNamespace& network, const CommandPlan& plan);
  // Readable once the program has ended.
  int descriptor() const { return ended_.get(); }
  bool ended() const;
  // Asks it to end; wait() or the destructor see to it.
  void ask_to_end() const;
  // Waits for its end: the exit status as shells count it, 128 + signal if one ended it.
  int wait();

 private:
  void kill_now();

  pid_t pid_ = -1;
  FileDescriptor ended_;
  bool group_ = false;  // leads a process group of its own
};

}  // namespace elblab::live
