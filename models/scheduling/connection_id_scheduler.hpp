// Connection ID (SCH-02, STK-22): what QUIC groups choose by, so that a client whose address
// changes stays where its connection is (IMB-16).
//
// Assumed, as the sources give the name only: a client's first datagrams carry an ID of its own
// choice, so they go by the hash of its address; from the answer on it uses an ID that its server
// gave out, of a length that is configured, which the node has learned from the answer
// (answered()). What carries no ID that is known goes by the address: other things than QUIC,
// versions that are only being negotiated, everything where IDs have length 0. What IDs servers
// give out later, encrypted (NEW_CONNECTION_ID), no balancer sees: a client that takes one of those
// together with another address is sent by that address, unless it keeps its old ID, as it does
// when only a NAT in between changed.
//
// The ID has to be asked with every datagram, before the binding of its flow: a NAT may give the
// old port to another client. holder() is for that.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "models/scheduling/connection_id_table.hpp"
#include "models/scheduling/scheduler.hpp"
#include "models/scheduling/source_ip_hash.hpp"

namespace elblab::scheduling {

class ConnectionIdScheduler final : public Scheduler {
 public:
  struct Settings {
    std::size_t id_bytes = 8;           // of the IDs that servers give out: 0..20
    std::uint32_t capacity = 1u << 16;  // IDs that are remembered
    std::uint64_t hash_seed = 0;        // of the table of IDs: drawn for the run
    config::SourceHash source_hash;     // of what goes by the address
  };
  explicit ConnectionIdScheduler(const Settings& settings);

  Decision explain(const Candidates& candidates, const Arrival& arrival) override;
  void reset(std::size_t servers) override;

  // A server's datagram to a client passes: what ID it gives out. A negotiation of the version
  // gives out none: it repeats the client's.
  void answered(std::size_t server, std::span<const std::uint8_t> datagram);
  // The server that gave out the ID of a client's datagram, whether it is usable or not; counts as
  // a use of the ID.
  std::optional<std::size_t> holder(std::span<const std::uint8_t> datagram);

  const ConnectionIdTable* table() const { return table_ ? &*table_ : nullptr; }

 protected:
  std::optional<std::size_t> choose(const Candidates& candidates, const Arrival& arrival) override;

 private:
  std::optional<ConnectionIdTable> table_;  // none where IDs have no length
  SourceIpHash by_address_;
};

}  // namespace elblab::scheduling
