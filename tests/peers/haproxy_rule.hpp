// haproxy's own rule of when a server is up (2.6: set_server_check_status, check_notify_failure),
// stated again so that a test can hold haproxy against it.
//
// A server is up at start with nothing to spare: its first result decides, either way. Afterwards
// `fall` failures in a row take it down, `rise` successes in a row bring it up.
#pragma once

namespace elblab::peers {

class HaproxyRule {
 public:
  HaproxyRule(unsigned rise, unsigned fall, bool fully_up)
      : rise_(rise), most_(rise + fall - 1), health_(fully_up ? most_ : rise) {}

  void note(bool passed) {
    if (passed) {
      if (health_ < most_) ++health_;
      if (health_ >= rise_) health_ = most_;
    } else {
      if (health_ > 0) --health_;
      if (health_ < rise_) health_ = 0;
    }
  }
  bool up() const { return health_ >= rise_; }
  unsigned against() const { return up() ? most_ - health_ : health_; }

 private:
  unsigned rise_;
  unsigned most_;
  unsigned health_;
};

}  // namespace elblab::peers
