// Finds out what the addresses of a capture are to a balancer, before it is replayed.
//
// If the balancer's addresses occur in the capture, they are what they say. Otherwise rules name
// the endpoints that play their parts, or a guess is made. Where the capture was taken follows from
// the legs that packets are on.
#pragma once

#include <string>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "pcap/reader.hpp"
#include "pcap/replay/endpoint_rule.hpp"
#include "pcap/replay/side.hpp"

namespace elblab::replay {

struct RoleRequest {
  std::vector<EndpointRule> rules;  // --map, --map-server
  bool guess = false;               // --guess
  // Where probes of health checks come from; empty: from the balancers' own nodes.
  std::vector<net::Subnet> probe_sources;
};

struct Roles {
  Side side = Side::before_balancer;
  std::vector<EndpointRule> rules;     // asked for and guessed
  std::vector<std::string> sentences;  // what was found, and how it was guessed
};

// Reads the capture (65,536 packets of it, if they tell enough) and rewinds it. Error: one message
// that names what does occur and the option that would help.
Expected<Roles> find_roles(pcap::Reader& reader, const std::string& capture_name,
                           Balancers balancers, const RoleRequest& request);

}  // namespace elblab::replay
