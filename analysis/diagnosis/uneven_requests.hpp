// Groups whose servers answer like numbers of connections, but unlike numbers of requests on them
// (SCH-15d).
//
// Looked at are servers whose hosts serve nothing else, and groups in which every server had
// connections, left next to none alone, and answered all the time that it was in service: one that
// stopped answered less for another reason. Where one was out of service for a time, requests and
// open connections are also compared while all were in it.
#pragma once

#include <string>
#include <vector>

#include "analysis/diagnosis/cause.hpp"

namespace elblab::diagnosis {

struct UnevenRequests {
  std::string group;
  std::vector<std::string> servers;
  std::vector<double> requests;     // answered by each
  std::vector<double> connections;  // given to each
};

// Requests per connection differ by that and more, beyond chance, on connections that carry more
// than one. O(servers × columns).
inline constexpr double kUnevenRequests = 2;
std::vector<UnevenRequests> unevenly_asked_groups(const Case& run);

}  // namespace elblab::diagnosis
