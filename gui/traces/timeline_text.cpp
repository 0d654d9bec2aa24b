#include "gui/traces/timeline_text.hpp"

#include <fmt/format.h>

#include "analysis/expectations/text.hpp"

namespace elblab::gui {

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
    case Action::set_bandwidth:
      return fmt::format("bandwidth: {} Mbit/s", number_text(entry.number / 1e6));
  }
  return entry.target;
}

}  // namespace elblab::gui
