#include "tests/fidelity/case_runner.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "live/network/file_descriptor.hpp"
#include "tests/fidelity/kernel_machine.hpp"
#include "tests/fidelity/transcript_text.hpp"

namespace elblab::fidelity {
namespace {

// What a child says first: a mark, then a transcript or the reason why there is none.
constexpr char kTranscriptMark = 'T';
constexpr char kFailureMark = 'F';
constexpr char kReadyMark = 'R';  // first of all

struct Child {
  pid_t id = 0;
  live::FileDescriptor output;
  std::string received;
};

KernelResult decode(std::string_view text) {
  KernelResult result;
  try {
    if (text.starts_with(kFailureMark)) result.failure = text.substr(1);
    if (text.starts_with(kTranscriptMark)) result.transcript = from_text(text.substr(1));
  } catch (const std::exception& error) {
    result.failure = error.what();
  }
  if (result.transcript.empty() && result.failure.empty()) result.failure = "no transcript";
  return result;
}

// Children begin together, when all have their machines: making namespaces and links is work for
// the kernel that would blur the timing of those who begin earlier. The gate opens when its writing
// end is closed.
struct Gate {
  Gate() {
    int channel[2];
    if (pipe(channel) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    reading_end = live::FileDescriptor(channel[0]);
    writing_end = live::FileDescriptor(channel[1]);
  }
  live::FileDescriptor reading_end, writing_end;
};

void say_ready_and_wait(Gate& gate, int output) {
  gate.writing_end.reset();
  write_all(output, {&kReadyMark, 1});
  char nothing = 0;
  while (read(gate.reading_end.get(), &nothing, 1) < 0 && errno == EINTR) {
  }
}

[[noreturn]] void play_in_child(const golden::GoldenCase& golden_case, int output, Gate& gate) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::string text;
  try {
    KernelMachine machine;
    say_ready_and_wait(gate, output);
    text = kTranscriptMark + to_text(golden::play(golden_case, machine));
  } catch (const std::exception& error) {
    text = kFailureMark + std::string(error.what());
  }
  write_all(output, text);
  _exit(0);
}

Child start(const golden::GoldenCase& golden_case, Gate& gate) {
  int channel[2];
  if (pipe(channel) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  Child child;
  child.output = live::FileDescriptor(channel[0]);
  const live::FileDescriptor write_end(channel[1]);
  child.id = fork();
  if (child.id < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child.id == 0) play_in_child(golden_case, channel[1], gate);
  return child;
}

// False at the end of the child's output.
bool read_some(Child& child) {
  char text[4096];
  const ssize_t size = read(child.output.get(), text, sizeof text);
  if (size > 0) child.received.append(text, static_cast<std::size_t>(size));
  return size > 0;
}

// Each child has said that it is ready, or why it cannot be.
void await_ready(std::vector<Child>& children) {
  for (Child& child : children) {
    char mark = 0;
    if (read(child.output.get(), &mark, 1) == 1 && mark != kReadyMark) child.received += mark;
  }
}

void collect(std::vector<Child>& children, Duration limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    std::vector<pollfd> entries;
    std::vector<Child*> waiting;
    for (Child& child : children) {
      if (!child.output.open()) continue;
      entries.push_back({.fd = child.output.get(), .events = POLLIN, .revents = 0});
      waiting.push_back(&child);
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (entries.empty() || left.count() <= 0) return;
    poll(entries.data(), entries.size(), static_cast<int>(left.count()));
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].revents != 0 && !read_some(*waiting[i])) waiting[i]->output.reset();
    }
  }
}

}  // namespace

std::vector<KernelResult> play_on_kernel(const std::vector<golden::GoldenCase>& cases,
                                         Duration limit) {
  std::vector<Child> children;
  Gate gate;
  for (const golden::GoldenCase& golden_case : cases) children.push_back(start(golden_case, gate));
  await_ready(children);
  gate.writing_end.reset();
  collect(children, limit);
  std::vector<KernelResult> results;
  for (Child& child : children) {
    const bool late = child.output.open();
    if (late) kill(child.id, SIGKILL);
    waitpid(child.id, nullptr, 0);
    results.push_back(late ? KernelResult{.transcript = {}, .failure = "took too long"}
                           : decode(child.received));
  }
  return results;
}

}  // namespace elblab::fidelity
