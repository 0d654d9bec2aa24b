// Takes away the namespaces that a run left behind when it was killed.
//
// Only files of /run/netns that bear one of the program's names, and whose process no longer lives
// (process id and start time, so that another process with the same id does not count). Those of
// living runs and everything else stay as they are. With the namespace go its devices, and with
// them their peers.
#pragma once

#include <string>
#include <vector>

namespace elblab::live {

struct StaleNamespaces {
  std::vector<std::string> removed;   // names, sorted
  std::vector<std::string> failures;  // what could not be removed, and why
};

StaleNamespaces remove_stale_namespaces();

}  // namespace elblab::live
