// STK-08, STK-24, second question: does the server that a user is bound to take connections? Where
// it does not, its users go to others, where they are strangers, and so nobody else does.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/causes/lost_sessions.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

class BoundServerOut final : public Cause {
 public:
  CauseId id() const override { return CauseId::bound_server_out; }

  Claims claims(const Case&) const override { return {}; }

  Finding finding(const Case& run, const Granted&, Finding finding) const override {
    constexpr SwitchCause kThis = SwitchCause::bound_server_out;
    if (!loses_sessions(run, kThis)) {
      return no_sessions_lost(run, std::move(finding), kThis,
                              "the servers of those who lost one took connections");
    }
    const LostSessions& lost = run.users.of(kThis);
    std::vector<std::string> servers;
    for (const auto& [server, count] : lost.servers) servers.push_back(server);
    finding = sessions_lost(run, std::move(finding), kThis,
                            fmt::format("{} took no connections for a time", list_text(servers)));
    for (const std::string& server : servers) {
      if (finding.evidence.size() > 3) break;
      add_weight(run, server, finding);
    }
    return finding;
  }

 private:
  static void add_weight(const Case& run, const std::string& server, Finding& finding) {
    const Level* weight = run.seen.gauge("weight", MeasureScope::server, server);
    if (weight == nullptr) return;
    Curve out(run.seen.grid().columns, 0.0);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = weight->low[i] == 0 ? 1 : 0;
    if (total(out) == 0) return;
    const Span span = span_of(out, run.seen.grid());
    const double part =
        ratio(total(out) * run.seen.grid().width_seconds(), to_seconds(span.to - span.from));
    Evidence evidence;
    evidence.text = fmt::format("{} was out of service {}from {} to {}", server,
                                part < 0.99 ? percent_text(part) + " of the time " : "",
                                time_text(span.from), time_text(span.to));
    evidence.measures = {measure_text("weight", server)};
    evidence.query = fmt::format("SELECT min(value) FROM samples_view WHERE measure = '{}'",
                                 measure_text("weight", server));
    evidence.from = span.from;
    evidence.to = span.to;
    finding.evidence.push_back(std::move(evidence));
  }
};

}  // namespace

const Cause& bound_server_out() {
  static const BoundServerOut kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
