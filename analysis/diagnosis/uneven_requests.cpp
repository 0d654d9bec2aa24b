#include "analysis/diagnosis/uneven_requests.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/diagnosis/servers.hpp"

namespace elblab::diagnosis {
namespace {

// Of a server's connections: refused, or without an answer to their SYN.
constexpr double kLeftAlone = 0.01;
// Requests that a server would have answered in the time in which it answered none, at the rate of
// the other times: more is no chance (once in 20,000).
constexpr double kMissed = 10;
constexpr double kOncePerConnection = 1.5;  // requests; no more are made on connections once used

// Whether requests go to connections otherwise than connections go to servers.
bool are_unevenly_asked(const UnevenRequests& group) {
  const double requests = std::accumulate(group.requests.begin(), group.requests.end(), 0.0);
  const double connections =
      std::accumulate(group.connections.begin(), group.connections.end(), 0.0);
  if (requests < kOncePerConnection * connections) return false;
  double least = requests;
  double most = 0;
  bool beyond_chance = false;
  for (std::size_t i = 0; i < group.servers.size(); ++i) {
    const double each = ratio(group.requests[i], group.connections[i]);
    least = std::min(least, each);
    most = std::max(most, each);
    const double due = requests * group.connections[i] / connections;
    const double chance = 4 * std::sqrt(std::max(1.0, due));
    beyond_chance = beyond_chance || std::abs(group.requests[i] - due) > chance;
  }
  return beyond_chance && most >= kUnevenRequests * least;
}

double sum_in(const Curve& values, const Curve& columns) {
  return std::inner_product(values.begin(), values.end(), columns.begin(), 0.0);
}

class RequestsReading {
 public:
  RequestsReading(const Case& run, UnevenRequests group) : run_(run), group_(std::move(group)) {}

  // nullopt: not told of this group, or its connections carry like numbers.
  std::optional<UnevenRequests> read() {
    if (group_.servers.size() < 2 || !read_servers() || !are_unevenly_asked(group_)) {
      return std::nullopt;
    }
    for (std::size_t i = 0; i < group_.servers.size(); ++i) {
      if (left_connections_alone(i) || stopped_answering(i)) return std::nullopt;
    }
    if (!also_while_all_were_there()) return std::nullopt;
    return std::move(group_);
  }

 private:
  const Curve* served(std::size_t i) const {
    return run_.seen.counter("served", MeasureScope::host, host_of(group_.servers[i]));
  }

  // false: something is not recorded, or a server had no connection.
  bool read_servers() {
    all_served_ = Curve(run_.seen.grid().columns, 0.0);
    for (std::size_t i = 0; i < group_.servers.size(); ++i) {
      const Curve* scheduled =
          run_.seen.counter("scheduled", MeasureScope::server, group_.servers[i]);
      if (served(i) == nullptr || scheduled == nullptr || total(*scheduled) <= 0) return false;
      group_.requests.push_back(total(*served(i)));
      group_.connections.push_back(total(*scheduled));
      in_service_.push_back(in_service(group_.servers[i]));
      add(all_served_, *served(i));
    }
    return true;
  }

  // 1 in columns in which it was all the time.
  Curve in_service(const std::string& server) const {
    Curve there(run_.seen.grid().columns, 1.0);
    const Level* weight = run_.seen.gauge("weight", MeasureScope::server, server);
    for (std::size_t i = 0; weight != nullptr && i < there.size(); ++i) {
      if (weight->low[i] <= 0) there[i] = 0;
    }
    return there;
  }

  bool left_connections_alone(std::size_t i) const {
    const auto signs = run_.sessions.servers.find(group_.servers[i]);
    if (signs == run_.sessions.servers.end()) return false;
    return total(signs->second.refused) + total(signs->second.unanswered) >
           kLeftAlone * group_.connections[i];
  }

  // The longest time without an answer while others of the group gave some.
  bool stopped_answering(std::size_t i) const {
    const Curve& answers = *served(i);
    double asked = 0;
    double gap = 0;
    double longest = 0;
    for (std::size_t column = 0; column < answers.size(); ++column) {
      if (all_served_[column] <= 0 || in_service_[i][column] <= 0) continue;
      ++asked;
      gap = answers[column] > 0 ? 0 : gap + 1;
      longest = std::max(longest, gap);
    }
    const double missed = longest * ratio(group_.requests[i], asked - longest);
    return longest >= asked || missed >= kMissed;
  }

  bool also_while_all_were_there() const {
    Curve there(run_.seen.grid().columns, 1.0);
    for (const Curve& one : in_service_) {
      for (std::size_t i = 0; i < there.size(); ++i) there[i] *= one[i];
    }
    const double columns = total(there);
    if (columns >= static_cast<double>(there.size())) return true;
    UnevenRequests then = group_;
    for (std::size_t i = 0; i < then.servers.size(); ++i) {
      const Level* open =
          run_.seen.gauge("active_connections", MeasureScope::server, then.servers[i]);
      if (columns <= 0 || open == nullptr) return false;
      then.requests[i] = sum_in(*served(i), there);
      then.connections[i] = sum_in(open->mean, there) / columns;
      if (then.connections[i] <= 0) return false;
    }
    return are_unevenly_asked(then);
  }

  const Case& run_;
  UnevenRequests group_;
  std::vector<Curve> in_service_;  // by server
  Curve all_served_;
};

}  // namespace

std::vector<UnevenRequests> unevenly_asked_groups(const Case& run) {
  std::map<std::string, int> members_on;
  std::map<std::string, UnevenRequests> groups;
  const auto& servers = run.seen.objects(MeasureScope::server);
  for (const std::string& server : servers) {
    ++members_on[host_of(server)];
    UnevenRequests& group = groups[group_of(server)];
    group.group = group_of(server);
    group.servers.push_back(server);
  }
  std::vector<UnevenRequests> uneven;
  for (auto& [name, group] : groups) {
    const bool own_hosts =
        std::all_of(group.servers.begin(), group.servers.end(),
                    [&](const auto& server) { return members_on[host_of(server)] == 1; });
    if (!own_hosts) continue;
    auto found = RequestsReading(run, std::move(group)).read();
    if (found) uneven.push_back(*std::move(found));
  }
  return uneven;
}

}  // namespace elblab::diagnosis
