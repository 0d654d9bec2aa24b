#include "analysis/metrics/metrics.hpp"
#include "analysis/metrics/view_rows.hpp"

namespace elblab::metrics {

std::vector<UserSwitches> user_switches(const trace::Reader& trace) {
  std::vector<UserSwitches> result;
  ViewRows rows(trace, "SELECT * FROM user_switches");
  while (rows.next()) {
    result.push_back({rows.count("user"), rows.count("requests"), rows.count("lost"),
                      rows.count("servers"), rows.optional_real("switch")});
  }
  return result;
}

std::vector<SwitchCause> switch_causes(const trace::Reader& trace) {
  std::vector<SwitchCause> result;
  ViewRows rows(trace, "SELECT * FROM switch_causes");
  while (rows.next()) {
    result.push_back(
        {rows.text("cause"), rows.count("lost"), rows.count("users"), rows.real("switch")});
  }
  return result;
}

}  // namespace elblab::metrics
