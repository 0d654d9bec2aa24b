// What a balancer's file calls the endpoints of a capture.
#pragma once

#include <span>

#include "pcap/findings/endpoint_names.hpp"
#include "pcap/replay/endpoint_rule.hpp"

namespace elblab::cli {

// Listeners and servers of the balancers, and what rules say plays their parts.
findings::EndpointNames capture_names(replay::Balancers balancers,
                                      std::span<const replay::EndpointRule> rules);

}  // namespace elblab::cli
