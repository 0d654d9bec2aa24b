// Collects what validate() finds. Private to models/config.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/config/validation.hpp"

namespace elblab::config {

class ProblemList {
 public:
  void add(std::string field, std::string message, std::string_view fact) {
    problems_.push_back({std::move(field), std::move(message), std::string(fact)});
  }
  // "weight 101 is outside 0..100"
  template <typename T>
  void check_range(const std::string& field, std::string_view what, T value, T low, T high,
                   std::string_view fact) {
    if (value >= low && value <= high) return;
    add(field,
        std::string(what) + " " + text(value) + " is outside " + text(low) + ".." + text(high),
        fact);
  }
  void refuse_unsupported(const std::string& field, const std::string& what,
                          std::string_view fact) {
    add(field, what + " is not supported yet", fact);
  }

  std::vector<Problem> take() { return std::move(problems_); }

  static std::string text(Duration value);  // "9.5 s"
  static std::string text(std::uint64_t value) { return std::to_string(value); }

 private:
  std::vector<Problem> problems_;
};

// The parts of validate(), each with its own file.
void validate_addresses(const LoadBalancer& balancer, ProblemList& problems);
void validate_source_pool(const LoadBalancer& balancer, ProblemList& problems);
void validate_listeners(const LoadBalancer& balancer, ProblemList& problems);
void validate_groups(const LoadBalancer& balancer, ProblemList& problems);
void validate_health_check(const BackendGroup& group, ProblemList& problems);
void validate_stickiness(const Profile& profile, const BackendGroup& group, ProblemList& problems);

// True when a listener with fullNAT refers to the group.
bool reached_by_full_nat(const LoadBalancer& balancer, const BackendGroup& group);

}  // namespace elblab::config
