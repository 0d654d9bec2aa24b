// Gives a host's namespace the settings of its model, in /proc/sys/net.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "live/network/failure.hpp"
#include "live/network/network_namespace.hpp"
#include "models/host/sysctls.hpp"

namespace elblab::live {

struct SysctlReport {
  std::size_t written = 0;  // files whose value differed
  // Names that this kernel does not have in a namespace and that stand at the model's default:
  // nobody asked for them, but the kernel may behave otherwise.
  std::vector<std::string> missing;
};

// Only what differs from the namespace's present value is written. Failure: the setting and why;
// also when a setting that the kernel does not have was changed from the model's default.
[[nodiscard]] Failure apply_sysctls(const NetworkNamespace& host, const host::Sysctls& wanted,
                                    SysctlReport& report);
// Whether the namespace has the setting, by its name in host::sysctl_table(). Failure: it has not.
[[nodiscard]] Failure sysctl_missing(const NetworkNamespace& host, std::string_view name);
// Changes one of them.
[[nodiscard]] Failure set_sysctl(const NetworkNamespace& host, std::string_view name,
                                 std::int64_t value);
// The namespace's present values; settings that the kernel does not have keep theirs.
[[nodiscard]] Failure read_sysctls(const NetworkNamespace& host, host::Sysctls& values);

}  // namespace elblab::live
