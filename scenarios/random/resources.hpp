// How much of each resource a drafted scenario asks for, by arithmetic on its figures alone: no run
// decides what is a cause.
//
// Each demand is bounded from both sides: `least` is certainly asked for (payload and the smallest
// headers, connections of those that wait no longer than their patience), `most` is never exceeded
// (all headers and acknowledgements, every retry, a connection for as long as users have patience).
// A resource binds when least is clearly above the limit, and harms nobody when most is below.
#pragma once

#include <string>
#include <vector>

#include "scenarios/random/draft.hpp"

namespace elblab::random_scenarios {

struct Use {
  std::string resource;  // "client_ports", "server_link"
  std::string lane;
  std::string unit;
  double least = 0;
  double most = 0;
  double limit = 0;

  double least_share() const { return least / limit; }
  double most_share() const { return most / limit; }
};

// Every resource of every lane that has a limit.
std::vector<Use> uses_of(const Draft& draft);

// Time from a request to its full answer when nothing is in the way.
double answer_time(const Lane& lane);
// Requests per second that users want at least (each takes all of the user's patience) and at most.
double least_requests(const Lane& lane);
double most_requests(const Lane& lane);

// Bytes of IP packets per request, towards the servers (in) and back (out).
struct RequestBytes {
  double least_in = 0;
  double most_in = 0;
  double least_out = 0;
  double most_out = 0;
};
RequestBytes bytes_of(const Load& load);

}  // namespace elblab::random_scenarios
