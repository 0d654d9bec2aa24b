#include "cli/printing/replay_printer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <sstream>
#include <vector>

#include "analysis/expectations/text.hpp"
#include "cli/printing/progress_display.hpp"

namespace elblab::cli {
namespace {

using expectations::count_text;
using expectations::number_text;
using replay::ReplayReport;
using replay::Verdict;
using telemetry::Reason;

constexpr std::size_t kReplayLabelColumns = 10;
constexpr std::size_t kReplayBarColumns = 20;

std::string counted_as(std::uint64_t value, const std::string& noun) {
  return fmt::format("{} {}{}", count_text(value), noun, value == 1 ? "" : "s");
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "–";
  return fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

class Text {
 public:
  Text(const ReplayReport& report, const ReplayNames& names, const Terminal& terminal)
      : report_(report), names_(names), terminal_(terminal) {}

  std::string write() {
    heading();
    for (const std::string& sentence : report_.roles.sentences) {
      paragraph(&sentence == &report_.roles.sentences.front() ? "roles" : "", sentence);
    }
    capture();
    inputs();
    engine();
    sessions();
    servers();
    health();
    closing();
    return text_;
  }

 private:
  void heading();
  void capture();
  void inputs();
  void engine();
  void sessions();
  void servers();
  void health();
  void closing();

  void line(std::string_view label, const std::string& content) {
    text_ += fmt::format("  {}{}\n", padded(label, kReplayLabelColumns), content);
  }
  void warn(const std::string& content) {
    text_ += fmt::format("  {}{} {}\n", padded("", kReplayLabelColumns),
                         terminal_.styled("!", Style::bad), content);
  }
  // Broken between words where the terminal ends.
  void paragraph(std::string_view label, const std::string& content);
  std::string share_line(const replay::ServerShare& server, std::size_t name_columns,
                         std::uint64_t scheduled) const;

  const ReplayReport& report_;
  const ReplayNames& names_;
  const Terminal& terminal_;
  std::string text_;
};

void Text::paragraph(std::string_view label, const std::string& content) {
  const std::size_t width = std::max<std::size_t>(terminal_.width(), 60) - kReplayLabelColumns - 3;
  std::istringstream words(content);
  std::string row;
  bool first = true;
  const auto end_row = [&] {
    line(first ? label : "", row);
    row.clear();
    first = false;
  };
  for (std::string word; words >> word;) {
    if (!row.empty() && columns_of(row) + 1 + columns_of(word) > width) end_row();
    row += (row.empty() ? (first ? "" : "  ") : " ") + word;
  }
  if (!row.empty()) end_row();
}

void Text::heading() {
  text_ +=
      fmt::format("{}  {}   {}\n", terminal_.styled(names_.capture, Style::bold),
                  terminal_.styled("through " + names_.balancer, Style::bold),
                  terminal_.styled(fmt::format("profile {}, seed {}", names_.profile, names_.seed),
                                   Style::dim));
}

void Text::capture() {
  const double trace_seconds = to_seconds(report_.end - report_.first);
  const double rate =
      names_.wall_seconds > 0 ? static_cast<double>(report_.records) / names_.wall_seconds : 0;
  std::string speed = counted_as(report_.records, "record");
  if (report_.passes > 1) speed += fmt::format(" in {} passes", count_text(report_.passes));
  speed +=
      fmt::format(", {} s of trace time replayed in {} ({} packets/s)", number_text(trace_seconds),
                  wall_time_text(names_.wall_seconds), number_text(std::round(rate)));
  line("replay", bar(report_.stopped ? 0.5 : 1, kReplayBarColumns) + " " + speed);
  line("capture", report_.format);
  const auto& f = report_.frames;
  const std::vector<std::pair<std::uint64_t, const char*>> odd{
      {f.not_ip, "not IP"},
      {f.cut_short, "cut off before the IP header"},
      {f.unknown_link_type, "of a link type not known here"},
      {report_.repairs.filled_up, "cut by the snap length: replayed by their headers"},
      {report_.repairs.offloaded, "with header fields left to the network card: filled in"},
      {report_.read.time_went_back, "older than the record before: taken at its time"},
      {report_.time_jumps, "more than a day after the record before: taken a day after it"},
  };
  for (const auto& [number, what] : odd) {
    if (number > 0) line("", fmt::format("{} {}", count_text(number), what));
  }
  const std::string damage = pcap::damage_message(names_.capture, report_.read);
  if (!damage.empty()) warn(damage);
}

void Text::inputs() {
  const replay::InputCounts& in = report_.inputs;
  std::string fed =
      fmt::format("{} from clients, {} from servers", count_text(in.of(Verdict::from_client)),
                  count_text(in.of(Verdict::from_server)));
  if (in.of(Verdict::beside) > 0)
    fed += fmt::format(", {} beside", count_text(in.of(Verdict::beside)));
  if (in.unreadable > 0) fed += fmt::format(", {} unreadable", count_text(in.unreadable));
  line("in", fed);
  if (in.moved > 0) {
    line("", fmt::format("{} of them moved into the flows of this balancer", count_text(in.moved)));
  }
  if (const auto outputs = in.of(Verdict::output)) {
    line("not in", fmt::format("{} that left the captured balancer", count_text(outputs)));
  }
  if (const auto without = in.of(Verdict::answer_without_flow)) {
    std::vector<std::string> kinds;
    for (std::size_t i = 0; i < in.without_flow.size(); ++i) {
      if (in.without_flow[i] == 0) continue;
      kinds.push_back(fmt::format("{} {}", count_text(in.without_flow[i]),
                                  to_string(static_cast<replay::AnswerKind>(i))));
    }
    line(in.of(Verdict::output) > 0 ? "" : "not in",
         fmt::format("{} without a flow: begun before the capture, or ended or refused here ({})",
                     counted_as(without, "answer"), fmt::join(kinds, ", ")));
  }
  if (const auto probes = report_.health.counts.packets) {
    line("probes",
         fmt::format("{} of health checks: judged, not fed in", counted_as(probes, "packet")));
  } else if (names_.probe_sources) {
    warn("no probe of a health check comes from what --probe-source names");
  } else if (names_.checks_health) {
    line("probes", "none of the file's checks occurs (--probe-source: where they come from)");
  }
  if (const auto elsewhere = in.of(Verdict::elsewhere)) {
    const bool first = in.of(Verdict::output) + in.of(Verdict::answer_without_flow) == 0;
    line(first ? "not in" : "", fmt::format("{} between addresses that are none of the balancer's",
                                            count_text(elsewhere)));
  }
}

void Text::engine() {
  const forwarding::ForwarderCounters& c = report_.engine;
  std::string out = fmt::format("{} forwarded", count_text(c.packets_forwarded));
  if (c.packets_made > 0)
    out += fmt::format(", {} made by the balancer", count_text(c.packets_made));
  if (c.packets_absorbed > 0) out += fmt::format(", {} absorbed", count_text(c.packets_absorbed));
  out += fmt::format(", {} dropped", count_text(c.dropped_total()));
  line("out", out);
  std::vector<std::string> reasons;
  for (std::size_t i = 0; i < c.dropped.size(); ++i) {
    if (c.dropped[i] == 0) continue;
    reasons.push_back(fmt::format("{} {}", count_text(c.dropped[i]),
                                  telemetry::to_string(static_cast<Reason>(i))));
  }
  if (!reasons.empty()) paragraph("", fmt::format("dropped: {}", fmt::join(reasons, ", ")));
}

void Text::sessions() {
  const forwarding::ForwarderCounters& c = report_.engine;
  std::string sessions = fmt::format("{} opened, {} open at the end", count_text(c.sessions_opened),
                                     count_text(report_.open_at_end.all()));
  if (c.idle_timeouts > 0)
    sessions += fmt::format(", {} timed out idle", count_text(c.idle_timeouts));
  if (c.five_tuple_conflicts > 0) {
    sessions += fmt::format(", {} five-tuple conflicts", count_text(c.five_tuple_conflicts));
  }
  line("sessions", sessions);
}

std::string Text::share_line(const replay::ServerShare& server, std::size_t name_columns,
                             std::uint64_t scheduled) const {
  const double share =
      scheduled == 0 ? 0 : static_cast<double>(server.scheduled) / static_cast<double>(scheduled);
  std::string text = fmt::format("{}  {} {:>8}  {:>7}", padded(server.name, name_columns),
                                 bar(share, kReplayBarColumns), count_text(server.scheduled),
                                 percent(server.scheduled, scheduled));
  if (report_.decisions_seen > 0) {
    text += fmt::format("   captured {:>7}", percent(server.captured, report_.decisions_seen));
  }
  return text;
}

void Text::servers() {
  std::size_t name_columns = 0;
  std::uint64_t scheduled = 0;
  for (const auto& server : report_.servers) {
    name_columns = std::max(name_columns, columns_of(server.name));
    scheduled += server.scheduled;
  }
  if (scheduled == 0) return;
  for (const auto& server : report_.servers) {
    line(&server == &report_.servers.front() ? "servers" : "",
         share_line(server, name_columns, scheduled));
  }
  if (report_.decisions_seen > 0) {
    line("shared",
         fmt::format("{} of the captured balancer's {} ({})", count_text(report_.decisions_shared),
                     counted_as(report_.decisions_seen, "decision"),
                     percent(report_.decisions_shared, report_.decisions_seen)));
  }
}

// "names/b1   14 probes from 4 nodes, 12 failed (port_unreachable 12): Unhealthy, 1 change"
std::string health_line(const replay::ServerHealth& server, std::size_t name_columns) {
  std::string text =
      fmt::format("{}  {} from {}", padded(server.name, name_columns),
                  counted_as(server.probes, "probe"), counted_as(server.nodes, "node"));
  std::uint64_t failed = 0;
  std::vector<std::string> reasons;
  for (const auto& [reason, count] : server.failures) {
    failed += count;
    reasons.push_back(fmt::format("{} {}", telemetry::to_string(reason), count_text(count)));
  }
  if (failed > 0) {
    text += fmt::format(", {} failed ({})", count_text(failed), fmt::join(reasons, ", "));
  }
  text += fmt::format(": {}", telemetry::to_string(server.displayed));
  if (server.changes > 0) text += fmt::format(", {}", counted_as(server.changes, "change"));
  return text;
}

void Text::health() {
  const replay::HealthReport& health = report_.health;
  std::size_t name_columns = 0;
  for (const auto& server : health.servers) {
    name_columns = std::max(name_columns, columns_of(server.name));
  }
  for (const auto& server : health.servers) {
    line(&server == &health.servers.front() ? "health" : "", health_line(server, name_columns));
  }
  const std::vector<std::pair<std::uint64_t, const char*>> odd{
      {health.under_way, "under way when the capture ends: not judged"},
      {health.counts.cut_short, "with an answer that the snap length cut off: not judged"},
      {health.counts.too_many, "while too many others were under way: not judged"},
  };
  for (const auto& [number, what] : odd) {
    if (number > 0) line("", fmt::format("{} {}", counted_as(number, "probe"), what));
  }
  if (const auto number = health.counts.without_node) {
    warn(fmt::format("{} not judged: more nodes than the file's, or another interval",
                     counted_as(number, "probe")));
  }
}

void Text::closing() {
  if (report_.sampling_ended_early) {
    warn("series end after 200,000 samples: the capture is longer than that");
  }
  if (!names_.trace.empty()) line("trace", names_.trace);
  if (!names_.write.empty()) {
    line("written",
         fmt::format("{} ({})", names_.write, counted_as(report_.packets_sent, "packet")));
  }
  if (report_.stopped) {
    text_ += fmt::format("  {}\n", terminal_.styled("stopped", Style::bad));
  } else if (!report_.conservation_problem.empty()) {
    text_ += fmt::format("  {}: {}\n", terminal_.styled("PACKETS LOST", Style::bad),
                         report_.conservation_problem);
  } else {
    const std::string rest = report_.engine.packets_absorbed > 0 ? " + absorbed" : "";
    text_ += fmt::format("  {}: {} in = forwarded{} + dropped\n",
                         terminal_.styled("conserved", Style::good),
                         counted_as(report_.engine.packets_in, "packet"), rest);
  }
}

}  // namespace

std::string replay_text(const ReplayReport& report, const ReplayNames& names,
                        const Terminal& terminal) {
  return Text(report, names, terminal).write();
}

}  // namespace elblab::cli
