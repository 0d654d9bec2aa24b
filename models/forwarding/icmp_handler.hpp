// ICMP at a node: answers echo to its own addresses (FWD-12), and passes on errors about flows that
// it translated, with the quoted packet translated back (RFC 5508 §4).
#pragma once

#include <vector>

#include "models/forwarding/connection_table.hpp"
#include "models/forwarding/ledger.hpp"

namespace elblab::forwarding {

class IcmpHandler {
 public:
  IcmpHandler(const AddressBook& book, const ConnectionTable& table, Ledger& ledger);

  void receive(net::PacketView& packet, Instant now, network::NodeOutput& out);

 private:
  bool is_own(const net::IpAddress& address) const;
  void answer_echo(const net::PacketView& request, Instant now, network::NodeOutput& out);
  void translate(net::PacketView& error, const net::FlowKey& quoted, Instant now,
                 network::NodeOutput& out);
  void translate_from_client(net::PacketView& error, const Connection& c, Instant now,
                             network::NodeOutput& out);
  void translate_from_server(net::PacketView& error, const Connection& c, Instant now,
                             network::NodeOutput& out);

  const AddressBook& book_;
  const ConnectionTable& table_;
  Ledger& ledger_;
  std::vector<std::uint8_t> reply_;  // room for the largest packet, taken once
};

}  // namespace elblab::forwarding
