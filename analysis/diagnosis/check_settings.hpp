// How an operator has the health of servers checked, and where probes come from, as a trace tells
// it (worlds/health/check_text.hpp). Settings that an operation changed later are not followed: of
// such a group only what does not depend on them is judged.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "models/time/instant.hpp"

namespace elblab::diagnosis {

struct CheckSettings {
  bool settings_first = false;  // what DIAG-04 looks at first: settings, else rules
  std::string protocol;         // "tcp", "http", "udp"
  Duration interval{};
  Duration timeout{};  // the one that holds (HC-05)
  unsigned retries = 1;
  unsigned nodes = 1;                 // that probe
  std::optional<std::uint16_t> port;  // nullopt: each server's own (HC-07)
  std::string codes;                  // HTTP: that mean healthy, "200, 202, 401"
  std::string path = "/";
  std::string host;      // empty: address and port (HC-30)
  bool changed = false;  // an operation changed something later

  // No server that fails from some moment on is taken for healthy for longer (HC-10): the probe
  // under way, `retries` intervals and a timeout.
  Duration longest_detection() const { return (retries + 1) * interval + timeout; }
  // DIAG-17.
  double probes_per_second() const { return nodes / to_seconds(interval); }
};

// nullopt: it is none.
std::optional<CheckSettings> read_check(const std::string& text);

// By group, "app" or "lb2/app".
using CheckSettingsByGroup = std::map<std::string, CheckSettings>;
CheckSettingsByGroup read_checks(const trace::Reader& trace);

}  // namespace elblab::diagnosis
