#include "tests/torture/belongings.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>

#include "live/network/namespace_name.hpp"

namespace elblab::torture {
namespace {

namespace fs = std::filesystem;

// Those whose makers have ended: others' runs may go on beside.
std::set<std::string> stale_namespaces() {
  std::set<std::string> names;
  std::error_code none;
  for (fs::directory_iterator entry(live::kNamespaceDirectory, none), end; !none && entry != end;
       entry.increment(none)) {
    std::string name = entry->path().filename().string();
    const auto owner = live::namespace_owner(name);
    if (owner && live::identify_process(owner->pid) != owner) names.insert(std::move(name));
  }
  return names;
}

// Waits for children that have ended, of which the program's own are none any more; true: there are
// none left.
bool all_have_ended() {
  for (;;) {
    const pid_t pid = ::waitpid(-1, nullptr, WNOHANG);
    if (pid < 0) return errno == ECHILD;
    if (pid == 0) return false;
  }
}

// proc(5): the kernel lists them where it was built to.
void end_children() {
  std::ifstream list(fmt::format("/proc/self/task/{}/children", ::getpid()));
  for (pid_t pid = 0; list >> pid;) ::kill(pid, SIGKILL);
  while (::waitpid(-1, nullptr, 0) > 0) {
  }
}

}  // namespace

Belongings::Belongings() : namespaces_before_(stale_namespaces()) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1UL);
}

std::string Belongings::left(const fs::path& temporary_files, std::chrono::seconds patience) {
  std::string left;
  const auto end = std::chrono::steady_clock::now() + patience;
  bool ended = all_have_ended();
  while (!ended && std::chrono::steady_clock::now() < end) {
    ::usleep(5'000);
    ended = all_have_ended();
  }
  if (!ended) {
    left += "a process; ";
    end_children();
  }
  for (const std::string& name : stale_namespaces()) {
    // Told once.
    if (namespaces_before_.insert(name).second) left += "the namespace " + name + "; ";
  }
  for (const auto& entry : fs::directory_iterator(temporary_files)) {
    left += "the temporary file " + entry.path().filename().string() + "; ";
  }
  return left;
}

}  // namespace elblab::torture
