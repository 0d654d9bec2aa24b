#include "models/health/judgement.hpp"

#include "models/contract/require.hpp"

namespace elblab::health {

Judgement::Judgement(unsigned retries, Verdict initial) : retries_(retries), verdict_(initial) {
  ELBLAB_REQUIRE(retries >= 1, "one result at least decides");
}

void Judgement::set_retries(unsigned retries) {
  ELBLAB_REQUIRE(retries >= 1, "one result at least decides");
  retries_ = retries;
}

unsigned Judgement::needed(bool passed) const {
  return passed && verdict_ == Verdict::unknown ? 1 : retries_;
}

bool Judgement::note(bool passed) {
  const Verdict told = passed ? Verdict::healthy : Verdict::unhealthy;
  if (told == verdict_) {
    against_ = 0;
    return false;
  }
  // Of an unknown server only failures are counted: a success decides.
  if (++against_ < needed(passed)) return false;
  verdict_ = told;
  against_ = 0;
  return true;
}

}  // namespace elblab::health
