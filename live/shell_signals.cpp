#include "live/shell_signals.hpp"

namespace elblab::live {
namespace {

volatile std::sig_atomic_t end_noted = 0;
void note_end(int) { end_noted = 1; }

struct Treatment {
  int signal;
  void (*handler)(int);
};
const std::array<Treatment, 5> kTreatments{{
    {SIGINT, SIG_IGN},
    {SIGQUIT, SIG_IGN},
    {SIGTERM, note_end},
    {SIGHUP, note_end},
    {SIGXCPU, note_end},
}};

}  // namespace

ShellSignals::ShellSignals() {
  end_noted = 0;
  for (std::size_t i = 0; i < kTreatments.size(); ++i) {
    struct sigaction action {};
    action.sa_handler = kTreatments[i].handler;  // without SA_RESTART: a wait shall end
    sigemptyset(&action.sa_mask);
    sigaction(kTreatments[i].signal, &action, &before_[i]);
  }
}

ShellSignals::~ShellSignals() {
  for (std::size_t i = 0; i < kTreatments.size(); ++i) {
    sigaction(kTreatments[i].signal, &before_[i], nullptr);
  }
}

bool ShellSignals::end_wanted() { return end_noted != 0; }

}  // namespace elblab::live
