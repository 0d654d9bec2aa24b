#include "analysis/diagnosis/cause.hpp"

namespace elblab::diagnosis {
namespace {

Curve part_of(const Curve& whole, const std::map<CauseId, Curve>& shares, CauseId cause) {
  const auto share = shares.find(cause);
  Curve part(whole.size(), 0.0);
  for (std::size_t i = 0; share != shares.end() && i < part.size(); ++i) {
    part[i] = whole[i] * share->second[i];
  }
  return part;
}

}  // namespace

Claims claims_on_the_network(const Case& run, CauseId cause) {
  Claims claims;
  claims.waiting = waiting_on_the_network(run, cause);
  claims.syns = part_of(run.where.syns_lost, run.where.of_lost_syns, cause);
  claim_held_ports(run, claims);
  return claims;
}

Curve waiting_on_the_network(const Case& run, CauseId cause) {
  return part_of(run.where.on_the_network, run.where.on_the_way, cause);
}

void claim_held_ports(const Case& run, Claims& claims) {
  const HeldPorts held = ports_held(run.seen, run.load, run.where, claims.waiting);
  claims.refused = held.refused;
  add(claims.syns, held.syns);
  add(claims.syns, held.table);
}

void claim_refusals(const Case& run, CauseId cause, Claims& claims) {
  if (claims.rejected.empty()) claims.rejected = Curve(run.seen.grid().columns, 0.0);
  std::string last_host;
  for (const DeadServer& dead : run.where.dead) {
    if (dead.blamed != cause) continue;
    if (dead.how == Death::refuses) add(claims.rejected, dead.amount);
    if (dead.how != Death::closed_port || host_of(dead.server) == last_host) continue;
    last_host = host_of(dead.server);
    const Curve* told = run.seen.counter("icmp_unreachable_sent", MeasureScope::host, last_host);
    if (told != nullptr) add(claims.rejected, *told);
  }
}

}  // namespace elblab::diagnosis
