#include "models/scheduling/decision.hpp"

namespace elblab::scheduling {

std::vector<Weighed> weighed(const Candidates& candidates) {
  std::vector<Weighed> all;
  all.reserve(candidates.size());
  for (std::size_t server = 0; server < candidates.size(); ++server) {
    all.push_back({server, candidates.key(server), candidates[server], std::nullopt});
  }
  return all;
}

}  // namespace elblab::scheduling
