// STK-06, STK-15: no connection of the client came for as long as stickiness lasts (or, with a
// fixed timer, its time has run out under steady use): the next one is scheduled like that of
// anybody. Where connections that are open are cut with it (CON-04), requests on them fail.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/causes/lost_sessions.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

class StickinessOver final : public Cause {
 public:
  CauseId id() const override { return CauseId::stickiness_over; }

  Claims claims(const Case& run) const override {
    Claims claims;
    claims.reset = run.sessions.cut;
    return claims;
  }

  Finding finding(const Case& run, const Granted& granted, Finding finding) const override {
    const bool loses = loses_sessions(run, kThis);
    if (!loses && !granted.material) {
      return no_sessions_lost(run, std::move(finding), kThis,
                              "no binding of those who lost one was over");
    }
    if (loses) finding = of_lost_sessions(run, std::move(finding));
    return granted.material ? of_cut_connections(run, granted, std::move(finding)) : finding;
  }

 private:
  static constexpr SwitchCause kThis = SwitchCause::stickiness_over;

  static Finding of_lost_sessions(const Case& run, Finding finding) {
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

  static Finding of_cut_connections(const Case& run, const Granted& granted, Finding finding) {
    finding.standing = Standing::found;
    finding.confidence = Confidence::certain;
    finding.explains = granted.share;
    const Span span = span_of(run.sessions.cut, run.seen.grid());
    Evidence evidence;
    evidence.text =
        fmt::format("{} open connections were reset when stickiness was over, the first at {}",
                    count_text(total(run.sessions.cut)), time_text(span.from));
    evidence.query =
        "SELECT count(*) FROM connections_view WHERE role = 'session' AND reason = "
        "'stickiness_over'";
    evidence.from = span.from;
    evidence.to = span.to;
    ConnectionFilter cut;
    cut.role = "session";
    cut.reasons = {"stickiness_over"};
    cut.from = span.from;
    evidence.connections = some_connections(run.seen, cut);
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
