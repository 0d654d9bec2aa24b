#include "scenarios/random/draft.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace elblab::random_scenarios {
namespace {

std::string names(const std::string& stem, unsigned count) {
  return count == 1 ? stem + "1" : fmt::format("{}[1..{}]", stem, count);
}

}  // namespace

double Load::length() const {
  double sum = 0;
  for (const Window& window : windows) sum += window.length;
  return sum;
}

double Servers::largest_share() const {
  if (weights.empty()) return 1.0 / hosts;
  const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
  return *std::max_element(weights.begin(), weights.end()) / all;
}

std::string Lane::client_names() const { return names(name + "c", clients.hosts); }
std::string Lane::server_names() const { return names(name + "s", servers.hosts); }

double Draft::end_of_load() const {
  double end = 0;
  for (const Lane& lane : lanes) end = std::max(end, lane.load.end());
  return end;
}

bool Draft::full_nat(const Lane& lane) const {
  if (ip_as_backend) return true;
  return !lane.transfer_client_ip.value_or(profile == "dedicated");
}

}  // namespace elblab::random_scenarios
