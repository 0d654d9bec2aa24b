#include "analysis/diagnosis/client_meetings.hpp"

#include <algorithm>

namespace elblab::diagnosis {
namespace {

// Of the connections of addresses that came again, those whose address met one server only. With
// two servers and no bond at all, chance does not make that of kLeastAgain meetings in a lifetime.
constexpr double kBound = 0.95;
constexpr double kLeastAgain = 30;

using ServersMet = std::map<std::string, double>;  // server -> connections

bool is_of(const Unevenness& group, const std::string& server) {
  return std::find(group.servers.begin(), group.servers.end(), server) != group.servers.end();
}

bool was_away(const Unevenness& group, const UnevenParts& parts, const std::string& server) {
  const auto found = std::find(group.servers.begin(), group.servers.end(), server);
  const double away = parts.away[static_cast<std::size_t>(found - group.servers.begin())];
  return away > 0 && away < 1;
}

void count(const std::string& client, const ServersMet& servers, bool had_to_move,
           ClientMeetings& meetings) {
  double times = 0;
  auto most = servers.begin();
  for (auto met = servers.begin(); met != servers.end(); ++met) {
    times += met->second;
    if (met->second > most->second) most = met;
  }
  ++meetings.addresses;
  meetings.all += times;
  if (times > meetings.of_busiest) {
    meetings.of_busiest = times;
    meetings.busiest = client;
    meetings.its_server = most->first;
    meetings.to_its_server = most->second;
  }
  if (times < 2 || (had_to_move && servers.size() > 1)) return;
  meetings.again += times - 1;
  if (servers.size() == 1) meetings.bound += times - 1;
}

}  // namespace

bool ClientMeetings::came_again() const { return again >= kLeastAgain; }
bool ClientMeetings::holds() const { return came_again() && bound >= kBound * again; }

ClientMeetings meetings_of(const std::vector<trace::TrafficRow>& traffic, const Unevenness& group,
                           const UnevenParts& parts) {
  ClientMeetings meetings;
  std::map<std::string, ServersMet> servers_of;
  for (const trace::TrafficRow& row : traffic) {
    if (!is_of(group, row.server)) continue;
    if (row.client.empty()) {
      meetings.cut = true;
    } else {
      servers_of[row.client][row.server] += static_cast<double>(row.connections);
    }
  }
  for (const auto& [client, servers] : servers_of) {
    const bool had_to_move = std::any_of(servers.begin(), servers.end(), [&](const auto& met) {
      return was_away(group, parts, met.first);
    });
    count(client, servers, had_to_move, meetings);
  }
  return meetings;
}

}  // namespace elblab::diagnosis
