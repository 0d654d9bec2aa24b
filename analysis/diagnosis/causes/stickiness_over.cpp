// STK-06, STK-15: no connection of the client came for as long as stickiness lasts (or, with a
// fixed timer, its time has run out under steady use): the next one is scheduled like that of
// anybody.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/causes/lost_sessions.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

class StickinessOver final : public Cause {
 public:
  CauseId id() const override { return CauseId::stickiness_over; }

  Claims claims(const Case&) const override { return {}; }

  Finding finding(const Case& run, const Granted&, Finding finding) const override {
    constexpr SwitchCause kThis = SwitchCause::stickiness_over;
    if (!loses_sessions(run, kThis)) {
      return no_sessions_lost(run, std::move(finding), kThis,
                              "no binding of those who lost one was over");
    }
    finding =
        sessions_lost(run, std::move(finding), kThis, "the binding of their address was over");
    Evidence evidence;
    const Duration shortest = run.users.of(kThis).shortest_pause;
    evidence.text = fmt::format("none of these users had paused for less than {}",
                                time_text(kStart + shortest));
    evidence.query = "SELECT min(since_s) FROM user_requests WHERE cause = 'stickiness_over'";
    finding.evidence.push_back(std::move(evidence));
    return finding;
  }
};

}  // namespace

const Cause& stickiness_over() {
  static const StickinessOver kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
