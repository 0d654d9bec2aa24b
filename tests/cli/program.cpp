#include "tests/cli/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace elblab::test {
namespace {

void put_behind_output(Output output) {
  std::array<int, 2> unread{};
  switch (output) {
    case Output::read:
      return;
    case Output::full_disk:
      dup2(open("/dev/full", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
      return;
    case Output::file:
      dup2(open("output", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), STDOUT_FILENO);
      return;
    case Output::closed:
      close(STDOUT_FILENO);
      return;
    case Output::unread:
      if (pipe2(unread.data(), O_CLOEXEC) != 0) _exit(126);
      dup2(unread[1], STDOUT_FILENO);
      close(unread[0]);
      close(unread[1]);
  }
}

[[noreturn]] void become_program(const std::vector<std::string>& arguments,
                                 const Surroundings& surroundings) {
  if (!surroundings.folder.empty() && chdir(surroundings.folder.c_str()) != 0) _exit(126);
  if (surroundings.most_file_bytes) {
    const rlimit limit{*surroundings.most_file_bytes, *surroundings.most_file_bytes};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  for (const auto& variable : surroundings.variables) {
    const auto equals = variable.find('=');
    setenv(variable.substr(0, equals).c_str(), variable.substr(equals + 1).c_str(), 1);
  }
  put_behind_output(surroundings.output);
  if (surroundings.deaf_and_mute) {
    close(STDIN_FILENO);
    close(STDERR_FILENO);
  }
  constexpr uid_t kNobody = 65534;
  if (surroundings.without_rights && setuid(kNobody) != 0) _exit(126);
  std::vector<std::string> words{ELBLAB_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  execv(ELBLAB_PROGRAM, pointers.data());
  _exit(127);
}

// Appends what is there; closes and forgets the descriptor at its end.
void take(int& descriptor, std::string& text) {
  std::array<char, 4096> buffer;
  const ssize_t n = read(descriptor, buffer.data(), buffer.size());
  if (n > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(n));
  } else if (n == 0 || errno != EINTR) {
    close(descriptor);
    descriptor = -1;
  }
}

}  // namespace

Program::Program(const std::vector<std::string>& arguments, const Surroundings& surroundings) {
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (pipe2(out.data(), O_CLOEXEC) != 0 || pipe2(err.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("no process");
  if (pid_ == 0) {
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    become_program(arguments, surroundings);
  }
  close(out[1]);
  close(err[1]);
  out_ = out[0];
  err_ = err[0];
}

Program::~Program() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    wait();
  }
}

bool Program::read_some() {
  std::array<pollfd, 2> descriptors{pollfd{out_, POLLIN, 0}, pollfd{err_, POLLIN, 0}};
  if (out_ < 0 && err_ < 0) return false;
  poll(descriptors.data(), descriptors.size(), -1);
  if (out_ >= 0 && descriptors[0].revents != 0) take(out_, ended_.out);
  if (err_ >= 0 && descriptors[1].revents != 0) take(err_, ended_.err);
  return true;
}

bool Program::wait_for_error_text(const std::string& text) {
  while (ended_.err.find(text) == std::string::npos) {
    if (!read_some()) return false;
  }
  return true;
}

bool Program::wait_for_output(std::size_t bytes) {
  while (ended_.out.size() < bytes) {
    if (!read_some()) return false;
  }
  return true;
}

void Program::send_signal(int signal) const { kill(pid_, signal); }

Ended Program::wait() {
  while (read_some()) {
  }
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  ended_.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return ended_;
}

Ended run_program(const std::vector<std::string>& arguments, const Surroundings& surroundings) {
  return Program(arguments, surroundings).wait();
}

}  // namespace elblab::test
