#include "cli/traces/interrupt_flag.hpp"

namespace elblab::cli {
namespace {

std::atomic<bool> raised_flag{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

void raise_flag(int) { raised_flag = true; }

}  // namespace

InterruptFlag::InterruptFlag() {
  raised_flag = false;
  struct sigaction action {};
  action.sa_handler = raise_flag;
  sigaction(SIGINT, &action, &old_interrupt_);
  sigaction(SIGTERM, &action, &old_terminate_);
}

InterruptFlag::~InterruptFlag() {
  sigaction(SIGINT, &old_interrupt_, nullptr);
  sigaction(SIGTERM, &old_terminate_, nullptr);
}

const std::atomic<bool>& InterruptFlag::flag() const { return raised_flag; }

}  // namespace elblab::cli
