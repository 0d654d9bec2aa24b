// Causes, each as something that can be hidden in a lane of a draft.
//
// hide() draws a load and the resource it exhausts, with the margins by arithmetic (resources.hpp);
// false: the figures drawn do not go together, draw again. The lane has its hosts and the begin of
// its load; the length is up to the cause. To hide another cause, add a file under causes/ and a
// line in hidings.cpp.
#pragma once

#include <string>
#include <vector>

#include "scenarios/random/draft.hpp"
#include "scenarios/random/draw.hpp"
#include "scenarios/random/hidden_cause.hpp"

namespace elblab::random_scenarios {

// A path of the scenario language and its value, as in `set`.
struct Change {
  std::string path;
  std::string value;
};

struct Hidden {
  HiddenCause cause = HiddenCause::client_ports;
  std::string lane;
  double failures = 0;         // requests, estimated; 0: none are expected
  std::string how;             // "600 ports x 1 address / 60 s = 10/s, 22/s are asked for"
  std::vector<Change> remedy;  // lifts this cause and nothing else
  std::string resource;        // that binds (Use::resource); empty: none does
};

// Room for the requests of one run, so that it takes a second or two.
inline constexpr double kMostRequests = 16'000;
inline constexpr double kLongest = 75;  // s of load
inline constexpr double kShortest = 6;

using Hide = bool (*)(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
Hide hiding_of(HiddenCause cause);

bool hide_client_ports(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_bandwidth(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_accept_queue(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_server_cpu(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_balancer_ports(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_uneven_weights(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_packet_loss(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);

}  // namespace elblab::random_scenarios
