#include "worlds/packets/packet_selection.hpp"

#include <utility>

namespace elblab::worlds {

using telemetry::PacketChoice;
using telemetry::Reason;

bool is_bad_end(Reason reason, net::Protocol protocol) {
  switch (reason) {
    case Reason::none:
    case Reason::closed_by_local:
    case Reason::closed_by_peer:
    case Reason::closed_by_client:
    case Reason::closed_by_server:
    case Reason::run_ended:
      return false;
    case Reason::idle_timeout:
    case Reason::deregistered:
      return protocol == net::Protocol::tcp;
    default:
      return true;
  }
}

void PacketSelection::add_host(const std::vector<net::IpAddress>& addresses) {
  for (const net::IpAddress& address : addresses) {
    host_of_.emplace(address, static_cast<std::uint32_t>(begun_.size()));
  }
  begun_.push_back(0);
}

bool PacketSelection::begins(const net::IpAddress& client) {
  if (keeping_ == PacketKeeping::all) return true;
  if (first_ >= kMostFirst) return false;
  auto host = host_of_.find(client);
  if (host == host_of_.end()) {
    if (host_of_.size() >= kMostHosts) return false;
    host = host_of_.emplace(client, static_cast<std::uint32_t>(begun_.size())).first;
    begun_.push_back(0);
  }
  if (begun_[host->second] >= kFirstOfHost) return false;
  ++begun_[host->second];
  ++first_;
  return true;
}

std::optional<PacketSelection::Choice> PacketSelection::ends(bool kept_from_its_beginning,
                                                             const ConnectionOutcome& outcome) {
  Choice trouble;
  if (outcome.ended_badly != Reason::none) {
    trouble = {PacketChoice::ended_badly, outcome.ended_badly};
  } else if (outcome.dropped != Reason::none) {
    trouble = {PacketChoice::dropped, outcome.dropped};
  } else if (outcome.retransmitted) {
    trouble = {PacketChoice::retransmitted, Reason::none};
  }
  if (kept_from_its_beginning) {
    const bool all = keeping_ == PacketKeeping::all;
    const Reason reason = trouble.reason;
    return Choice{all ? PacketChoice::all : PacketChoice::first_of_host, reason};
  }
  if (outcome.good()) return std::nullopt;
  std::uint32_t& kept = kept_[{trouble.why, trouble.reason}];
  if (kept >= kOfEachTrouble) return std::nullopt;
  ++kept;
  return trouble;
}

}  // namespace elblab::worlds
