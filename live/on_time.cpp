#include "live/on_time.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>

namespace elblab::live {
namespace {

// Far ahead of ordinary programs, and still behind what belongs to the system's running.
constexpr int kNiceness = -15;

}  // namespace

OnTime::OnTime() : timer_slack_(prctl(PR_GET_TIMERSLACK)), niceness_(getpriority(PRIO_PROCESS, 0)) {
  prctl(PR_SET_TIMERSLACK, 1UL);
  setpriority(PRIO_PROCESS, 0, std::min(niceness_, kNiceness));
}

OnTime::~OnTime() {
  setpriority(PRIO_PROCESS, 0, niceness_);
  prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(timer_slack_));
}

}  // namespace elblab::live
