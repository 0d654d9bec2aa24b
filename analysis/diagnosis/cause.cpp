#include "analysis/diagnosis/cause.hpp"

namespace elblab::diagnosis {

Claims claims_on_the_network(const Case& run, const Curve& part) {
  Claims claims;
  claims.waiting = run.where.on_the_network;
  claims.syns = run.where.syns_lost;
  for (std::size_t i = 0; i < claims.waiting.size(); ++i) {
    claims.waiting[i] *= part[i];
    claims.syns[i] *= part[i];
  }
  claim_held_ports(run, claims);
  return claims;
}

void claim_held_ports(const Case& run, Claims& claims) {
  const HeldPorts held = ports_held(run.seen, run.load, run.where, claims.waiting);
  claims.refused = held.refused;
  add(claims.syns, held.syns);
}

}  // namespace elblab::diagnosis
