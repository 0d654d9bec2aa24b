// Whose packets are kept: the first connections of each client host, and of every kind of trouble
// the first few.
//
// A host with several addresses is one host where the world says so; any other address is a host of
// its own. Bounded: beyond kMostHosts addresses and kMostFirst connections nobody is among the
// first.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "models/net/flow_key.hpp"
#include "models/telemetry/recorder.hpp"
#include "worlds/packets/packet_keeping.hpp"

namespace elblab::worlds {

// What became of a connection, as its packets and records tell.
struct ConnectionOutcome {
  telemetry::Reason ended_badly = telemetry::Reason::none;  // none: well, or not at all
  telemetry::Reason dropped = telemetry::Reason::none;      // of its first lost packet
  bool retransmitted = false;
  bool good() const {
    return ended_badly == telemetry::Reason::none && dropped == telemetry::Reason::none &&
           !retransmitted;
  }
};

// Whether a connection that ended so had a mishap: reset, refused, timed out ... An idle timeout is
// the usual end of UDP.
bool is_bad_end(telemetry::Reason reason, net::Protocol protocol);

class PacketSelection {
 public:
  static constexpr std::uint32_t kFirstOfHost = 100;
  static constexpr std::uint32_t kOfEachTrouble = 200;
  static constexpr std::uint32_t kMostFirst = 20'000;
  static constexpr std::size_t kMostHosts = 100'000;

  struct Choice {
    telemetry::PacketChoice why = telemetry::PacketChoice::all;
    telemetry::Reason reason = telemetry::Reason::none;
  };

  explicit PacketSelection(PacketKeeping keeping) : keeping_(keeping) {}

  // Before the run.
  void add_host(const std::vector<net::IpAddress>& addresses);
  // A connection began: whether it is kept whatever becomes of it. Once per connection.
  bool begins(const net::IpAddress& client);
  // It ended; nullopt: its packets are forgotten.
  std::optional<Choice> ends(bool kept_from_its_beginning, const ConnectionOutcome& outcome);

 private:
  struct AddressHash {
    std::size_t operator()(const net::IpAddress& a) const {
      return net::mix64(a.high() ^ 0xA0761D6478BD642FULL, a.low() ^ 0xE7037ED1A0B428DBULL);
    }
  };

  PacketKeeping keeping_;
  std::unordered_map<net::IpAddress, std::uint32_t, AddressHash> host_of_;  // never walked
  std::vector<std::uint32_t> begun_;                                        // of each host
  std::uint32_t first_ = 0;
  std::map<std::pair<telemetry::PacketChoice, telemetry::Reason>, std::uint32_t> kept_;
};

}  // namespace elblab::worlds
