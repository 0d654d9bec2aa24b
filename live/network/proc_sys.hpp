// The settings under /proc/sys/net of the namespace that the thread is in. proc(5), sysctl(8).
#pragma once

#include <string>
#include <string_view>

#include "live/network/refused.hpp"

namespace elblab::live {

// path: below /proc/sys, "net/ipv4/ip_forward". Value as text, without the line's end.
Expected<std::string> read_proc_sys(const std::string& path);
Expected<void> write_proc_sys(const std::string& path, std::string_view value);
bool proc_sys_exists(const std::string& path);

}  // namespace elblab::live
