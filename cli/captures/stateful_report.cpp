#include "cli/captures/stateful_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "analysis/expectations/evaluate.hpp"
#include "analysis/expectations/text.hpp"
#include "cli/printing/verdict_printer.hpp"
#include "cli/text/terminal.hpp"

namespace elblab::cli {
namespace {

using expectations::count_text;
using expectations::number_text;

constexpr std::size_t kMostMappings = 12;  // lines

std::string share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "0 %";
  return fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array kUnits{"B", "KB", "MB", "GB", "TB", "PB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1000 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  return fmt::format("{} {}", number_text(value), kUnits[unit]);
}

// A line of the report unless there is nothing to tell.
void line(std::string& text, std::uint64_t n, std::string_view what) {
  if (n > 0) text += fmt::format("  {:>11}  {}\n", count_text(n), what);
}

double measured(const trace::Reader& trace, const std::string& measure, const std::string& object,
                language::Stat stat) {
  return expectations::statistic(trace, {measure, object}, stat, kStart, kNever).value_or(0);
}

std::uint64_t total(const std::vector<ServerMapping>& mappings) {
  return std::accumulate(mappings.begin(), mappings.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& m) { return sum + m.conversations; });
}

workload::ConversationTally sum_of(const StatefulScenario& built) {
  workload::ConversationTally sum;
  for (const auto& tally : built.tallies) {
    sum.played += tally->played;
    sum.as_captured += tally->as_captured;
    sum.bytes_to_server += tally->bytes_to_server;
    sum.bytes_to_client += tally->bytes_to_client;
    for (std::size_t i = 0; i < sum.ended_differently.size(); ++i) {
      sum.ended_differently[i] += tally->ended_differently[i];
    }
  }
  return sum;
}

std::string tally_text(const workload::ConversationTally& tally) {
  std::string text =
      fmt::format("  {:>11}  played\n  {:>11}  went as captured ({})\n", count_text(tally.played),
                  count_text(tally.as_captured), share(tally.as_captured, tally.played));
  for (std::size_t i = 0; i < tally.ended_differently.size(); ++i) {
    const auto difference = static_cast<workload::ConversationTally::Difference>(i);
    line(text, tally.ended_differently[i], workload::to_string(difference));
  }
  line(text, tally.under_way(), "still under way when the run ended");
  text += fmt::format("  payload: {} to the servers, {} to the clients\n",
                      bytes_text(tally.bytes_to_server), bytes_text(tally.bytes_to_client));
  return text;
}

std::string server_text(const StatefulScenario& built, const trace::Reader& trace) {
  std::string text;
  for (const config::BackendGroup& group : built.scenario.balancers.front().groups) {
    double whole = 0;
    std::vector<double> scheduled;
    for (const config::Server& server : group.servers) {
      scheduled.push_back(
          measured(trace, "scheduled", group.name + "/" + server.name, language::Stat::total));
      whole += scheduled.back();
    }
    if (whole == 0) continue;
    text += fmt::format("  group {}:", group.name);
    for (std::size_t i = 0; i < scheduled.size(); ++i) {
      text += fmt::format("{} {} {} ({:.1f} %)", i == 0 ? "" : ",", group.servers[i].name,
                          number_text(scheduled[i]), 100 * scheduled[i] / whole);
    }
    text += "\n";
  }
  return text;
}

std::string client_text(const StatefulScenario& built, const trace::Reader& trace) {
  const std::string& host = built.client_host;
  const auto& scenario = built.scenario;
  return fmt::format(
      "  clients ({}, {} address{}): time_wait peak {}, {} connects refused locally; balancer: {} "
      "connections at the peak, {} packets dropped\n",
      host, scenario.hosts.front().addresses.size(),
      scenario.hosts.front().addresses.size() == 1 ? "" : "es",
      number_text(measured(trace, "time_wait", host, language::Stat::max)),
      number_text(measured(trace, "refused_locally", host, language::Stat::total)),
      number_text(measured(trace, "m1_cps", "balancer", language::Stat::max)),
      number_text(measured(trace, "dropped", "balancer", language::Stat::total)));
}

// The one sentence that answers the question.
std::string conclusion(const workload::ConversationTally& tally) {
  const auto worst =
      std::max_element(tally.ended_differently.begin(), tally.ended_differently.end());
  if (*worst == 0) return "Behind this balancer the captured traffic goes on as it was captured.\n";
  const auto why =
      static_cast<workload::ConversationTally::Difference>(worst - tally.ended_differently.begin());
  return fmt::format(
      "Behind this balancer {} of the conversations end differently; most often: {} ({}).\n",
      share(tally.different(), tally.played), workload::to_string(why), count_text(*worst));
}

}  // namespace

std::string capture_report(const std::string& name, const pcap::Conversations& found) {
  const auto udp = static_cast<std::uint64_t>(
      std::count_if(found.list.begin(), found.list.end(),
                    [](const pcap::Conversation& c) { return c.protocol == net::Protocol::udp; }));
  const pcap::ExtractionCounts& c = found.counts;
  std::string text = fmt::format(
      "{}: {} ({} TCP, {} UDP) of {} with {} in {}\n", name,
      counted(found.list.size(), "conversation"), count_text(found.list.size() - udp),
      count_text(udp), counted(found.clients.size(), "client"),
      counted(found.servers.size(), "server"), expectations::duration_text(found.length));
  line(text, c.unanswered, "connection attempts without an answer; left out");
  line(text, c.refused, "connection attempts refused; left out");
  line(text, c.half_open, "connection attempts that the client did not go on with; left out");
  line(text, c.stray, "strays of connections from before; left out");
  line(text, c.set_back, "times that the clock was set back: time goes on from there");
  line(text, c.gaps, "gaps of more than 20 hours, skipped");
  line(text, c.seen_twice, "conversations captured on both sides of a NAT, counted once");
  line(text, c.one_sided, "conversations of which the capture shows one direction only");
  line(text, c.retransmissions, "segments seen before (retransmissions), counted once");
  line(text, c.out_of_order, "segments out of order, put in their place");
  line(text, c.outside_window, "segments far outside their stream, left out");
  line(text, c.duplicate_datagrams, "datagrams captured twice, counted once");
  line(text, c.not_ip, "frames that are not IP");
  line(text, c.not_tcp_or_udp, "packets that are neither TCP nor UDP");
  line(text, c.fragments, "fragments without a transport header");
  line(text, c.unreadable, "packets cut inside their headers, or damaged");
  line(text, c.turns_joined, "turns joined to earlier ones: more than 4,096 in one conversation");
  line(text, c.not_kept, "packets or conversations left out: more than this program holds");
  return text;
}

std::string mapping_report(const StatefulScenario& built) {
  std::string text;
  for (std::size_t i = 0; i < std::min(built.mappings.size(), kMostMappings); ++i) {
    const ServerMapping& m = built.mappings[i];
    const std::string target =
        m.workload ? "listener " + built.scenario.workloads[*m.workload].listener : "not played";
    text += fmt::format("  {} {} → {} ({}), {} conversations\n", net::to_string(m.protocol),
                        m.captured.to_string(), target, m.reason, count_text(m.conversations));
  }
  if (built.mappings.size() > kMostMappings) {
    const std::vector<ServerMapping> rest(built.mappings.begin() + kMostMappings,
                                          built.mappings.end());
    text += fmt::format("  and {} more servers, {} conversations\n", count_text(rest.size()),
                        count_text(total(rest)));
  }
  line(text, built.not_mapped, "conversations not played: their server is no listener's");
  const pcap::ScriptAdaptations& a = built.adaptations;
  line(text, a.begun_before,
       "conversations were under way already, played from where they are seen");
  line(text, a.padded_messages,
       fmt::format("messages padded to 24 B, {} in all", bytes_text(a.padded_bytes)));
  line(text, a.server_first, "conversations in which the server speaks first: asked for by 24 B");
  line(text, a.server_unasked, "further words of a server without a request: asked for by 24 B");
  line(text, a.delayed_closes, "closes of a server after a pause: asked for by 24 B");
  line(text, a.cut_datagrams, "datagrams cut to what one packet carries");
  return text;
}

std::string outcome_report(const StatefulScenario& built, const StatefulReplay& replay,
                           const worlds::RunResult& result, const std::filesystem::path& trace) {
  const workload::ConversationTally tally = sum_of(built);
  std::string text = fmt::format(
      "played behind {} ({}, seed {}), {} of {} in {}\n", replay.balancer.string(), replay.world,
      replay.seed, expectations::duration_text(result.end.simulated - kStart),
      expectations::duration_text(result.end.duration), wall_time_text(result.end.wall_seconds));
  if (result.stopped)
    text += "  stopped before the end; what follows is the part that was played\n";
  text += tally_text(tally);
  if (const auto reader = trace::Reader::open(trace)) {
    text += server_text(built, **reader) + client_text(built, **reader);
  } else {
    text += "  " + reader.error().message + "\n";
  }
  if (!replay.trace.empty()) text += fmt::format("  trace {}\n", replay.trace.string());
  return text + conclusion(tally);
}

}  // namespace elblab::cli
