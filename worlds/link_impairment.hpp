// What a link does to a packet that has crossed it: loses it, or holds it back a little.
//
// One object per direction, with streams of its own, so that the draws of one direction do not
// depend on the traffic of the other and every kind of link draws alike. Nothing is drawn for a
// probability of 0 or a jitter of 0.
#pragma once

#include "models/random/stream.hpp"
#include "models/time/instant.hpp"

namespace elblab::worlds {

class LinkImpairment {
 public:
  // loss: probability per packet. jitter: each packet is held by uniform [0, jitter].
  LinkImpairment(const random::Stream& stream, double loss, Duration jitter)
      : loss_stream_(stream.child("loss")),
        jitter_stream_(stream.child("jitter")),
        loss_(loss),
        jitter_(jitter) {}

  void set_loss(double probability) { loss_ = probability; }
  bool loses() { return loss_ > 0 && loss_stream_.chance(loss_); }
  bool holds() const { return jitter_.count() > 0; }
  Duration hold() {
    return Duration{static_cast<Duration::rep>(
        jitter_stream_.below(static_cast<std::uint64_t>(jitter_.count()) + 1))};
  }

 private:
  random::Stream loss_stream_;
  random::Stream jitter_stream_;
  double loss_;
  Duration jitter_;
};

}  // namespace elblab::worlds
