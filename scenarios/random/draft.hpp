// A scenario while it is drawn: figures with which one can reckon, before they become YAML.
//
// A lane is a path of its own from clients through a listener to servers; only the balancer - its
// public address, its pool of source ports, its nodes - is common to all lanes. Times are seconds,
// rates per second, bandwidths bit/s, sizes bytes.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/random/health_draft.hpp"
#include "scenarios/random/session_draft.hpp"

namespace elblab::random_scenarios {

inline constexpr unsigned kDefaultPorts = 28'232;      // net.ipv4.ip_local_port_range
inline constexpr unsigned kDefaultPoolPorts = 64'512;  // 1024-65535
inline constexpr unsigned kDefaultPoolAddresses = 4;
inline constexpr double kHandshakeTimeout = 60;  // of the balancer
inline constexpr double kUdpIdleTimeout = 300;

enum class LoadKind : std::uint8_t { short_connections, persistent, users, datagrams, quic };

struct Window {
  double begin = 0;
  double length = 0;
  double end() const { return begin + length; }
};

struct Load {
  LoadKind kind = LoadKind::short_connections;
  double rate = 0;            // requests; not of users
  unsigned connections = 0;   // persistent and QUIC: connections; users: users
  double think_time = 0;      // users
  double address_change = 0;  // QUIC: how long a connection goes on from one address; 0: always
  std::vector<Window> windows;
  std::uint64_t request = 200;
  std::uint64_t response = 1024;
  double patience = 10;
  double slow = 0.5;
  unsigned retries = 0;
  bool poisson = false;
  bool server_closes = false;
  double hold = 0;

  bool is_tcp() const { return kind != LoadKind::datagrams && kind != LoadKind::quic; }
  // QUIC: of each connection, in all.
  double moves() const { return address_change > 0 ? length() / address_change : 0; }
  bool connects_per_request() const {
    return kind == LoadKind::short_connections || kind == LoadKind::users;
  }
  double length() const;  // of all windows
  double begin() const { return windows.front().begin; }
  double end() const { return windows.back().end(); }
};

struct Wire {
  std::string kind = "point_to_point";
  double rate = 1e9;
  double delay = 0.001;
  double jitter = 0;
  double loss = 0;
  unsigned lossy_hosts = 0;  // the first so many of the lane's
};

struct Clients {
  unsigned hosts = 1;
  unsigned addresses = 1;  // each
  Wire wire;
  unsigned ports = kDefaultPorts;
  double time_wait = 60;
  // As some other systems: connections of one port are not told apart by sequence number or time.
  bool old_fashioned = false;
  unsigned all_addresses() const { return hosts * addresses; }
};

struct Servers {
  unsigned hosts = 1;
  Wire wire;
  double service_time = 0;
  unsigned cpus = 1;
  double cpu_time = 0;  // 0: no CPU modelled
  bool exponential = false;
  std::optional<double> accept_rate;
  unsigned backlog = 4096;
  bool capped_by_somaxconn = false;  // the backlog is net.core.somaxconn; the program asks for more
  std::vector<unsigned> weights;     // empty: alike
  unsigned closed_hosts = 0;         // nobody listens on the first so many
  bool by_source = false;            // source IP hash, else weighted round robin
  bool sticky = false;               // sticky sessions by source address
  bool keeps_time_wait = false;      // net.ipv4.tcp_rfc1337: a RST does not end it
  double largest_share() const;      // of the lane's new connections that one server gets
};

// More connections of the lane's clients, kept open, that reach the same port of the same servers
// in another way: through a listener of its own, or through another balancer. It keeps clients'
// addresses as the lane does.
struct Rival {
  unsigned connections = 0;
  double rate = 0;  // requests of all of them
  bool other_balancer = false;
};

// A second load of the lane's clients on the lane's listener. The resources here do not count with
// it.
struct Extra {
  LoadKind kind = LoadKind::short_connections;  // or persistent
  unsigned connections = 0;                     // persistent
  double rate = 0;                              // requests
  bool of_first_client = false;                 // else of all of them
};

struct Lane {
  std::string name;  // of listener, group, workload; hosts are <name>c1, <name>s1
  std::uint16_t port = 80;
  std::optional<bool> transfer_client_ip;
  std::optional<double> idle_timeout;
  Clients clients;
  Servers servers;
  Load load;
  std::optional<Rival> rival;
  std::optional<Extra> extra;
  std::optional<Sessions> sessions;   // of users; nullopt: nobody has one
  std::optional<HealthDraft> health;  // nullopt: nobody checks it
  bool troubled = false;  // something is hidden in it: requests may take all of their patience

  std::string client_names() const;  // "webc[1..3]", of one "webc1"
  std::string server_names() const;
  std::string rival_name() const { return name + "b"; }  // of its listener, group and workload
  std::string extra_name() const { return name + "x"; }  // of its workload
};

struct Eip {
  double bandwidth = 0;
  std::optional<double> burst;  // bytes
  std::optional<double> queue;
};

struct BandwidthChange {
  double at = 0;
  double bandwidth = 0;
  std::string lane;  // that it troubles
};

struct LossChange {
  double at = 0;
  std::string host;
  double loss = 0;
  std::string lane;  // of the host
};

// link_down and stop_service of a host, disable_server and enable_server of a "group/server".
struct Fault {
  double at = 0;
  std::string verb;
  std::string target;
  std::string lane;  // of the target
};

struct Draft {
  std::string profile = "dedicated";
  bool ip_as_backend = false;
  unsigned nodes = 2;
  // Of checks: Nginx nodes, which probe too, and whether probes come from fullNAT's addresses.
  unsigned proxy_nodes = 0;
  bool probes_from_pool = false;
  double sample_interval = 1;
  double closed_timeout = 2;  // of the balancer
  unsigned pool_addresses = kDefaultPoolAddresses;
  unsigned pool_ports = kDefaultPoolPorts;
  std::optional<Eip> eip;
  std::optional<BandwidthChange> bandwidth_change;
  std::vector<LossChange> loss_changes;
  std::vector<Fault> faults;
  std::optional<unsigned> connection_limit;  // of each node
  // A lane is drawn with references to others, and lanes are added meanwhile: they must not move.
  std::deque<Lane> lanes;
  double tail = 1;  // from the end of the last load to the end of the run

  double end_of_load() const;
  double duration() const { return end_of_load() + tail; }
  // Servers see an address of the balancer's: the pool is used.
  bool full_nat(const Lane& lane) const;
};

}  // namespace elblab::random_scenarios
