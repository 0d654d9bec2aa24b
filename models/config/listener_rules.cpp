// Listeners: ports, protocol pairs, timeouts, and what the profile lets one change.
#include "models/config/allowing_profiles.hpp"
#include "models/config/problem_list.hpp"

namespace elblab::config {
namespace {

std::string path_of(const Listener& listener) { return "listeners." + listener.name; }

std::string port_text(const PortRange& port) {
  return port.first == port.last ? std::to_string(port.first)
                                 : std::to_string(port.first) + "-" + std::to_string(port.last);
}

bool layer4(ListenerProtocol protocol) {
  return protocol == ListenerProtocol::tcp || protocol == ListenerProtocol::udp;
}

void check_port(const LoadBalancer& balancer, const Listener& listener, ProblemList& problems) {
  const std::string field = path_of(listener) + ".port";
  if (listener.port.first == 0 || listener.port.first > listener.port.last) {
    problems.add(field, "port " + port_text(listener.port) + " is outside 1..65535", "PRT-01");
  } else if (listener.port.first != listener.port.last && !balancer.profile->port_range_listener) {
    problems.add(
        field,
        "profile " + std::string(balancer.profile->name) + " has no port-range listeners; " +
            allowing_profiles([](const Profile& each) { return each.port_range_listener; }),
        "FTC-04");
  }
}

void check_server_port(const Listener& listener, ProblemList& problems) {
  if (listener.server_port == ServerPort::own) return;
  const std::string field = path_of(listener) + ".server_port";
  if (!layer4(listener.protocol)) {
    problems.add(field, "only tcp and udp listeners lead to the listening port of their servers",
                 "CON-12");
  } else if (listener.port.first <= listener.port.last && listener.port.size() > kMostServerPorts) {
    problems.add(field,
                 "each server would listen on " + std::to_string(listener.port.size()) +
                     " ports; at most " + std::to_string(kMostServerPorts) + " are possible",
                 "CON-12");
  }
}

// UDP has port numbers of its own; TCP, HTTP, HTTPS and TLS share one set (PRT-02).
bool share_ports(ListenerProtocol a, ListenerProtocol b) {
  return (a == ListenerProtocol::udp) == (b == ListenerProtocol::udp);
}

void check_clashes(const LoadBalancer& balancer, std::size_t index, ProblemList& problems) {
  const Listener& listener = balancer.listeners[index];
  for (std::size_t i = 0; i < index; ++i) {
    const Listener& earlier = balancer.listeners[i];
    if (earlier.name == listener.name) {
      problems.add(path_of(listener), "the name " + listener.name + " is used twice", "GEN-02");
    }
    const bool overlap =
        listener.port.first <= earlier.port.last && earlier.port.first <= listener.port.last;
    if (overlap && share_ports(listener.protocol, earlier.protocol)) {
      problems.add(path_of(listener) + ".port",
                   std::string(to_string(listener.protocol)) + " port " + port_text(listener.port) +
                       " clashes with " + std::string(to_string(earlier.protocol)) + " port " +
                       port_text(earlier.port) + " of listener " + earlier.name,
                   listener.protocol == earlier.protocol ? "PRT-03" : "PRT-02");
    }
  }
}

bool pair_allowed(const Profile& profile, ListenerProtocol front, BackendProtocol back) {
  switch (front) {  // PRT-05, PRT-06, PRT-10
    case ListenerProtocol::tcp:
      return back == BackendProtocol::tcp;
    case ListenerProtocol::udp:
      return back == BackendProtocol::udp ||
             (back == BackendProtocol::quic && profile.quic_backend);
    case ListenerProtocol::http:
      return back == BackendProtocol::http;
    case ListenerProtocol::https:
      return back == BackendProtocol::http ||
             (back == BackendProtocol::https && profile.https_backend) ||
             (back == BackendProtocol::grpc && profile.grpc_backend);
    case ListenerProtocol::tls:
      return back == BackendProtocol::tls;
  }
  return false;
}

void check_group(const LoadBalancer& balancer, const Listener& listener, ProblemList& problems) {
  const std::string field = path_of(listener) + ".group";
  const BackendGroup* group = balancer.find_group(listener.group);
  if (group == nullptr) {
    problems.add(field, "there is no group named '" + listener.group + "'", "GEN-02");
    return;
  }
  if (group->servers.empty()) {
    problems.add("groups." + group->name + ".servers",
                 "listener " + listener.name + " needs a group with at least one server", "GEN-01");
  }
  if (!pair_allowed(*balancer.profile, listener.protocol, group->protocol)) {
    problems.add(field,
                 "a " + std::string(to_string(group->protocol)) + " group cannot serve a " +
                     std::string(to_string(listener.protocol)) + " listener in profile " +
                     std::string(balancer.profile->name) + "; " +
                     allowing_profiles([&](const Profile& each) {
                       return pair_allowed(each, listener.protocol, group->protocol);
                     }),
                 "PRT-11");
  }
  if (group->health_check && layer4(listener.protocol)) {
    const bool udp_probe = group->health_check->protocol == ProbeProtocol::udp;
    if (udp_probe != (listener.protocol == ListenerProtocol::udp)) {
      problems.add("groups." + group->name + ".health_check.protocol",
                   "a " + std::string(to_string(group->health_check->protocol)) +
                       " probe does not fit the " + std::string(to_string(listener.protocol)) +
                       " listener " + listener.name +
                       ": UDP listeners are probed by udp, others not",
                   "HC-01");
    }
  }
}

void check_transfer(const LoadBalancer& balancer, const Listener& listener, ProblemList& problems) {
  if (!listener.transfer_client_ip) return;
  const Profile& profile = *balancer.profile;
  const std::string field = path_of(listener) + ".transfer_client_ip";
  if (!layer4(listener.protocol)) {
    problems.add(field, "only tcp and udp listeners transfer the client address", "SRC-02");
  } else if (!profile.transfer_client_ip_configurable &&
             *listener.transfer_client_ip != profile.transfer_client_ip_default) {
    problems.add(field,
                 std::string("profile ") + std::string(profile.name) + " fixes it to " +
                     (profile.transfer_client_ip_default ? "true" : "false") +
                     "; ip_as_backend makes it void; " + allowing_profiles([](const Profile& each) {
                       return each.transfer_client_ip_configurable;
                     }),
                 "SRC-03");
  }
}

void check_tcp_idle(const Profile& profile, const std::string& field, Duration value,
                    ProblemList& problems) {
  if (profile.tcp_idle_timeout_range) {
    problems.check_range(field, "idle timeout", value, profile.tcp_idle_timeout_range->low,
                         profile.tcp_idle_timeout_range->high, "TO-04");
  } else if (value != profile.tcp_idle_timeout_default) {
    problems.add(
        field,
        "idle timeout " + ProblemList::text(value) + ": profile " + std::string(profile.name) +
            " fixes it to " + ProblemList::text(profile.tcp_idle_timeout_default) + "; " +
            allowing_profiles([&](const Profile& each) {
              return each.tcp_idle_timeout_range && each.tcp_idle_timeout_range->contains(value);
            }),
        "TO-02");
  }
}

void check_timeouts(const LoadBalancer& balancer, const Listener& listener, ProblemList& problems) {
  const std::string field = path_of(listener) + ".idle_timeout";
  if (listener.idle_timeout && listener.protocol == ListenerProtocol::tcp) {
    check_tcp_idle(*balancer.profile, field, *listener.idle_timeout, problems);
  }
  if (listener.idle_timeout && listener.protocol == ListenerProtocol::udp) {
    if (!balancer.profile->udp_idle_timeout_configurable) {
      problems.add(field,
                   "profile " + std::string(balancer.profile->name) +
                       " does not let UDP listeners set it; " +
                       allowing_profiles(
                           [](const Profile& each) { return each.udp_idle_timeout_configurable; }),
                   "TO-05");
    } else {
      problems.check_range<Duration>(field, "idle timeout", *listener.idle_timeout,
                                     std::chrono::seconds(10), std::chrono::seconds(4000), "TO-04");
    }
  }
  const bool refused_here = layer4(listener.protocol);
  if (listener.request_timeout && refused_here) {
    problems.add(path_of(listener) + ".request_timeout",
                 "only http and https listeners have a request timeout", "TO-08");
  }
  if (listener.response_timeout && refused_here) {
    problems.add(path_of(listener) + ".response_timeout",
                 "only http and https listeners have a response timeout", "TO-10");
  }
}

void check_supported(const Listener& listener, ProblemList& problems) {
  if (!layer4(listener.protocol)) {
    problems.refuse_unsupported(path_of(listener) + ".protocol",
                                "a " + std::string(to_string(listener.protocol)) + " listener",
                                "FWD-03");
  }
}

void check_access(const Profile& profile, const Listener& listener, ProblemList& problems) {
  if (!listener.access) return;
  const AccessControl& access = *listener.access;
  const std::string path = path_of(listener) + ".access";
  const std::string of_profile = "profile " + std::string(profile.name);
  if (access.kind == AccessControl::Kind::blacklist && !profile.blacklist) {
    problems.add(path + ".kind",
                 of_profile + " has no blacklists; " +
                     allowing_profiles([](const Profile& each) { return each.blacklist; }),
                 "ACL-04");
  }
  if (profile.most_access_entries && access.entries.size() > *profile.most_access_entries) {
    problems.add(path + ".entries",
                 std::to_string(access.entries.size()) + " entries: " + of_profile +
                     " takes at most " + std::to_string(*profile.most_access_entries) + "; " +
                     allowing_profiles([&](const Profile& each) {
                       return access.entries.size() <=
                              each.most_access_entries.value_or(access.entries.size());
                     }),
                 "LIM-03");
  }
  for (const net::Subnet& entry : access.entries) {
    if (profile.ipv6 || entry.base().is_v4()) continue;
    problems.add(path + ".entries",
                 entry.to_string() + " is of IPv6, and " + of_profile + " has none; " +
                     allowing_profiles([](const Profile& each) { return each.ipv6; }),
                 "ACL-06");
    return;
  }
}

}  // namespace

void validate_listeners(const LoadBalancer& balancer, ProblemList& problems) {
  if (balancer.listeners.empty()) {
    problems.add("listeners", "at least one listener is needed before traffic can flow", "GEN-01");
  }
  for (std::size_t i = 0; i < balancer.listeners.size(); ++i) {
    const Listener& listener = balancer.listeners[i];
    if (listener.name.empty()) problems.add("listeners", "a listener has no name", "GEN-02");
    check_supported(listener, problems);
    check_access(*balancer.profile, listener, problems);
    check_port(balancer, listener, problems);
    check_server_port(listener, problems);
    check_clashes(balancer, i, problems);
    check_group(balancer, listener, problems);
    check_transfer(balancer, listener, problems);
    check_timeouts(balancer, listener, problems);
  }
}

}  // namespace elblab::config
