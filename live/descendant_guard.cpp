#include "live/descendant_guard.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace elblab::live {
namespace {

// The parent of a process: the fourth field of /proc/<pid>/stat, proc(5).
pid_t parent_of(const std::filesystem::path& process) {
  std::ifstream file(process / "stat");
  std::string line;
  std::getline(file, line);
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos || name_end + 4 >= line.size()) return -1;
  pid_t parent = -1;
  std::from_chars(line.data() + name_end + 4, line.data() + line.size(), parent);
  return parent;
}

std::vector<pid_t> children_of_this_process() {
  std::vector<pid_t> children;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    pid_t pid = 0;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (problem != std::errc{} || *end != '\0') continue;
    if (parent_of(entry.path()) == getpid()) children.push_back(pid);
  }
  return children;
}

}  // namespace

DescendantGuard::DescendantGuard() { prctl(PR_SET_CHILD_SUBREAPER, 1UL); }

DescendantGuard::~DescendantGuard() {
  // Each round's orphans are the next one's children.
  for (auto left = children_of_this_process(); !left.empty(); left = children_of_this_process()) {
    for (const pid_t pid : left) kill(pid, SIGKILL);
    for (const pid_t pid : left) waitpid(pid, nullptr, 0);
  }
  prctl(PR_SET_CHILD_SUBREAPER, 0UL);
}

}  // namespace elblab::live
