// What the nodes of a cluster send, on its way out: the port its destination is behind, and the
// bandwidth of the public address where there is one.
//
// A node has counted such a packet as forwarded or made. What does not leave after all - no route,
// no bandwidth - is counted and recorded here; correct() brings the sums of the nodes in line.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/forwarding/cluster.hpp"
#include "models/forwarding/ledger.hpp"
#include "models/forwarding/public_address.hpp"
#include "models/forwarding/route_table.hpp"

namespace elblab::forwarding {

enum class Origin : std::uint8_t { received, made };

class Departures {
 public:
  // public_address: nullptr for no limit. Both must outlive this; so must the ledger.
  Departures(std::vector<Route> routes, PublicAddress* public_address, Ledger& ledger)
      : routes_(std::move(routes)), public_address_(public_address), ledger_(ledger) {}

  const RouteTable& routes() const { return routes_; }

  void send(std::span<const std::uint8_t> packet, Origin origin, Instant now, PortOutput& out);
  // What has waited for bandwidth long enough.
  void release(Instant now, PortOutput& out);
  void correct(ForwarderCounters& sum) const;

 private:
  struct Count {
    std::uint64_t forwarded = 0;  // packets a node passed on
    std::uint64_t forwarded_bytes = 0;
    std::uint64_t made = 0;  // packets a node made
    void add(Origin origin, std::size_t bytes);
    void take_away(Origin origin, std::size_t bytes);
  };

  // False: it waits, or was dropped.
  bool passes_limit(std::span<const std::uint8_t> packet, Origin origin, PortIndex port,
                    Instant now);
  void drop(telemetry::Reason reason, std::span<const std::uint8_t> packet, Origin origin,
            Instant now);

  RouteTable routes_;
  PublicAddress* public_address_;
  Ledger& ledger_;
  Count waiting_;
  Count dropped_;
};

}  // namespace elblab::forwarding
