// What servers and balancer wrote down of users with sessions: who was a stranger at the server
// that got his request, and which of the answers of STK-24 it is due to. One request, one answer:
// they add up.
#pragma once

#include <array>
#include <map>
#include <set>
#include <string>

#include "analysis/diagnosis/observations.hpp"

namespace elblab::diagnosis {

// In the order of STK-24.
enum class SwitchCause : std::uint8_t {
  stickiness_off,
  bound_server_out,
  address_change,
  stickiness_over,
  other,  // none of these, or not told by what was recorded
  count_,
};

// The lost sessions of one cause.
struct LostSessions {
  double count = 0;
  Curve when;
  std::set<std::uint32_t> users;
  double moved = 0;                       // of them from another address than the request before
  std::map<std::string, double> servers;  // that knew these users, or had been away: "app/b1"
  std::map<std::string, std::set<std::uint32_t>> addresses;  // that users came from, and whose
  Duration shortest_pause = Duration::max();                 // since the user's request before
};

struct UserBook {
  double requests = 0;  // of users, but the first of each
  std::array<LostSessions, static_cast<std::size_t>(SwitchCause::count_)> by_cause;

  const LostSessions& of(SwitchCause cause) const {
    return by_cause[static_cast<std::size_t>(cause)];
  }
  double lost() const;
  bool has_users() const { return requests > 0; }
};

// A trace in which no session was lost costs nothing; else O(requests of users + connections).
UserBook read_users(const Observations& seen);

}  // namespace elblab::diagnosis
