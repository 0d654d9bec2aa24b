// A NAT box: hosts inside share its outer addresses, told apart by ports (NAPT; RFC 3022 §2.2).
// What a client behind one does to the five-tuples that balancers and servers see is FTC-S19.
//
//   inside host -> [source: inside endpoint -> outer address and port] -> outside
//   outside -> outer endpoint -> [destination -> inside endpoint]      -> inside host
//
// As RFC 4787, 5382 and 5508 recommend unless configured otherwise (config::Nat): mapping and
// filtering endpoint-independent, or both per destination address and port; an inside address keeps
// to one outer address; mappings are refreshed by packets of either side; inside hosts reach each
// other through their outer endpoints (hairpinning, RFC 4787 REQ-9: the one called sees the outer
// endpoint of the caller). TCP, UDP and echoes begin from inside; from outside a flow may begin
// where a mapping is held and counts for every destination. TCP begins with a SYN. Parity of ports,
// ranges of ports below 1024, application gateways and fragments are not built, nor is IPv6.
//
// It makes no packets: it answers no echo to itself, sends no ICMP error, and does not reset what
// it forgets. What it cannot translate is dropped: translation_table_full (no port, no session
// left), no_connection (nothing mapped), no_route (to an inside host past the mappings),
// martian_source.
//
// What it takes of a packet: everything from an inside address but what goes straight to another
// inside address, an ICMP error about a packet to an inside address (also where a router has sent
// it), everything to an outer address, and what tries to reach an inside address from outside. All
// of it is certain; it holds no answers for others. O(1) per packet, no allocation once its tables
// have grown. Ports and hash seeds come from the stream alone: same packets, same bytes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/middlebox/icmp_translation.hpp"
#include "models/middlebox/inside_networks.hpp"
#include "models/middlebox/translations.hpp"
#include "models/net/endpoint_map.hpp"
#include "models/network/node.hpp"

namespace elblab::middlebox {

struct NatCounters {
  std::uint64_t packets_in = 0;
  std::uint64_t packets_sent = 0;
  std::uint64_t hairpinned = 0;  // of packets_sent, those from inside to inside
  std::array<std::uint64_t, static_cast<std::size_t>(telemetry::Reason::count_)> dropped{};

  std::uint64_t dropped_total() const;
  // Packets that would have begun something, and found no port or no session left.
  std::uint64_t refused() const {
    return dropped[static_cast<std::size_t>(telemetry::Reason::translation_table_full)];
  }
  bool conserved() const { return packets_in == packets_sent + dropped_total(); }
};

// O(1) to read. Ports: addresses x ports, per destination that had one so far if mappings count for
// one destination; a port in quarantine is in use.
struct NatGauges {
  std::uint64_t sessions = 0;
  std::uint64_t mappings = 0;
  std::uint64_t ports_in_use = 0;
  std::uint64_t ports = 0;
};

class NetworkAddressTranslator final : public network::Node {
 public:
  // nat: one that config::validate() passes. recorder must outlive the node; object: as what it
  // records sessions and drops. place: of the Fabric that its inside hosts are on;
  // attached to others as well, these pass on to it what is its own.
  NetworkAddressTranslator(const config::Nat& nat, random::Stream stream,
                           telemetry::ObjectId object, telemetry::Recorder& recorder,
                           std::uint16_t place = 0);
  NetworkAddressTranslator(const NetworkAddressTranslator&) = delete;
  NetworkAddressTranslator& operator=(const NetworkAddressTranslator&) = delete;

  std::vector<net::IpAddress> addresses() const override { return addresses_; }
  std::vector<net::Subnet> inside() const override { return inside_.subnets(); }
  network::Claim claim(const net::PacketView& packet) const override;
  std::optional<network::HeldFlow> held_flow(const network::Claim&) const override { return {}; }
  bool receive(net::PacketView& packet, std::size_t received_bytes, const network::Claim& claim,
               Instant now, network::NodeOutput& out) override;
  Instant next_deadline() const override { return translations_.next_deadline(); }
  void advance(Instant now, network::NodeOutput&) override { translations_.advance(now); }
  void finish(Instant now) override { translations_.finish(now); }
  network::NodeCounts counts() const override;

  // A flow of an inside host (inside -> remote) as the outside sees it; nullopt: not translated
  // now.
  std::optional<net::FlowKey> outer_flow(const net::FlowKey& inside_flow) const;

  const NatCounters& counters() const { return counters_; }
  const TranslationCounters& translation_counters() const { return translations_.counters(); }
  // Of one protocol, ports are its own; sessions and mappings are always all.
  NatGauges gauges() const;
  NatGauges gauges(net::Protocol protocol) const;

 private:
  bool is_outer(const net::IpAddress& address) const { return outer_.contains({address, 0}); }
  bool is_martian(const net::IpAddress& source) const;
  telemetry::Reason translate(net::PacketView& packet, const network::Claim& claim, Instant now);
  telemetry::Reason outward(net::PacketView& packet, Instant now);
  telemetry::Reason inward(net::PacketView& packet, Instant now);
  void drop(telemetry::Reason reason, const net::FlowKey& flow, Instant now);

  std::vector<net::IpAddress> addresses_;
  net::EndpointMap outer_;
  bool takes_unasked_;  // from outside, where a mapping counts for every destination
  InsideNetworks inside_;
  Translations translations_;
  IcmpTranslation icmp_;
  telemetry::ObjectId object_;
  telemetry::Recorder& recorder_;
  std::uint16_t place_;
  NatCounters counters_;
};

}  // namespace elblab::middlebox
