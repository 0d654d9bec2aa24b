#include "live/child_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <utility>

namespace elblab::live {
namespace {

constexpr int kNotStarted = 127;  // as shells say it

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Ours, with the plan's in place of those of the same name.
std::vector<std::string> environment_with(const std::vector<std::string>& added) {
  std::vector<std::string> all = added;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('=') + 1);
    bool replaced = false;
    for (const std::string& other : added) replaced = replaced || other.starts_with(name);
    if (!replaced) all.emplace_back(text);
  }
  return all;
}

// From here on in the child: system calls only, nothing is allocated.

[[noreturn]] void give_up(const char* what) {
  const char* reason = strerrordesc_np(errno);
  for (const char* part : {"elblab: ", what, ": ", reason != nullptr ? reason : "?", "\n"}) {
    if (write(STDERR_FILENO, part, std::strlen(part)) < 0) break;
  }
  _exit(kNotStarted);
}

void take_default_signals() {
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ, SIGXCPU}) {
    std::signal(signal, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become(int network, int log, pid_t parent, int niceness, char* const* words,
                         char* const* environment) {
  setpriority(PRIO_PROCESS, 0, niceness);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kNotStarted);
  if (log >= 0) {
    setpgid(0, 0);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing >= 0) dup2(nothing, STDIN_FILENO);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
  }
  take_default_signals();
  if (setns(network, CLONE_NEWNET) != 0) give_up("entering the namespace");
  execvpe(words[0], words, environment);
  give_up(words[0]);
}

}  // namespace

ChildCommand::ChildCommand(ChildCommand&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), ended_(std::move(other.ended_)), group_(other.group_) {}

ChildCommand& ChildCommand::operator=(ChildCommand&& other) noexcept {
  if (this != &other) {
    kill_now();
    pid_ = std::exchange(other.pid_, -1);
    ended_ = std::move(other.ended_);
    group_ = other.group_;
  }
  return *this;
}

Expected<void> ChildCommand::start(const NetworkNamespace& network, const CommandPlan& plan) {
  std::vector<std::string> words = plan.words;
  std::vector<std::string> environment = environment_with(plan.environment);
  const std::vector<char*> word_pointers = pointers_to(words);
  const std::vector<char*> environment_pointers = pointers_to(environment);
  FileDescriptor log;
  if (plan.log) {
    log = FileDescriptor(::open(plan.log->c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!log.open()) return refused(plan.log->string());
  }
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return refused("starting " + words.front());
  if (pid == 0) {
    become(network.descriptor(), log.get(), parent, plan.niceness, word_pointers.data(),
           environment_pointers.data());
  }
  pid_ = pid;
  group_ = log.open();
  if (group_) setpgid(pid, pid);  // in the child too: whoever comes first
  ended_ = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!ended_.open()) return refused("watching " + words.front());
  return {};
}

bool ChildCommand::ended() const {
  pollfd entry{.fd = ended_.get(), .events = POLLIN, .revents = 0};
  return poll(&entry, 1, 0) > 0;
}

void ChildCommand::ask_to_end() const {
  if (pid_ > 0) kill(group_ ? -pid_ : pid_, SIGHUP);
}

int ChildCommand::wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  if (group_) kill(-pid_, SIGKILL);  // what it may have left in its group
  pid_ = -1;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void ChildCommand::kill_now() {
  if (pid_ <= 0) return;
  kill(group_ ? -pid_ : pid_, SIGKILL);
  wait();
}

}  // namespace elblab::live
