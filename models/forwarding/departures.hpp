// What the nodes of a balancer send, on its way out through the bandwidth of the public address.
//
// A node has counted such a packet as forwarded or made. What does not leave after all, or not yet,
// is counted and recorded here; correct() brings the sums of the nodes in line.
#pragma once

#include <cstdint>
#include <span>

#include "models/forwarding/ledger.hpp"
#include "models/forwarding/public_address.hpp"
#include "models/network/node.hpp"

namespace elblab::forwarding {

class Departures {
 public:
  // Both must outlive this.
  Departures(PublicAddress& public_address, Ledger& ledger)
      : public_address_(public_address), ledger_(ledger) {}

  void send(std::span<const std::uint8_t> packet, network::Origin origin, Instant now,
            network::NodeOutput& out);
  // What has waited for bandwidth long enough.
  void release(Instant now, network::NodeOutput& out);
  void correct(ForwarderCounters& sum) const;

 private:
  struct Count {
    std::uint64_t forwarded = 0;  // packets a node passed on
    std::uint64_t forwarded_bytes = 0;
    std::uint64_t made = 0;  // packets a node made
    void add(network::Origin origin, std::size_t bytes);
    void take_away(network::Origin origin, std::size_t bytes);
  };

  void drop(std::span<const std::uint8_t> packet, network::Origin origin, Instant now);

  PublicAddress& public_address_;
  Ledger& ledger_;
  Count waiting_;
  Count dropped_;
};

}  // namespace elblab::forwarding
