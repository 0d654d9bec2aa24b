// Guesses which endpoints of a capture are listeners and servers, and says why in sentences.
//
// What receives SYNs (or first datagrams) is a service; SYNs that had been sent to another endpoint
// just before, with the same sequence number, were passed on by a balancer: where they arrive are
// servers. Without such SYNs, several endpoints of one port that are asked are servers of a capture
// on the server side; one is a listener.
#pragma once

#include <string>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "pcap/replay/endpoint_rule.hpp"
#include "pcap/replay/survey.hpp"

namespace elblab::replay {

struct Guess {
  std::vector<EndpointRule> rules;     // empty: nothing fits
  std::vector<std::string> sentences;  // one per rule, and what was left out
};

Guess guess_roles(const Survey& survey, const config::LoadBalancer& balancer);

// "203.0.113.5:443 (tcp) receives 213 of 220 SYNs and answers 209"
std::string sentence_about(const Service& service, const std::vector<Service>& all);

}  // namespace elblab::replay
