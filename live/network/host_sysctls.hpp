// Gives a host's namespace the settings of its model, in /proc/sys/net.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "live/network/network_namespace.hpp"
#include "live/network/refused.hpp"
#include "models/host/sysctls.hpp"

namespace elblab::live {

struct SysctlReport {
  std::size_t written = 0;  // files whose value differed
  // Names that this kernel does not have in a namespace and that stand at the model's default:
  // nobody asked for them, but the kernel may behave otherwise.
  std::vector<std::string> missing;
};

// Only what differs from the namespace's present value is written, and congestion control `reno`.
// Error: the setting and why; also when a setting that the kernel does not have was changed from
// the model's default.
Expected<SysctlReport> apply_sysctls(const NetworkNamespace& host, const host::Sysctls& wanted);
// Whether the namespace has the setting, by its name in host::sysctl_table(). Error: it has not.
Expected<void> find_sysctl(const NetworkNamespace& host, std::string_view name);
// Changes one of them.
Expected<void> set_sysctl(const NetworkNamespace& host, std::string_view name, std::int64_t value);
// The namespace's present values; the model's defaults for settings that the kernel does not have.
Expected<host::Sysctls> read_sysctls(const NetworkNamespace& host);

}  // namespace elblab::live
