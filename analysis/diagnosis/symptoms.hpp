// What the user would complain about: requests and connections that failed, slow answers, lost
// sessions, uneven traffic. Thresholds are shares of the load, so that one failure in ten is a
// symptom in a small run and ten in a million are none in a large one; requests that are merely
// under way when the run ends are none.
#pragma once

#include <string>
#include <vector>

#include "analysis/diagnosis/cause.hpp"

namespace elblab::diagnosis {

// From this share of the requests on failures are a symptom, and slow answers of the answers.
inline constexpr double kFailureShare = 0.001;
inline constexpr double kSlowShare = 0.005;

bool answers_are_slow(const Load& load);
// Of the requests of users, but the first of each, kFailureShare met a server that did not know
// them.
bool sessions_are_lost(const UserBook& users);

// New connections per server of a group where they differ: the largest share over the smallest.
struct Unevenness {
  std::string group;
  std::vector<std::string> servers;  // "app/b1"
  std::vector<double> connections;   // of each
  double all = 0;
  std::string most;   // the server with the largest share
  std::string least;  // ... and with the smallest
  double largest = 0;
  double smallest = 0;
};
// Every group.
std::vector<Unevenness> scheduled_groups(const Observations& seen);
// Groups in which a server got at least kUneven times what another did, by more than chance; none
// that shares out open connections (least connections) and has like numbers of those.
inline constexpr double kUneven = 1.5;
bool is_level_by_open(const Observations& seen, const Unevenness& group);
std::vector<Unevenness> uneven_groups(const Observations& seen);

// How many groups complain of uneven connections, and how many of uneven requests, together.
double uneven_complaints(const Case& run);

std::vector<Symptom> find_symptoms(const Case& run);

}  // namespace elblab::diagnosis
