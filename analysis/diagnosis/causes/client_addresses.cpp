// SCH-06, SCH-15a, SCH-15c, DIAG-10: where a client's address decides (source IP hash, sticky
// sessions), connections are as uneven as the addresses that they come from: few of them, or one
// with most of the connections.
//
// Told by who met whom, not by what is configured: addresses that came again met the server of the
// first time. Turns can do the same to clients that take turns themselves; then shares are what
// weights say, and weights explain them.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"
#include "analysis/diagnosis/uneven_parts.hpp"

namespace elblab::diagnosis {
namespace {

// Of the connections of addresses that came again, those whose address met one server only. With
// two servers and no bond at all, chance does not make that of kLeastAgain meetings in a lifetime.
constexpr double kBound = 0.95;
constexpr double kLeastAgain = 30;

struct Meetings {
  std::map<std::string, std::map<std::string, double>> servers_of;  // client -> server -> times
  bool cut = false;  // some clients stand together under no name
};

Meetings meetings_of(const std::vector<trace::TrafficRow>& traffic, const Unevenness& group) {
  Meetings meetings;
  for (const trace::TrafficRow& row : traffic) {
    if (std::find(group.servers.begin(), group.servers.end(), row.server) == group.servers.end()) {
      continue;
    }
    if (row.client.empty()) {
      meetings.cut = true;
    } else {
      meetings.servers_of[row.client][row.server] += static_cast<double>(row.connections);
    }
  }
  return meetings;
}

struct Bond {
  double again = 0;  // connections beyond the first of their address
  double bound = 0;  // ... of those whose address met one server only
  double all = 0;
  std::size_t addresses = 0;
  std::string busiest;
  std::string its_server;  // where most of those went
  double to_its_server = 0;
  double of_busiest = 0;

  bool holds() const { return again >= kLeastAgain && bound >= kBound * again; }
};

// Of addresses that met a server which was away for a time nothing can be said: they had to move.
Bond bond_of(const Meetings& meetings, const Unevenness& group, const UnevenParts& parts) {
  const auto was_away = [&](const std::string& server) {
    const auto found = std::find(group.servers.begin(), group.servers.end(), server);
    const double away = parts.away[static_cast<std::size_t>(found - group.servers.begin())];
    return away > 0 && away < 1;
  };
  Bond bond;
  for (const auto& [client, servers] : meetings.servers_of) {
    double times = 0;
    bool moved_anyway = false;
    for (const auto& [server, count] : servers) {
      times += count;
      moved_anyway = moved_anyway || was_away(server);
    }
    ++bond.addresses;
    bond.all += times;
    if (times > bond.of_busiest) {
      bond.of_busiest = times;
      bond.busiest = client;
      const auto most = std::max_element(servers.begin(), servers.end(),
                                         [](auto& a, auto& b) { return a.second < b.second; });
      bond.its_server = most->first;
      bond.to_its_server = most->second;
    }
    if (times < 2 || (moved_anyway && servers.size() > 1)) continue;
    bond.again += times - 1;
    if (servers.size() == 1) bond.bound += times - 1;
  }
  return bond;
}

class ClientAddresses final : public Cause {
 public:
  CauseId id() const override { return CauseId::client_addresses; }

  Claims claims(const Case&) const override { return {}; }

  Finding finding(const Case& run, const Granted&, Finding finding) const override {
    const auto groups = uneven_groups(run.seen);
    if (groups.empty()) return ruled_out(std::move(finding), "servers got like shares");
    const auto traffic = run.seen.traffic();
    double explains = 0;
    bool found = false;
    bool unknown = false;
    std::string why;
    for (const Unevenness& group : groups) {
      const auto parts = parts_of(run.seen, group);
      const Meetings meetings = meetings_of(traffic, group);
      const bool explained = parts && parts->follows;
      const bool blind = !parts || (!explained && (meetings.servers_of.empty() || meetings.cut));
      const Bond bond = blind ? Bond{} : bond_of(meetings, group, *parts);
      const std::string because =
          blind ? fmt::format("the trace does not say whom clients of group {} met", group.group)
                : why_not(group, *parts, bond);
      if (!because.empty()) {
        unknown = unknown || blind;
        why += (why.empty() ? "" : "; ") + because;
        continue;
      }
      found = true;
      explains += parts->part_of_rest();
      finding.evidence.push_back(evidence_of(run, group, *parts, bond));
    }
    if (!found) {
      return unknown ? not_observable(std::move(finding), why) : ruled_out(std::move(finding), why);
    }
    finding.standing = Standing::found;
    finding.confidence = Confidence::certain;
    finding.explains = run.harmed ? 0 : explains / uneven_complaints(run);
    return finding;
  }

 private:
  static std::string why_not(const Unevenness& group, const UnevenParts& parts, const Bond& bond) {
    if (parts.follows) {
      return fmt::format("shares of group {} are those of its weights", group.group);
    }
    if (bond.again < kLeastAgain) {
      return fmt::format("hardly an address came to group {} twice", group.group);
    }
    if (bond.holds()) return {};
    return fmt::format(
        "addresses that came to group {} again met other servers ({} of them kept theirs)",
        group.group, percent_text(ratio(bond.bound, bond.again)));
  }

  static Evidence evidence_of(const Case& run, const Unevenness& group, const UnevenParts& parts,
                              const Bond& bond) {
    Evidence evidence;
    evidence.text = fmt::format(
        "{} connections of {} address{} came to group {}, and each address met one server; {} "
        "alone opened {} of them, {} to {}; {}",
        count_text(bond.all), count_text(static_cast<double>(bond.addresses)),
        bond.addresses == 1 ? "" : "es", group.group, bond.busiest,
        percent_text(ratio(bond.of_busiest, bond.all)),
        bond.to_its_server == bond.of_busiest ? "all" : "most", bond.its_server,
        shares_text(group, parts.due, "due"));
    for (const std::string& server : group.servers) {
      evidence.measures.push_back(measure_text("scheduled", server));
    }
    evidence.query = fmt::format(
        "SELECT client, server, connections FROM traffic_matrix WHERE server LIKE '{}/%' ORDER BY "
        "connections DESC LIMIT 20",
        group.group);
    evidence.to = run.seen.grid().end(run.seen.grid().columns - 1);
    return evidence;
  }
};

}  // namespace

const Cause& client_addresses() {
  static const ClientAddresses kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
