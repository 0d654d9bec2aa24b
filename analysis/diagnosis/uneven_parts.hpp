// What makes the new connections of a group uneven, part by part: its servers' weights, the time
// that each was in service, and what is left, which neither explains.
//
// Weights are those that the scheduler saw (measure `weight`: 0 while a server is not in service).
// Under the source hash all that are not 0 count alike (group_rules.hpp). Beside what each server
// got stands what it was due by the weights of every moment; what it would have been due had all
// been in service all the time, with the weights they had when they were; and what, had all of them
// the same weight, for the time that they were in service. Samples in which a weight or a rule
// changed say nothing about what followed from it, and are left out of the judgement as long as the
// others have most of the connections. O(servers × columns).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/diagnosis/group_rules.hpp"
#include "analysis/diagnosis/symptoms.hpp"

namespace elblab::diagnosis {

struct UnevenParts {
  std::vector<double> due;         // of each server, by the weights of every moment
  std::vector<double> by_weight;   // ... by weights alone
  std::vector<double> by_service;  // ... by time in service alone
  std::vector<double> away;        // share of the connections that came while it was not in service
  bool weights_differ = false;     // enough to make a group uneven, or to do their part of it
  bool service_differs = false;
  bool follows = false;  // what servers got is what they were due, chance apart
  // It is not, but only where clients' addresses decided, and of enough connections to explain it.
  bool is_of_addresses = false;
  GroupRules rules;

  // The part of the unevenness that is each one's, 0 … 1; together 1 where any of them is.
  double part_of_weights() const;
  double part_of_service() const;
  double part_of_rest() const;

  // Connections that would have to go elsewhere, 0 … 1 of all, to make them even.
  double skew_of_weights = 0;
  double skew_of_service = 0;
  double skew_of_rest = 0;
};

// nullopt: a weight is not recorded.
std::optional<UnevenParts> parts_of(const Observations& seen, const Unevenness& group);

// "app/b1 75 % (75 % due), app/b2 …", of the first servers.
std::string shares_text(const Unevenness& group, const std::vector<double>& due);
// `scheduled` of every server, those first that got most and least.
std::vector<std::string> scheduled_measures(const Unevenness& group);

}  // namespace elblab::diagnosis
