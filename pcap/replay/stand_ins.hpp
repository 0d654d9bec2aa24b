// Clients made up for captures on the server side, where fullNAT has put the balancer's source
// addresses in their place: the engine must not see its own addresses come in as clients.
//
// A source address uses one port towards several servers at a time, so a stand-in stands for a
// pair of source address and server; ports are kept. The same pair has the same stand-in, numbered
// in the order of their appearance from 198.18.0.1 (RFC 2544 §C.2.2) or 2001:2::1 (RFC 5180 §8) on.
#pragma once

#include <map>
#include <utility>

#include "models/net/address.hpp"

namespace elblab::replay {

class StandIns {
 public:
  net::Endpoint of(const net::Endpoint& source, const net::Endpoint& server);

 private:
  std::map<std::pair<net::IpAddress, net::Endpoint>, net::IpAddress> known_;
};

}  // namespace elblab::replay
