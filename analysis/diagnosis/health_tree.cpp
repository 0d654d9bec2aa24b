#include "analysis/diagnosis/health_tree.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

using language::CauseId;

enum class Place : std::uint8_t {
  settings,
  security_group,
  network_acl,
  listener,
  address,
  server,
  firewall,
  route,
  load,
  hosts_deny,
  // DIAG-05
  timeout,
  rate_limit,
  echo,
  rules,
};

// DIAG-04: the order of 2020, most likely cause first, and that of the later products.
constexpr Place kSettingsFirst[]{Place::settings, Place::security_group, Place::network_acl,
                                 Place::server,   Place::firewall,       Place::route,
                                 Place::load,     Place::hosts_deny};
constexpr Place kRulesFirst[]{
    Place::security_group, Place::network_acl, Place::settings, Place::listener, Place::address,
    Place::server,         Place::firewall,    Place::route,    Place::load,     Place::hosts_deny};
constexpr Place kUdp[]{Place::timeout, Place::rate_limit, Place::echo, Place::rules};

std::string_view name_of(Place place) {
  switch (place) {
    case Place::settings:
      return "settings of the check";
    case Place::security_group:
      return "security group";
    case Place::network_acl:
      return "network ACL";
    case Place::listener:
      return "listener of the group";
    case Place::address:
      return "address of the balancer";
    case Place::server:
      return "server";
    case Place::firewall:
      return "its firewall";
    case Place::route:
      return "its routes";
    case Place::load:
      return "its load";
    case Place::hosts_deny:
      return "hosts.deny";
    case Place::timeout:
      return "timeout";
    case Place::rate_limit:
      return "ICMP rate limit";
    case Place::echo:
      return "echo";
    case Place::rules:
      return "rules";
  }
  return {};
}

bool is_of_udp(const CheckedServer& server, CauseId cause) {
  if (!server.is_udp()) return false;
  switch (cause) {
    case CauseId::short_timeout:
    case CauseId::icmp_rate_limit:
    case CauseId::echo_ignored:
    case CauseId::silent_udp:
    case CauseId::probes_security_group:
    case CauseId::probes_network_acl:
    case CauseId::probes_firewall:
      return true;
    default:
      return false;
  }
}

Place place_of_udp(CauseId cause) {
  switch (cause) {
    case CauseId::short_timeout:
      return Place::timeout;
    case CauseId::icmp_rate_limit:
      return Place::rate_limit;
    case CauseId::echo_ignored:
      return Place::echo;
    default:
      return Place::rules;
  }
}

Place place_of(CauseId cause) {
  switch (cause) {
    case CauseId::check_port:
    case CauseId::wrong_answer:
    case CauseId::short_timeout:
    case CauseId::service_port:
      return Place::settings;
    case CauseId::probes_security_group:
      return Place::security_group;
    case CauseId::probes_network_acl:
      return Place::network_acl;
    case CauseId::group_without_listener:
      return Place::listener;
    case CauseId::probes_not_sent:
      return Place::address;
    case CauseId::probes_firewall:
      return Place::firewall;
    case CauseId::overloaded_server:
      return Place::load;
    default:
      return Place::server;
  }
}

class Steps {
 public:
  Steps(const Observations& seen, const CheckedServer& server, const HealthVerdict& verdict)
      : seen_(seen), server_(server), verdict_(verdict) {}

  std::vector<std::string> steps() const {
    std::vector<std::string> lines;
    const bool udp = is_of_udp(server_, verdict_.cause);
    const Place goal = udp ? place_of_udp(verdict_.cause) : place_of(verdict_.cause);
    for (const Place place : way(udp)) {
      const bool here = place == goal;
      const std::string what = here ? "here; look at: " + look_at(place) : seen_at(place);
      lines.push_back(fmt::format("{}: {}", name_of(place), what));
      if (here) break;
    }
    return lines;
  }

 private:
  std::vector<Place> way(bool udp) const {
    if (udp) return {std::begin(kUdp), std::end(kUdp)};
    if (server_.check->settings_first)
      return {std::begin(kSettingsFirst), std::end(kSettingsFirst)};
    return {std::begin(kRulesFirst), std::end(kRulesFirst)};
  }

  std::string dropped_by(const char* reason) const {
    const double packets = seen_.probe_drops(reason, server_.address).all();
    return packets == 0 ? "no packet of its probes dropped"
                        : fmt::format("{} packets of its probes dropped", count_text(packets));
  }

  double of_host(std::string_view measure) const {
    const Curve* curve = seen_.counter(measure, MeasureScope::host, server_.host);
    return curve == nullptr ? 0 : total(*curve);
  }

  std::string told_settings() const {
    const CheckSettings& check = *server_.check;
    return fmt::format("{} to {}{}, every {:g} s, timeout {:g} s, {} retries{}", check.protocol,
                       server_.probed(), check.protocol == "http" ? check.path : "",
                       to_seconds(check.interval), to_seconds(check.timeout), check.retries,
                       check.changed ? " (changed later)" : "");
  }

  std::string answers() const {
    const Level* time =
        seen_.gauge("probe_answer_time", MeasureScope::checked_server, server_.name);
    if (time == nullptr) return "no answer to a probe was seen";
    return fmt::format("answers took up to {:.3g} ms, the timeout is {:g} s", peak(time->high),
                       to_seconds(server_.check->timeout));
  }

  std::string seen_at(Place place) const {
    switch (place) {
      case Place::settings:
        return told_settings();
      case Place::security_group:
        return dropped_by("security_group");
      case Place::network_acl:
        return dropped_by("network_acl");
      case Place::firewall:
        return dropped_by("host_firewall");
      case Place::listener:
        return "one leads to it";
      case Place::address:
        return "probes were sent";
      case Place::server:
        return server_.record->failed("refused_by_peer") > 0 ? "refused some probes"
                                                             : "refused no probe";
      case Place::route:
        return "not visible in a trace (ip route: first line default via the subnet's gateway)";
      case Place::hosts_deny:
        return "not visible in a trace (/etc/hosts.deny)";
      case Place::load:
        return load();
      case Place::timeout:
        return answers();
      case Place::rate_limit:
        return fmt::format("{} Port Unreachables held back",
                           count_text(of_host("icmp_rate_limited")));
      case Place::echo:
        return fmt::format("{} echo requests ignored",
                           seen_.dropped_by_host(server_.host, "echo_ignored"));
      case Place::rules:
        return "no packet of its probes dropped";
    }
    return {};
  }

  std::string load() const {
    const Level* cpu = seen_.gauge("cpu", MeasureScope::host, server_.host);
    return cpu == nullptr ? "not visible in this trace"
                          : fmt::format("CPU up to {:.0f} %, {} overflows of its accept queue",
                                        peak(cpu->high), count_text(of_host("listen_overflows")));
  }

  std::string look_at(Place place) const {
    switch (place) {
      case Place::settings:
        return told_settings() + (server_.check->protocol == "http"
                                      ? "; " + filled_in("curl ADDRESS:PORTPATH -iv", server_)
                                      : "; " + filled_in("netstat -anlp | grep PORT", server_));
      case Place::security_group:
        return filled_in("inbound and outbound rules for PROTOCOL PORT from the probes' range",
                         server_);
      case Place::network_acl:
        return filled_in("rules for both directions: PROTOCOL PORT in, and from it out", server_);
      case Place::listener:
        return "the group's listeners";
      case Place::address:
        return "private address and EIP of the load balancer";
      case Place::server:
        return verdict_.cause == CauseId::host_gone
                   ? "ip address; ping to the subnet's gateway; is it up?"
                   : filled_in("netstat -anlp | grep PORT (LISTEN on 0.0.0.0:PORT?)", server_);
      case Place::firewall:
        return "iptables -L -n -v (which drop counter grows?)";
      case Place::load:
        return "CPU, memory, connections; ss -ltn (Recv-Q = Send-Q?), nstat -az "
               "TcpExtListenOverflows";
      case Place::timeout:
        return answers() + "; ping " + server_.address;
      case Place::rate_limit:
        return "sysctl -q net.ipv4.icmp_ratelimit net.ipv4.icmp_ratemask (6168 limits, 6160 does "
               "not)";
      case Place::echo:
        return "cat /proc/sys/net/ipv4/icmp_echo_ignore_all (1: ignored)";
      case Place::rules:
        return filled_in(
            "do they admit ICMP, and UDP to port PORT, from the probes' range and back?", server_);
      case Place::route:
      case Place::hosts_deny:
        break;
    }
    return seen_at(place);
  }

  const Observations& seen_;
  const CheckedServer& server_;
  const HealthVerdict& verdict_;
};

void replace_all(std::string& text, std::string_view what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

std::vector<std::string> steps_to(const Observations& seen, const CheckedServer& server,
                                  const HealthVerdict& verdict) {
  return Steps(seen, server, verdict).steps();
}

std::string filled_in(std::string text, const CheckedServer& server) {
  const bool is_v6 = server.address.find(':') != std::string::npos;
  replace_all(text, "ADDRESS", is_v6 ? "[" + server.address + "]" : server.address);
  replace_all(text, "PORT", std::to_string(server.probe_port));
  replace_all(text, "PATH", server.check->path);
  replace_all(text, "PROTOCOL", server.is_udp() ? "ICMP and udp" : "tcp");
  return text;
}

}  // namespace elblab::diagnosis
