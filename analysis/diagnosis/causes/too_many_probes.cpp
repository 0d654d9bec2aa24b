// DIAG-17, HC-13, HC-14: every node probes at the interval, so that a server sees many times as
// many probes as the interval suggests. No failure; worth a word where they are very many.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

// Probes per second at a server that are very many, whatever else it does.
constexpr double kVeryMany = 5;

class TooManyProbes final : public Cause {
 public:
  CauseId id() const override { return CauseId::too_many_probes; }

  bool applies(const Case& run) const override { return most_probed(run) != nullptr; }

  Claims claims(const Case&) const override { return {}; }

  Finding finding(const Case& run, const Granted&, Finding finding) const override {
    const CheckedServer* server = most_probed(run);
    if (server == nullptr) return ruled_out(std::move(finding), "they are few");
    const CheckSettings& check = *server->check;
    finding.standing = Standing::found;
    finding.confidence = Confidence::possible;
    finding.title =
        fmt::format("{:.3g} probes per second at {}", rate_of(run, *server), server->name);
    Evidence evidence;
    evidence.text = fmt::format(
        "{} nodes probe each server of {} once in {:g} s: {} / {:g} s = {:.3g} probes per second; "
        "{} got {} in all",
        check.nodes, group_of(server->name), to_seconds(check.interval), check.nodes,
        to_seconds(check.interval), check.probes_per_second(), server->name,
        count_text(server->probes));
    evidence.measures = {measure_text("probes", server->name)};
    evidence.query = sum_query(evidence.measures.front());
    finding.evidence.push_back(std::move(evidence));
    return finding;
  }

 private:
  static double rate_of(const Case& run, const CheckedServer& server) {
    return ratio(server.probes, to_seconds(run.seen.grid().length));
  }

  static const CheckedServer* most_probed(const Case& run) {
    const CheckedServer* most = nullptr;
    for (const CheckedServer& server : run.where.health.servers) {
      const double rate = rate_of(run, server);
      // A check that was changed in between has no arithmetic.
      if (server.check->changed || rate < kVeryMany) continue;
      if (most == nullptr || rate > rate_of(run, *most)) most = &server;
    }
    return most;
  }
};

}  // namespace

const Cause& too_many_probes() {
  static const TooManyProbes kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
