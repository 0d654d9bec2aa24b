// Whether an action violates a contract: it runs in a child process, whose end is looked at.
#pragma once

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "models/contract/require.hpp"

namespace elblab::contract {

// What the action wrote to standard error if it stopped the program by SIGABRT; otherwise "went
// on", or how it ended.
template <typename Action>
std::string violation_by(Action&& action) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child < 0) return "no child";
  if (child == 0) {
    signal(SIGABRT, SIG_DFL);  // Boost.Test would turn it into an exception
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    action();
    _exit(0);
  }
  close(ends[1]);
  std::string text;
  char buffer[512];
  for (ssize_t n = 0; (n = read(ends[0], buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, static_cast<std::size_t>(n));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return "went on";
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) return text;
  return "ended otherwise: " + std::to_string(status) + "\n" + text;
}

// For BOOST_TEST: the action stops the program, and the message holds `text`. Holds also in a build
// without checks, where the action is not tried.
template <typename Action>
boost::test_tools::assertion_result violates(Action&& action, const std::string& text) {
  if (!kChecked) return true;
  const std::string found = violation_by(action);
  boost::test_tools::assertion_result result(found.find("violated: " + text) != std::string::npos);
  result.message() << "expected a violation of '" << text << "', but: " << found;
  return result;
}

}  // namespace elblab::contract
