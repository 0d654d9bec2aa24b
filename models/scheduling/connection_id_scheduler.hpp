// Connection ID (SCH-02, STK-22): what QUIC groups choose by, so that a client whose address
// changes stays where its connection is (IMB-16). In front of the scheduler for all the rest.
//
// Assumed, as the sources give the name only [M]: a client's first datagrams carry an ID of its own
// choice, so they go as if there were none, by the hash of its address or by its stickiness; from
// the answer on it uses an ID that its server gave out, of a length that is configured, which the
// table has learned from the answer (answered()). Other things than QUIC, versions that are only
// being negotiated, IDs of another length: all go as if there were none. What IDs servers give out
// later, encrypted (NEW_CONNECTION_ID), no balancer sees: a client that takes one of those together
// with another address is sent by that address, unless it keeps its old ID, as it does when only a
// NAT in between changed.
//
// The ID has to be asked with every datagram, before the binding of its flow: a NAT may give the
// old port to another client. holder() is for that. O(1) where an ID is known.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "models/scheduling/connection_id_table.hpp"
#include "models/scheduling/scheduler.hpp"

namespace elblab::scheduling {

class ConnectionIdScheduler final : public Scheduler {
 public:
  // table: of this node alone, or shared with the others of a balancer, which number servers alike.
  ConnectionIdScheduler(std::unique_ptr<Scheduler> otherwise,
                        std::shared_ptr<ConnectionIdTable> table);

  Decision explain(const Candidates& candidates, const Arrival& arrival) override;
  void reset(std::size_t servers) override;

  // A server's datagram to a client passes: what ID it gives out. A negotiation of the version
  // gives out none: it repeats the client's.
  void answered(std::size_t server, std::span<const std::uint8_t> datagram);
  // The server that gave out the ID of a client's datagram, whether it is usable or not; counts as
  // a use of the ID.
  std::optional<std::size_t> holder(std::span<const std::uint8_t> datagram);
  // Whether the last one chosen was so for its connection ID.
  bool went_by_id() const { return went_by_id_; }

 protected:
  std::optional<std::size_t> choose(const Candidates& candidates, const Arrival& arrival) override;

 private:
  std::unique_ptr<Scheduler> otherwise_;
  std::shared_ptr<ConnectionIdTable> table_;
  bool went_by_id_ = false;
};

}  // namespace elblab::scheduling
