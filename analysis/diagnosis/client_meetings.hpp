// Whom the addresses of a group's clients met, and whether each kept to one server.
//
// From the trace's `traffic`, who had how many connections with whom over the whole run; clients
// beyond its limit stand there together, without a name. Turns of the scheduler can look like a
// bond where clients take turns as servers do: whoever asks must know that shares are not those of
// weights. O(rows of `traffic`).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "analysis/diagnosis/symptoms.hpp"
#include "analysis/diagnosis/uneven_parts.hpp"

namespace elblab::diagnosis {

struct ClientMeetings {
  bool cut = false;  // some have no name
  double all = 0;    // connections, of those that have one
  std::size_t addresses = 0;
  std::string busiest;     // address
  double of_busiest = 0;   // its connections
  std::string its_server;  // where most of those went
  double to_its_server = 0;
  double again = 0;  // connections beyond the first of their address
  double bound = 0;  // ... of those whose address met one server only

  bool known() const { return addresses > 0 && !cut; }
  bool came_again() const;
  // Addresses that came again met the server of the first time.
  bool holds() const;
};

// Of addresses that met a server which was away for a time nothing is said of a bond: they had to
// move.
ClientMeetings meetings_of(const std::vector<trace::TrafficRow>& traffic, const Unevenness& group,
                           const UnevenParts& parts);

}  // namespace elblab::diagnosis
