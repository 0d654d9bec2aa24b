// Servers that health checks come to. A probe is held until the test answers it: what the checker
// made of the probes before is read meanwhile, whatever the pace of either.
#pragma once

#include <cstddef>
#include <string>

namespace elblab::peers {

class ProbedServers {
 public:
  virtual ~ProbedServers() = default;

  virtual std::string endpoint(std::size_t server) const = 0;
  // Waits until a probe comes to one of them; a new probe takes the place of one that the checker
  // gave up. Throws when none comes within ten seconds.
  virtual std::size_t next() = 0;
  // Answers the held probe so that its result is the one that haproxy has this name for, "L4OK".
  virtual void bring_about(std::size_t server, const std::string& result) = 0;
};

}  // namespace elblab::peers
