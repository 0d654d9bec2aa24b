#include "cli/captures/imported_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "analysis/expectations/text.hpp"
#include "scenarios/language/quantities.hpp"

namespace elblab::cli {
namespace {

using pcap::FitRow;
using pcap::Goodness;
using pcap::TrafficFit;
using pcap::Unit;
using pcap::WorkloadFit;
using workload::Kind;

constexpr std::uint32_t kMostAddresses = 4096;    // of one client host
constexpr std::size_t kMostImportedServers = 64;  // of one listener
constexpr Duration kServerDelay = std::chrono::microseconds(100);
constexpr Duration kLongestRun = std::chrono::hours(24 * 365);  // of the language
constexpr std::int64_t kMostImportedSamples = 20'000;
constexpr double kFewestExpected = 100;
constexpr Duration kAfterTheLoad = std::chrono::seconds(1);

std::string number(double value, Unit unit) {
  const std::string text = expectations::number_text(value);
  switch (unit) {
    case Unit::count:
      return text;
    case Unit::per_second:
      return text + "/s";
    case Unit::bytes:
      return text + " B";
    case Unit::seconds:
      return expectations::number_text(value * 1e3) + " ms";
    case Unit::share:
      return expectations::number_text(value * 100) + " %";
  }
  return text;
}

std::string_view word(Goodness goodness) {
  switch (goodness) {
    case Goodness::good:
      return "good";
    case Goodness::fair:
      return "fair";
    case Goodness::poor:
      return "poor";
  }
  return "?";
}

std::string row_text(const FitRow& row) {
  return fmt::format("  {:<34} {:>14} {:>14} {:>8}  {}{}\n", row.figure,
                     number(row.captured, row.unit), number(row.fitted, row.unit),
                     number(row.distance, Unit::share), word(row.goodness()),
                     row.remark.empty() ? "" : "  (" + row.remark + ")");
}

std::string workload_table(const WorkloadFit& fit) {
  std::string text = fmt::format("{}: {} conversations, {} requests\n", fit.name,
                                 expectations::number_text(static_cast<double>(fit.conversations)),
                                 expectations::number_text(static_cast<double>(fit.requests)));
  text += fmt::format("  {:<34} {:>14} {:>14} {:>8}\n", "", "captured", "fitted", "distance");
  for (const FitRow& row : fit.rows) text += row_text(row);
  for (const std::string& what : fit.not_expressed) text += "  not expressed: " + what + "\n";
  return text;
}

// ---- the file

// Listener names serve as names of hosts as well; letters, digits, '-' and '_' only.
std::string as_name(const std::string& text) {
  std::string name;
  for (const char c : text) {
    const bool fits = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '-' || c == '_';
    name += fits ? c : '-';
  }
  // What YAML might take for something else than a name.
  const bool begins_well = !name.empty() && std::isalpha(static_cast<unsigned char>(name[0])) != 0;
  static const std::set<std::string> kWords{"null", "true", "false", "yes", "no", "on", "off"};
  return begins_well && !kWords.contains(name) ? name : "x" + name;
}

std::size_t servers_of(const WorkloadFit& fit) {
  std::set<net::IpAddress> addresses;
  for (const net::Endpoint& server : fit.servers) addresses.insert(server.address);
  return std::min(addresses.size(), kMostImportedServers);
}

// The workloads of a listener share its servers: those of the first stand for all.
std::vector<const WorkloadFit*> one_per_listener(const TrafficFit& fit) {
  std::vector<const WorkloadFit*> first;
  for (const WorkloadFit& each : fit.workloads) {
    const bool known = std::any_of(first.begin(), first.end(), [&](const WorkloadFit* f) {
      return f->listener == each.listener;
    });
    if (!known) first.push_back(&each);
  }
  return first;
}

bool is_udp(const WorkloadFit& fit) { return fit.parameters.kind == Kind::datagrams; }

// The ports of listeners of one protocol must differ on one address; mapped names may share one.
std::map<std::string, std::uint16_t> listener_ports(const TrafficFit& fit) {
  std::map<std::string, std::uint16_t> ports;
  std::set<std::pair<bool, std::uint16_t>> used;
  for (const WorkloadFit* each : one_per_listener(fit)) {
    std::uint16_t port = std::max<std::uint16_t>(each->port, 1);
    while (!used.insert({is_udp(*each), port}).second) port = port == 65535 ? 1 : port + 1;
    ports[each->listener] = port;
  }
  return ports;
}

std::string duration(Duration value) { return language::format_duration(value); }

Duration client_delay(const WorkloadFit& fit) {
  return std::max(fit.round_trip / 2 - kServerDelay, Duration{0});
}

std::string hosts_text(const TrafficFit& fit) {
  std::string text = "hosts:\n";
  for (const WorkloadFit& each : fit.workloads) {
    text += fmt::format(
        "  {}-clients: {{role: client, addresses: {}, link: {{kind: pooled, rate: "
        "10Gbps, delay: {}}}}}\n",
        as_name(each.name), std::clamp<std::uint32_t>(each.clients, 1, kMostAddresses),
        duration(client_delay(each)));
  }
  for (const WorkloadFit* each : one_per_listener(fit)) {
    const Duration delay = std::min(kServerDelay, each->round_trip / 2);
    text += fmt::format(
        "  {}-server[1..{}]: {{role: server, link: {{kind: pooled, rate: 10Gbps, "
        "delay: {}}}, service: {{time: {}}}}}\n",
        as_name(each->listener), servers_of(*each), duration(delay), duration(each->service));
  }
  return text;
}

std::string balancer_text(const TrafficFit& fit) {
  const auto ports = listener_ports(fit);
  std::string listeners;
  std::string groups;
  for (const WorkloadFit* each : one_per_listener(fit)) {
    const std::string name = as_name(each->listener);
    listeners += fmt::format("    {0}: {{protocol: {1}, port: {2}, group: {0}}}\n", name,
                             is_udp(*each) ? "udp" : "tcp", ports.at(each->listener));
    groups += fmt::format("    {0}: {{servers: {{\"{0}-server[1..{1}]\": {{port: {2}}}}}}}\n", name,
                          servers_of(*each), std::max<std::uint16_t>(each->port, 1));
  }
  return "balancer:\n  listeners:\n" + listeners + "  groups:\n" + groups;
}

std::string load_text(const WorkloadFit& fit) {
  const auto& p = fit.parameters;
  const std::string rate = language::format_per_second(p.rate_per_second);
  switch (p.kind) {
    case Kind::persistent_connections:
      return fmt::format("persistent: {}, requests: {}", p.connections, rate);
    case Kind::datagrams:
      return "datagrams: " + rate;
    default:
      return "short_connections: " + rate;
  }
}

std::string workload_text(const WorkloadFit& fit) {
  const auto& p = fit.parameters;
  std::string text = fmt::format("  {}:\n    from: {}-clients\n    to: {}\n", as_name(fit.name),
                                 as_name(fit.name), as_name(fit.listener));
  std::string load = load_text(fit);
  for (std::size_t comma; (comma = load.find(", ")) != std::string::npos;) {
    text += "    " + load.substr(0, comma) + "\n";
    load.erase(0, comma + 2);
  }
  text += "    " + load + "\n";
  const bool poisson = p.arrivals == workload::Arrivals::poisson;
  text += fmt::format("    arrivals: {}\n", poisson ? "poisson" : "uniform");
  text += fmt::format("    begin: {}\n    for: {}\n", duration(p.begin - kStart),
                      duration(std::max<Duration>(p.end - p.begin, std::chrono::milliseconds(1))));
  text += fmt::format("    request: {}B\n    response: {}B\n", p.request_bytes, p.response_bytes);
  if (is_udp(fit)) return text;
  const bool server = p.closes == workload::Closer::server;
  const bool reset = p.close_with == workload::CloseWith::rst;
  text += fmt::format("    closes: {}\n    close_with: {}\n", server ? "server" : "client",
                      reset ? "rst" : "fin");
  if (p.hold > Duration{0}) text += fmt::format("    hold: {}\n", duration(p.hold));
  return text;
}

// What the fitted rate must bring: as many requests as were captured, give or take what chance
// does to so many Poisson arrivals (four standard deviations). Few could come to anything.
std::string expectations_text(const TrafficFit& fit) {
  std::string text;
  for (const WorkloadFit& each : fit.workloads) {
    const auto& p = each.parameters;
    const double wanted = p.rate_per_second * to_seconds(p.end - p.begin);
    if (wanted < kFewestExpected) continue;
    const double tolerance = std::max(0.05, 4 / std::sqrt(wanted));
    text +=
        fmt::format("    - {{measure: requests({}), stat: total, about: {:.0f}, tolerance: {}}}\n",
                    as_name(each.name), std::round(wanted),
                    language::format_share(std::ceil(tolerance * 100) / 100));
  }
  return text.empty() ? "" : "expect:\n  fitted:\n" + text;
}

Duration run_length(const TrafficFit& fit) {
  Duration end{0};
  for (const WorkloadFit& each : fit.workloads) {
    end = std::max(end, each.parameters.end - kStart);
    if (each.parameters.kind == Kind::short_connections) end += each.parameters.hold;
  }
  return std::min<Duration>(std::chrono::ceil<std::chrono::seconds>(end + kAfterTheLoad),
                            kLongestRun);
}

// Of long runs so many samples that their series stay short.
Duration sample_interval(Duration run) {
  const std::int64_t seconds = std::chrono::ceil<std::chrono::seconds>(run).count();
  return std::chrono::seconds(1 + seconds / kMostImportedSamples);
}

}  // namespace

std::string fit_table(const TrafficFit& fit, const std::string& prefix) {
  std::string whole;
  for (const WorkloadFit& each : fit.workloads) whole += workload_table(each);
  for (const std::string& what : fit.not_expressed) whole += "not expressed: " + what + "\n";
  if (fit.left_out > 0) {
    whole += fmt::format("left out: {} conversations with other servers\n", fit.left_out);
  }
  std::string text;
  for (std::size_t begin = 0; begin < whole.size();) {
    const std::size_t end = whole.find('\n', begin);
    text += prefix + whole.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return text;
}

std::string imported_scenario(const TrafficFit& fit, const std::string& capture) {
  const std::string id = "import-" + as_name(capture.substr(0, capture.find('.')));
  std::string text =
      fmt::format("# A workload fitted to a capture by elblab import. How well it fits:\n#\n{}",
                  fit_table(fit, "# "));
  text += fmt::format(
      "scenario: {}\ntitle: \"Traffic fitted to {}\"\nprofile: dedicated\nduration: {}\n"
      "sample_interval: {}\n\n",
      id, as_name(capture), duration(run_length(fit)), duration(sample_interval(run_length(fit))));
  text += hosts_text(fit) + "\n" + balancer_text(fit) + "\nworkload:\n";
  for (const WorkloadFit& each : fit.workloads) text += workload_text(each);
  return text + "\nruns:\n  fitted: {}\n\n" + expectations_text(fit);
}

}  // namespace elblab::cli
