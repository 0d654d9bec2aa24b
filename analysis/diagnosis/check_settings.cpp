#include "analysis/diagnosis/check_settings.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "analysis/trace/database.hpp"

namespace elblab::diagnosis {
namespace {

unsigned count_of(const std::string& text) {
  unsigned number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Duration seconds_of(const std::string& text) {
  double seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return from_seconds(seconds);
}

std::string spaced(std::string list) {
  for (std::size_t at = list.find(','); at != std::string::npos; at = list.find(',', at + 2)) {
    list.insert(at + 1, " ");
  }
  return list;
}

void take_setting(CheckSettings& settings, const std::string& key, const std::string& value) {
  if (key == "first") settings.settings_first = value == "settings";
  if (key == "protocol") settings.protocol = value;
  if (key == "interval_s") settings.interval = seconds_of(value);
  if (key == "timeout_s") settings.timeout = seconds_of(value);
  if (key == "retries") settings.retries = count_of(value);
  if (key == "nodes") settings.nodes = count_of(value);
  if (key == "port") settings.port = static_cast<std::uint16_t>(count_of(value));
  if (key == "codes") settings.codes = spaced(value);
  if (key == "path") settings.path = value;
  if (key == "host") settings.host = value;
}

// An operation on balancer.groups.app.health_check or something in it.
void note_changes(const trace::Reader& trace, CheckSettingsByGroup& checks) {
  trace::Statement rows(trace.database(),
                        "SELECT path FROM operations WHERE path LIKE '%.health_check%'");
  trace::Step step = rows.step();
  for (; step == trace::Step::row; step = rows.step()) {
    const std::string path(rows.text(0));
    for (auto& [group, settings] : checks) {
      const std::string name = group.substr(group.rfind('/') + 1);
      if (path.find("." + name + ".health_check") != std::string::npos) settings.changed = true;
    }
  }
  trace.noted(step == trace::Step::done);
}

}  // namespace

std::optional<CheckSettings> read_check(const std::string& text) {
  CheckSettings settings;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    if (equals != std::string::npos) {
      take_setting(settings, word.substr(0, equals), word.substr(equals + 1));
    }
  }
  const bool whole = !settings.protocol.empty() && settings.interval > Duration{0} &&
                     settings.timeout > Duration{0} && settings.retries > 0 && settings.nodes > 0;
  return whole ? std::optional(settings) : std::nullopt;
}

CheckSettingsByGroup read_checks(const trace::Reader& trace) {
  CheckSettingsByGroup checks;
  trace::Statement rows(trace.database(),
                        "SELECT name, detail FROM objects_view WHERE kind = 'health_check'");
  trace::Step step = rows.step();
  for (; step == trace::Step::row; step = rows.step()) {
    if (auto settings = read_check(std::string(rows.text(1)))) {
      checks[std::string(rows.text(0))] = std::move(*settings);
    }
  }
  trace.noted(step == trace::Step::done);
  note_changes(trace, checks);
  return checks;
}

}  // namespace elblab::diagnosis
