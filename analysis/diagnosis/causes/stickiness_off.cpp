// STK-24, first question: is stickiness enabled on the group? Where it is not, each connection of a
// user is scheduled on its own.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/causes/lost_sessions.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

// From this share of moved users on, stickiness by source address would not have helped them.
constexpr double kMostlyMoved = 0.2;

class StickinessOff final : public Cause {
 public:
  CauseId id() const override { return CauseId::stickiness_off; }

  Claims claims(const Case&) const override { return {}; }

  Finding finding(const Case& run, const Granted&, Finding finding) const override {
    constexpr SwitchCause kThis = SwitchCause::stickiness_off;
    if (!loses_sessions(run, kThis)) {
      return no_sessions_lost(run, std::move(finding), kThis,
                              "every connection that lost one was scheduled by stickiness");
    }
    finding = sessions_lost(run, std::move(finding), kThis,
                            "their connections were scheduled without stickiness");
    const LostSessions& lost = run.users.of(kThis);
    if (ratio(lost.moved, lost.count) >= kMostlyMoved) {
      Evidence evidence;
      evidence.text = fmt::format(
          "in {} of them the address had changed as well, which stickiness by source address would "
          "not have held either",
          percent_text(ratio(lost.moved, lost.count)));
      evidence.query =
          "SELECT count(*) FROM user_requests WHERE cause = 'stickiness_off' AND client <> "
          "client_before";
      finding.evidence.push_back(std::move(evidence));
    }
    return finding;
  }
};

}  // namespace

const Cause& stickiness_off() {
  static const StickinessOff kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
