#include "live/network/host_sysctls.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include "live/network/proc_sys.hpp"

namespace elblab::live {
namespace {

// Some files of /proc/sys hold several values, of which the model names the parts.
struct Part {
  std::string_view name;
  std::string_view path;
  std::size_t index;
};
constexpr std::array kParts{
    Part{"net.ipv4.ip_local_port_range.low", "net/ipv4/ip_local_port_range", 0},
    Part{"net.ipv4.ip_local_port_range.high", "net/ipv4/ip_local_port_range", 1},
    Part{"net.ipv4.tcp_rmem.default", "net/ipv4/tcp_rmem", 1},
    Part{"net.ipv4.tcp_rmem.max", "net/ipv4/tcp_rmem", 2},
    Part{"net.ipv4.tcp_wmem.max", "net/ipv4/tcp_wmem", 2},
    // `all` holds for every device of the namespace.
    Part{"net.ipv4.accept_local", "net/ipv4/conf/all/accept_local", 0},
};

struct Place {
  std::string path;
  std::size_t index = 0;
};

Place place_of(std::string_view name) {
  for (const Part& part : kParts) {
    if (part.name == name) return {std::string(part.path), part.index};
  }
  std::string path(name);
  std::replace(path.begin(), path.end(), '.', '/');
  return {path, 0};
}

// One file of /proc/sys with its values, changed part by part and written once.
struct Setting {
  std::string path;
  std::vector<std::int64_t> values;
  bool changed = false;
};

Expected<Setting> read_setting(const std::string& path) {
  const auto text = read_proc_sys(path);
  if (!text) return text.error();
  Setting setting{.path = path, .values = {}, .changed = false};
  std::istringstream fields(*text);
  for (std::int64_t value = 0; fields >> value;) setting.values.push_back(value);
  return setting;
}

std::string text_of(const Setting& setting) {
  std::string text;
  for (const std::int64_t value : setting.values) {
    if (!text.empty()) text += ' ';
    text += std::to_string(value);
  }
  return text;
}

Error not_here(std::string_view name, std::int64_t wanted) {
  return {"setting " + std::string(name) + " to " + std::to_string(wanted) +
          ": this kernel has no such setting in a network namespace; leave it at its default"};
}

// The setting of the list with this path, read when it is new.
Expected<Setting*> find_setting(std::vector<Setting>& settings, const std::string& path) {
  for (Setting& setting : settings) {
    if (setting.path == path) return &setting;
  }
  auto read = read_setting(path);
  if (!read) return read.error();
  return &settings.emplace_back(std::move(*read));
}

Expected<void> collect_changes(const host::Sysctls& wanted, std::vector<Setting>& settings,
                               std::vector<std::string>& missing) {
  const host::Sysctls defaults;
  for (const host::SysctlEntry& entry : host::sysctl_table()) {
    const Place place = place_of(entry.name);
    const std::int64_t value = wanted.*entry.member;
    if (!proc_sys_exists(place.path)) {
      if (value != defaults.*entry.member) return not_here(entry.name, value);
      missing.emplace_back(entry.name);
      continue;
    }
    const auto found = find_setting(settings, place.path);
    if (!found) return found.error();
    Setting& setting = **found;
    if (place.index >= setting.values.size()) return refused(entry.name, EPROTO);
    if (setting.values[place.index] == value) continue;
    setting.values[place.index] = value;
    setting.changed = true;
  }
  return {};
}

}  // namespace

Expected<SysctlReport> apply_sysctls(const NetworkNamespace& host, const host::Sysctls& wanted) {
  const NamespaceScope scope(host);
  if (!scope.entered()) return scope.entered().error();
  SysctlReport report;
  std::vector<Setting> settings;
  if (auto done = collect_changes(wanted, settings, report.missing); !done) return done.error();
  for (const Setting& setting : settings) {
    if (!setting.changed) continue;
    if (auto done = write_proc_sys(setting.path, text_of(setting)); !done) return done.error();
    ++report.written;
  }
  // What the model's hosts have; the machine's default may be another.
  if (auto done = write_proc_sys("net/ipv4/tcp_congestion_control", "reno"); !done) {
    return done.error();
  }
  return report;
}

Expected<void> find_sysctl(const NetworkNamespace& host, std::string_view name) {
  const NamespaceScope scope(host);
  if (!scope.entered()) return scope.entered();
  if (proc_sys_exists(place_of(name).path)) return {};
  return Error{"this kernel has no " + std::string(name) + " in a network namespace"};
}

Expected<void> set_sysctl(const NetworkNamespace& host, std::string_view name, std::int64_t value) {
  const NamespaceScope scope(host);
  if (!scope.entered()) return scope.entered();
  const Place place = place_of(name);
  auto setting = read_setting(place.path);
  if (!setting) return setting.error();
  if (place.index >= setting->values.size()) return refused(name, EPROTO);
  setting->values[place.index] = value;
  return write_proc_sys(setting->path, text_of(*setting));
}

Expected<host::Sysctls> read_sysctls(const NetworkNamespace& host) {
  const NamespaceScope scope(host);
  if (!scope.entered()) return scope.entered().error();
  host::Sysctls values;
  for (const host::SysctlEntry& entry : host::sysctl_table()) {
    const Place place = place_of(entry.name);
    if (!proc_sys_exists(place.path)) continue;
    const auto setting = read_setting(place.path);
    if (!setting) return setting.error();
    if (place.index < setting->values.size()) values.*entry.member = setting->values[place.index];
  }
  return values;
}

}  // namespace elblab::live
