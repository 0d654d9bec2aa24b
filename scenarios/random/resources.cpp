#include "scenarios/random/resources.hpp"

#include <algorithm>
#include <cmath>

namespace elblab::random_scenarios {
namespace {

constexpr double kSegment = 1448;       // bytes, with timestamps
constexpr double kInitialWindow = 10;   // segments (RFC 6928)
constexpr double kSmallestHeader = 40;  // IPv4 and TCP without options
constexpr double kLargestHeader = 60;
constexpr double kUdpHeader = 28;
constexpr double kQuicHeader = 64;  // of a short packet, amply
constexpr double kQuicInitial =
    1300;  // the datagram that opens a connection (RFC 9000 section 14.1)

double segments(double bytes) { return std::max(1.0, std::ceil(bytes / kSegment)); }

// Round trips that a transfer takes beyond its first window.
double further_rounds(double bytes) {
  double window = kInitialWindow * kSegment;
  double sent = window;
  double rounds = 0;
  while (sent < bytes) {
    window *= 2;
    sent += window;
    ++rounds;
  }
  return rounds;
}

double connection_time(const Lane& lane) { return answer_time(lane) + lane.load.hold; }

// How long a request holds its connection at most.
double longest(const Lane& lane) {
  const Load& load = lane.load;
  return lane.troubled ? load.patience + load.hold : 2 * connection_time(lane);
}

Use client_ports(const Lane& lane) {
  const Load& load = lane.load;
  const double addresses = lane.clients.all_addresses();
  const bool waits = load.connects_per_request() && !load.server_closes;
  const double wait = waits ? std::min(lane.clients.time_wait, load.length()) : 0;
  const bool keeps = load.kind == LoadKind::persistent || load.kind == LoadKind::quic;
  const double held = keeps ? load.connections : 0;
  Use use{"client_ports", lane.name, "ports of each address", 0, 0, 0};
  use.least = waits ? least_requests(lane) * wait / addresses : held / addresses;
  use.most = held / addresses;
  if (!keeps) {
    use.most = most_requests(lane) / addresses * (wait + longest(lane));
  }
  use.limit = lane.clients.ports;
  return use;
}

// A move is a flow, and so is the connection that takes the place of one that did not survive it.
double quic_flows(const Load& load) { return load.connections * (1 + 2 * load.moves()); }

Use balancer_ports(const Draft& draft, const Lane& lane) {
  const Load& load = lane.load;
  Use use{"balancer_ports", lane.name, "source ports", 0, 0, 0};
  const double rate = most_requests(lane);
  if (load.kind == LoadKind::persistent) {
    use.least = use.most = load.connections;
    // Who gives up and comes again leaves the old port behind for a while.
    if (lane.troubled) use.most += most_requests(lane) * draft.closed_timeout;
  } else if (load.kind == LoadKind::quic) {
    use.most = quic_flows(load);
  } else if (load.kind == LoadKind::datagrams) {
    use.least = use.most = rate * std::min(kUdpIdleTimeout, load.length());
  } else {
    use.least = least_requests(lane) * (load.hold + draft.closed_timeout);
    // A SYN without an answer keeps its port as long as the balancer waits for the handshake.
    const double handshake = lane.troubled ? kHandshakeTimeout : 0;
    use.most = rate * (longest(lane) + draft.closed_timeout + handshake);
  }
  use.limit = double(draft.pool_addresses) * draft.pool_ports * lane.servers.hosts;
  return use;
}

// Of one node, by all lanes: this one's part. A SYN that is lost keeps its entry for long.
Use connection_table(const Draft& draft, const Lane& lane) {
  const Load& load = lane.load;
  Use use{"connection_table", lane.name, "connections", 0, 0, double(*draft.connection_limit)};
  if (load.kind == LoadKind::persistent) {
    use.least = use.most = load.connections;
  } else if (load.kind == LoadKind::quic) {
    use.most = quic_flows(load);
  } else if (load.kind == LoadKind::datagrams) {
    use.least = use.most = load.rate * std::min(kUdpIdleTimeout, load.length());
  } else {
    use.least = least_requests(lane) * (load.hold + draft.closed_timeout);
    use.most = most_requests(lane) * (longest(lane) + draft.closed_timeout + kHandshakeTimeout);
  }
  return use;
}

Use server_cpu(const Lane& lane) {
  const Servers& servers = lane.servers;
  Use use{"server_cpu", lane.name, "CPUs of a server", 0, 0, double(servers.cpus)};
  use.least = least_requests(lane) / servers.hosts * servers.cpu_time;
  use.most = most_requests(lane) * servers.largest_share() * servers.cpu_time;
  return use;
}

Use accept_queue(const Lane& lane) {
  const Servers& servers = lane.servers;
  Use use{"accept_queue", lane.name, "connections/s of a server", 0, 0, *servers.accept_rate};
  use.least = least_requests(lane) / servers.hosts;
  use.most = most_requests(lane) * servers.largest_share();
  return use;
}

// What a storm of connections puts into a queue of a server at once.
Use backlog(const Lane& lane) {
  Use use{"backlog", lane.name, "connections of a server", 0, 0, double(lane.servers.backlog)};
  use.most = lane.load.connections * lane.servers.largest_share();
  return use;
}

Use link(const Lane& lane, bool of_clients) {
  const RequestBytes bytes = bytes_of(lane.load);
  const double share = of_clients ? 1.0 / lane.clients.hosts : lane.servers.largest_share();
  Use use{of_clients ? "client_link" : "server_link", lane.name, "bit/s", 0, 0, 0};
  use.most = 8 * most_requests(lane) * share * std::max(bytes.most_in, bytes.most_out);
  use.limit = of_clients ? lane.clients.wire.rate : lane.servers.wire.rate;
  return use;
}

// Requests that may come at the same moment: all users at the begin of their load.
double together(const Load& load) {
  constexpr double kOpenLoop = 6;
  return load.kind == LoadKind::users ? load.connections : kOpenLoop;
}

// How long the last of the users that begin together waits for a CPU, or to be accepted.
Use first_rush(const Lane& lane) {
  const Servers& servers = lane.servers;
  const double each = lane.load.connections * servers.largest_share();
  Use use{"first_rush", lane.name, "s", 0, 0, lane.load.slow};
  use.most = answer_time(lane) + each * servers.cpu_time / servers.cpus;
  if (servers.accept_rate) use.most += each / *servers.accept_rate;
  return use;
}

Use link_rush(const Lane& lane) {
  constexpr double kQueue = 1000;  // packets
  const double largest = double(std::max(lane.load.request, lane.load.response));
  Use use{"link_rush", lane.name, "packets", 0, 0, kQueue};
  use.most = together(lane.load) * std::min(segments(largest), kInitialWindow) /
             std::min(lane.clients.hosts, lane.servers.hosts);
  return use;
}

double smallest_bandwidth(const Draft& draft) {
  const double first = draft.eip->bandwidth;
  return draft.bandwidth_change ? std::min(first, draft.bandwidth_change->bandwidth) : first;
}

Use eip_rush(const Draft& draft, const Lane& lane) {
  const double bytes_per_second = smallest_bandwidth(draft) / 8;
  const RequestBytes bytes = bytes_of(lane.load);
  Use use{"eip_rush", lane.name, "B", 0, 0, 0};
  use.most = together(lane.load) * std::max(bytes.most_in, bytes.most_out);
  // Persistent connections are opened and closed together.
  if (lane.load.kind == LoadKind::persistent) {
    use.most += 2 * kLargestHeader * lane.load.connections;
  }
  if (lane.load.kind == LoadKind::quic) use.most += kQuicInitial * lane.load.connections;
  // What queues must be through before its users call it slow.
  const double patience = std::max(0.0, lane.load.slow - answer_time(lane));
  use.limit =
      draft.eip->burst.value_or(0.1 * bytes_per_second) +
      std::min(draft.eip->queue.value_or(0.2 * bytes_per_second), patience * bytes_per_second);
  return use;
}

// While this lane is loaded, with all that is loaded at the same time.
Use bandwidth(const Draft& draft, const Lane& lane, bool in) {
  Use use{
      in ? "bandwidth_in" : "bandwidth_out", lane.name, "bit/s", 0, 0, smallest_bandwidth(draft)};
  for (const Window& window : lane.load.windows) {
    double least = 0;
    double most = 0;
    for (const Lane& other : draft.lanes) {
      const RequestBytes bytes = bytes_of(other.load);
      const double last = other.troubled ? other.load.patience : 0;  // of requests under way
      for (const Window& at : other.load.windows) {
        if (at.begin >= window.end() || at.end() + last <= window.begin) continue;
        most += 8 * most_requests(other) * (in ? bytes.most_in : bytes.most_out);
      }
    }
    const RequestBytes bytes = bytes_of(lane.load);
    least = 8 * least_requests(lane) * (in ? bytes.least_in : bytes.least_out);
    use.least = std::max(use.least, least);
    use.most = std::max(use.most, most);
  }
  return use;
}

}  // namespace

double answer_time(const Lane& lane) {
  const Load& load = lane.load;
  const Wire& near = lane.clients.wire;
  const Wire& far = lane.servers.wire;
  const double round_trip = 2 * (near.delay + near.jitter + far.delay + far.jitter);
  double rounds = load.connects_per_request() ? 2 : 1;
  if (load.is_tcp()) {
    rounds += further_rounds(double(load.request)) + further_rounds(double(load.response));
  }
  const RequestBytes bytes = bytes_of(load);
  const double wire = 8 * (bytes.most_in + bytes.most_out) / std::min(near.rate, far.rate);
  return rounds * round_trip + lane.servers.service_time + lane.servers.cpu_time + wire;
}

double least_requests(const Lane& lane) {
  const Load& load = lane.load;
  if (load.kind != LoadKind::users) return load.rate;
  // Who failed pauses for a second at least.
  return load.connections / (std::max(load.think_time, 1.0) + load.patience);
}

double most_requests(const Lane& lane) {
  const Load& load = lane.load;
  const double tries = lane.troubled ? 1 + load.retries : 1;
  if (load.kind != LoadKind::users) return load.rate * tries;
  return load.connections / (load.think_time + answer_time(lane));
}

RequestBytes bytes_of(const Load& load) {
  const double asked = double(load.request);
  const double answered = double(load.response);
  RequestBytes bytes;
  if (!load.is_tcp()) {
    bytes.least_in = bytes.most_in = asked + kUdpHeader;
    bytes.least_out = bytes.most_out = answered + kUdpHeader;
    if (load.kind == LoadKind::quic) {
      const double requests = load.rate * load.length();
      const double opening = requests > 0 ? kQuicInitial * quic_flows(load) / requests : 0;
      bytes.most_in += kQuicHeader + opening;
      bytes.most_out += kQuicHeader + opening;
    }
    return bytes;
  }
  const double there = segments(asked);
  const double back = segments(answered);
  // SYN, ACK, FIN, ACK; SYN+ACK, FIN, ACK.
  const double opening = load.connects_per_request() ? 1 : 0;
  bytes.least_in = asked + kSmallestHeader * (there + 3 * opening);
  bytes.most_in = asked + kLargestHeader * (there + back + 5 * opening);
  bytes.least_out = answered + kSmallestHeader * (back + 2 * opening);
  bytes.most_out = answered + kLargestHeader * (back + there + 4 * opening);
  return bytes;
}

std::vector<Use> uses_of(const Draft& draft) {
  std::vector<Use> uses;
  for (const Lane& lane : draft.lanes) {
    uses.push_back(client_ports(lane));
    if (draft.full_nat(lane)) uses.push_back(balancer_ports(draft, lane));
    if (draft.connection_limit) uses.push_back(connection_table(draft, lane));
    if (lane.servers.cpu_time > 0) uses.push_back(server_cpu(lane));
    if (lane.servers.accept_rate && lane.load.connects_per_request()) {
      uses.push_back(accept_queue(lane));
    }
    if (lane.load.kind == LoadKind::persistent) uses.push_back(backlog(lane));
    uses.push_back(link(lane, true));
    uses.push_back(link(lane, false));
    uses.push_back(link_rush(lane));
    if (lane.load.kind == LoadKind::users) uses.push_back(first_rush(lane));
  }
  if (draft.eip) {
    for (const Lane& lane : draft.lanes) {
      uses.push_back(bandwidth(draft, lane, true));
      uses.push_back(bandwidth(draft, lane, false));
      uses.push_back(eip_rush(draft, lane));
    }
  }
  return uses;
}

}  // namespace elblab::random_scenarios
