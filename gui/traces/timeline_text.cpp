#include "gui/traces/timeline_text.hpp"

#include <fmt/format.h>

#include "analysis/expectations/text.hpp"

namespace elblab::gui {

namespace {

// "weight of app/b1: 0", "app/b2 removed"
std::string text_of(const language::Operation& operation, const std::string& target) {
  const bool whole = operation.path.ends_with("." + target.substr(target.rfind('/') + 1));
  const std::string field = operation.path.substr(operation.path.rfind('.') + 1);
  const std::string what = whole ? target : fmt::format("{} of {}", field, target);
  if (operation.after.empty()) return what + " removed";
  return whole ? what + " added" : fmt::format("{}: {}", what, operation.after);
}

}  // namespace

std::string text_of(const language::TimelineEntry& entry) {
  using Action = language::TimelineEntry::Action;
  using expectations::number_text;
  switch (entry.action) {
    case Action::link_down:
      return fmt::format("link of {} down", entry.target);
    case Action::link_up:
      return fmt::format("link of {} up", entry.target);
    case Action::stop_service:
      return fmt::format("{} stops", entry.target);
    case Action::start_service:
      return fmt::format("{} starts", entry.target);
    case Action::set_weight:
      return fmt::format("weight of {}: {}", entry.target, entry.value);
    case Action::disable_server:
      return fmt::format("{} disabled", entry.target);
    case Action::enable_server:
      return fmt::format("{} enabled", entry.target);
    case Action::set_sysctl:
      return fmt::format("{} on {}: {}", entry.name, entry.target, entry.value);
    case Action::set_loss:
      return fmt::format("loss of {}: {} %", entry.target, number_text(entry.number * 100));
    case Action::zone_down:
      return fmt::format("zone {} down", entry.target);
    case Action::zone_up:
      return fmt::format("zone {} up", entry.target);
    case Action::operate:
      return text_of(*entry.operation, entry.target);
    case Action::set_bandwidth:
      return fmt::format("bandwidth: {} Mbit/s", number_text(entry.number / 1e6));
  }
  return entry.target;
}

}  // namespace elblab::gui
