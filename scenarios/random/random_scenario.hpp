// Scenarios drawn at random around a hidden cause: what a diagnosis is scored on.
//
// A scenario follows from its seed and the causes to hide, and from nothing else. Everything else
// about it varies - profile, nodes, clients, addresses, servers, wires, kind of load, sizes,
// timing, sampling, users' patience, retries, harmless limits, a second lane that is well - so that
// no threshold fits all. The text is a scenario file that a person can read and run: it says in
// comments what is hidden, and has a run in which exactly that is lifted.
//
//   one cause    what binds is asked for at least 1.2 times what there is; of every other resource
//                at most 75 % is used
//   two          each in a lane of its own; bandwidth, which is common to both, at a time of its
//   own none         no request fails, none is slow: light load, a resource used at 80 ... 95 %, a
//                little loss (at most 0.05 % of the packets, of users who do not mind a second),
//                weights or clients that differ by at most a quarter
//
// Pure: no clock, file or global randomness.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {

// Runs of the file. Of two causes, either can be lifted alone.
inline constexpr const char* kSymptomRun = "symptom";
inline constexpr const char* kRemedyRun = "remedy";  // all causes lifted; not there when none is

struct RandomScenario {
  std::string id;  // "random-client_ports-1000007"
  std::uint64_t seed = 0;
  std::vector<CauseId> causes;
  std::string yaml;
  // What it was made of, for tests and for those who ask why.
  Draft draft;
  std::vector<Hidden> hidden;
  std::vector<Use> uses;
};

// At most two causes, different ones.
RandomScenario random_scenario(std::uint64_t seed, const std::vector<CauseId>& causes);

// "client_ports+bandwidth"; "none".
std::string name_of(const std::vector<CauseId>& causes);

}  // namespace elblab::random_scenarios
