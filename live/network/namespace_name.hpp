// The names of the program's network namespaces: elblab-<pid>-<start time>-<host>.
//
// Process id and start time together say who made one, also after the id has been given to another
// process, so that what a killed run left behind is told from what a living one uses.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace elblab::live {

// Where iproute2 looks for named namespaces (ip-netns(8)).
inline constexpr const char* kNamespaceDirectory = "/run/netns";

struct ProcessIdentity {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  // clock ticks since boot: field 22 of /proc/<pid>/stat, proc(5)

  friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

// nullopt: no such process lives.
std::optional<ProcessIdentity> identify_process(pid_t pid);
ProcessIdentity this_process();

// Characters of the host's name that are awkward in a file name become '_'; long names are cut.
std::string namespace_name(const ProcessIdentity& owner, std::string_view host);
// Who made it; nullopt for a name that is not one of the program's.
std::optional<ProcessIdentity> namespace_owner(std::string_view name);

}  // namespace elblab::live
