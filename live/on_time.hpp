// While it lives, this thread wakes up on time: sleeps end within microseconds of their deadline
// instead of 50, and other programs of the machine have to wait for it rather than it for them.
// Without CAP_SYS_NICE only the former. prctl(2) PR_SET_TIMERSLACK, setpriority(2).
#pragma once

namespace elblab::live {

class OnTime {
 public:
  OnTime();
  ~OnTime();
  OnTime(const OnTime&) = delete;
  OnTime& operator=(const OnTime&) = delete;

  // The niceness that the thread had before: for programs that it starts.
  int niceness_before() const { return niceness_; }

 private:
  int timer_slack_;
  int niceness_;
};

}  // namespace elblab::live
