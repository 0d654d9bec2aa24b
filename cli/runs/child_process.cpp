#include "cli/runs/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <utility>

#include "cli/signals/stop_signals.hpp"

namespace elblab::cli {
namespace {

constexpr std::size_t kMostWords = 4096;  // bytes kept of a child's stderr

void write_all(int descriptor, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = write(descriptor, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;  // the parent is gone; so will this process be
    done += static_cast<std::size_t>(n);
  }
}

worlds::RunOutcome outcome_of(const Runner& run, const language::Scenario& scenario,
                              const worlds::RunOptions& options) {
  try {
    return run(scenario, options);
  } catch (const std::exception& failure) {
    return worlds::RunFailure({failure.what()});
  }
}

[[noreturn]] void run_child(const Runner& run, const language::Scenario& scenario,
                            worlds::RunOptions options, int report) {
  options.on_progress = [report](const worlds::Progress& progress) {
    write_all(report, progress_line(progress));
    return !StopSignals::came();
  };
  worlds::RunOutcome outcome = outcome_of(run, scenario, options);
  if (outcome && outcome->stopped && StopSignals::cpu_limit_met()) {
    outcome = worlds::RunFailure({"the limit of processor time was met (ulimit -t); the trace ends "
                                  "there"},
                                 std::move(*outcome));
  }
  write_all(report, outcome_line(outcome));
  // No exit handlers: buffers and objects copied by fork belong to the parent.
  _exit(0);
}

// Of a run whose world said how it ended.
JobOutcome said(worlds::RunOutcome run) {
  JobOutcome outcome;
  if (!run) {
    outcome.state = JobOutcome::State::could_not_run;
    outcome.problem = run.error().message;
    outcome.result = std::move(run.error().so_far);
    return outcome;
  }
  outcome.state = run->stopped ? JobOutcome::State::stopped : JobOutcome::State::finished;
  outcome.result = std::move(*run);
  if (!outcome.result.stopped && !outcome.result.packets_conserved) {
    outcome.problem = "packets not conserved: " + outcome.result.conservation_problem;
  }
  return outcome;
}

void close_both(const std::array<int, 2>& pipe) {
  close(pipe[0]);
  close(pipe[1]);
}

// Appends what can be read now; closes the descriptor at its end.
void drain(int& descriptor, std::string& text) {
  std::array<char, 16384> buffer;
  while (descriptor >= 0) {
    const ssize_t n = read(descriptor, buffer.data(), buffer.size());
    if (n > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(n));
    } else if (n < 0 && errno == EINTR) {
      continue;
    } else if (n < 0 && errno == EAGAIN) {
      return;
    } else {
      close(descriptor);
      descriptor = -1;
    }
  }
}

}  // namespace

std::optional<ChildProcess> ChildProcess::start(const Runner& run,
                                                const language::Scenario& scenario,
                                                worlds::RunOptions options) {
  std::array<int, 2> report{};
  std::array<int, 2> diagnostics{};
  if (pipe2(report.data(), O_CLOEXEC) != 0) return std::nullopt;
  if (pipe2(diagnostics.data(), O_CLOEXEC) != 0) {
    close_both(report);
    return std::nullopt;
  }
  std::fflush(nullptr);  // or the child would hold copies of unwritten text
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) {
    close_both(report);
    close_both(diagnostics);
    return std::nullopt;
  }
  if (pid == 0) {
    obey_parent_only(parent);
    close(report[0]);
    dup2(diagnostics[1], STDERR_FILENO);
    dup2(diagnostics[1], STDOUT_FILENO);
    close_both(diagnostics);
    run_child(run, scenario, std::move(options), report[1]);
  }
  close(report[1]);
  close(diagnostics[1]);
  fcntl(report[0], F_SETFL, O_NONBLOCK);
  fcntl(diagnostics[0], F_SETFL, O_NONBLOCK);
  return ChildProcess(pid, report[0], diagnostics[0]);
}

ChildProcess::ChildProcess(pid_t pid, int report, int diagnostics)
    : pid_(pid), report_(report), diagnostics_(diagnostics) {}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      report_(std::exchange(other.report_, -1)),
      diagnostics_(std::exchange(other.diagnostics_, -1)),
      pending_(std::move(other.pending_)),
      words_(std::move(other.words_)),
      outcome_(std::move(other.outcome_)) {}

ChildProcess::~ChildProcess() {
  if (report_ >= 0) close(report_);
  if (diagnostics_ >= 0) close(diagnostics_);
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
}

std::optional<worlds::Progress> ChildProcess::read_reports() {
  drain(report_, pending_);
  std::optional<worlds::Progress> newest;
  std::size_t begin = 0;
  for (std::size_t end; (end = pending_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    auto report = parse_report(std::string_view(pending_).substr(begin, end - begin));
    if (report.progress) newest = report.progress;
    if (report.outcome) outcome_ = std::move(report.outcome);
  }
  pending_.erase(0, begin);
  return newest;
}

void ChildProcess::read_diagnostics() {
  drain(diagnostics_, words_);
  if (words_.size() > kMostWords) words_.erase(0, words_.size() - kMostWords);
}

JobOutcome ChildProcess::collect() {
  int status = 0;
  rusage used{};
  while (wait4(pid_, &status, 0, &used) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  JobOutcome outcome = outcome_of(status);
  outcome.peak_memory_bytes = static_cast<std::uint64_t>(used.ru_maxrss) * 1024;  // given in KiB
  return outcome;
}

JobOutcome ChildProcess::outcome_of(int wait_status) {
  JobOutcome outcome;
  if (WIFSIGNALED(wait_status)) {
    const int signal = WTERMSIG(wait_status);
    outcome.state = JobOutcome::State::crashed;
    outcome.problem =
        fmt::format("crashed: signal {} ({}){}", signal, strsignal(signal), last_words());
  } else if (!outcome_) {
    outcome.state = JobOutcome::State::crashed;
    outcome.problem = fmt::format("ended without a result, exit status {}{}",
                                  WEXITSTATUS(wait_status), last_words());
  } else {
    return said(std::move(*outcome_));
  }
  return outcome;
}

std::string ChildProcess::last_words() const {
  std::string_view words = words_;
  while (!words.empty() && words.back() == '\n') words.remove_suffix(1);
  if (words.empty()) return {};
  return fmt::format("; it said:\n{}", words);
}

std::uint64_t ChildProcess::resident_bytes() const {
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  std::ifstream(fmt::format("/proc/{}/statm", pid_)) >> total_pages >> resident_pages;
  return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

void ChildProcess::ask_to_stop() const {
  if (pid_ > 0) kill(pid_, SIGTERM);
}

void ChildProcess::kill_now() const {
  if (pid_ > 0) kill(pid_, SIGKILL);
}

}  // namespace elblab::cli
