#include "cli/signals/stop_signals.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

namespace elblab::cli {
namespace {

constexpr std::array kStopping{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU};
constexpr int kEndsAtOnce = 3;

std::atomic<bool> stop_came{false};
std::atomic<int> stops{0};
std::atomic<bool> cpu_limit{false};
std::atomic<pid_t> parent_of_child{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free,
              "a signal handler sets them");

int living_guards = 0;
std::array<struct sigaction, kStopping.size()> before{};

void end_as_it_stands(int signal) {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  sigaction(signal, &action, nullptr);
  raise(signal);
}

void note(int signal) {
  stop_came = true;
  if (signal == SIGXCPU) cpu_limit = true;
  // Nobody loses patience with these: the kernel reminds of a limit every second, and of a closed
  // terminal kernel and shell both tell.
  if (signal == SIGXCPU || signal == SIGHUP) {
    int none = 0;
    stops.compare_exchange_strong(none, 1);
    return;
  }
  if (stops.fetch_add(1) + 1 >= kEndsAtOnce) end_as_it_stands(signal);
}

void note_in_child(int signal) {
  stop_came = true;
  if (signal == SIGXCPU) cpu_limit = true;
  // Nobody is left who would lose patience.
  if (getppid() != parent_of_child) alarm(kPatienceOfOrphanS);
}

// No SA_RESTART: a wait shall end.
struct sigaction action_with(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  return action;
}

void forget() {
  stop_came = false;
  stops = 0;
  cpu_limit = false;
}

}  // namespace

void ignore_signals_of_writing() {
  const struct sigaction ignoring = action_with(SIG_IGN);
  for (const int signal : {SIGPIPE, SIGXFSZ}) sigaction(signal, &ignoring, nullptr);
}

StopSignals::StopSignals() {
  if (living_guards++ > 0) return;
  forget();
  const struct sigaction noting = action_with(note);
  for (std::size_t i = 0; i < kStopping.size(); ++i) {
    sigaction(kStopping[i], &noting, &before[i]);
    // nohup(1): a terminal that closes is no reason to stop.
    const bool is_nohup = kStopping[i] == SIGHUP && before[i].sa_handler == SIG_IGN;
    if (is_nohup) sigaction(SIGHUP, &before[i], nullptr);
  }
}

StopSignals::~StopSignals() {
  if (--living_guards > 0) return;
  for (std::size_t i = 0; i < kStopping.size(); ++i) {
    sigaction(kStopping[i], &before[i], nullptr);
  }
}

const std::atomic<bool>& StopSignals::flag() { return stop_came; }
int StopSignals::times() { return stops; }
bool StopSignals::cpu_limit_met() { return cpu_limit; }

void obey_parent_only(pid_t parent) {
  forget();
  parent_of_child = parent;
  const struct sigaction ignoring = action_with(SIG_IGN);
  for (const int signal : {SIGINT, SIGQUIT, SIGHUP}) sigaction(signal, &ignoring, nullptr);
  const struct sigaction noting = action_with(note_in_child);
  for (const int signal : {SIGTERM, SIGXCPU}) sigaction(signal, &noting, nullptr);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(1);
}

}  // namespace elblab::cli
