// One run of a scenario, fully decoded: what a world builds and runs.
//
// A scenario file describes a base and named runs that override parts of it; ScenarioFile (see
// scenario_file.hpp) decodes each run into one Scenario. Plain values in SI units or typed times;
// names refer to names in the same scenario and have been checked.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "models/config/nat.hpp"
#include "models/config/packet_rules.hpp"
#include "models/host/host.hpp"
#include "models/network/return_path.hpp"
#include "models/relay/relay_parameters.hpp"
#include "models/workload/parameters.hpp"
#include "scenarios/language/expectation.hpp"
#include "scenarios/language/shared_text.hpp"

namespace elblab::language {

enum class LinkKind : std::uint8_t {
  point_to_point,  // an ns-3 point-to-point channel
  csma,            // an ns-3 CSMA segment, Ethernet frames and ARP; hosts of one segment share it
  pooled,          // pooled buffers with the same end points, for volume
};

struct Link {
  LinkKind kind = LinkKind::point_to_point;
  double rate_bits_per_second = 1e9;
  Duration delay{std::chrono::microseconds(100)};
  Duration jitter{0};  // each packet delayed by uniform [0, jitter) more (may reorder)
  double loss = 0;     // probability per packet, each direction
  std::uint32_t queue_packets = 1000;
  std::string segment;  // csma: name of the shared segment; empty = its own
};

// any: of a host in a subnet of its own choosing, which may serve, connect, or both.
enum class HostRole : std::uint8_t { client, server, any };
enum class HostStack : std::uint8_t { model, ns3 };

// A zone, a site, or what lies between them: a network of its own, a Fabric in a world.
struct PlaceSpec {
  // inside: what stands behind a middlebox, whose name it has.
  enum class Kind : std::uint8_t { core, zone, site, inside };
  std::string name;  // "core": where everything is that names no zone
  Kind kind = Kind::core;
};

struct SubnetSpec {
  std::string name;
  net::Subnet cidr;
  std::size_t place = 0;                  // in Scenario::places
  bool is_public = false;                 // of the internet
  std::optional<config::NetworkAcl> acl;  // nullopt: everything passes
};

// Joins two places. Between the core and a place that no link of the file joins with any other,
// there is one that neither delays nor loses.
struct PlaceLinkSpec {
  // inner: a wire that neither delays nor loses. uplink: one given to a middlebox.
  enum class Kind : std::uint8_t { inner, zone_to_zone, vpn, direct_connect, peering, uplink };
  std::string name;
  std::size_t from = 0;  // in Scenario::places
  std::size_t to = 0;
  Kind kind = Kind::zone_to_zone;
  Link link;
  std::uint32_t mtu_bytes = 1500;  // longer packets are refused (RFC 1191)
};

// A CDN or WAF on a host.
struct RelaySpec {
  enum class Kind : std::uint8_t { cdn, waf };
  Kind kind = Kind::cdn;
  std::string to;          // as the file names it: a listener, or another such host
  std::uint16_t port = 0;  // where it listens
  relay::RelayParameters parameters;
};

struct HostSpec {
  std::string name;
  HostRole role = HostRole::client;
  std::size_t place = 0;  // in Scenario::places
  std::string subnet;     // empty: the networks of its role, or behind a middlebox
  std::string behind;     // a middlebox; empty: none
  HostStack stack = HostStack::model;
  std::vector<net::IpAddress> addresses;  // at least one; assigned when the file gives none
  Link link;
  host::Sysctls sysctls;
  Duration time_wait = std::chrono::seconds(60);
  host::InitialSequence initial_sequence = host::InitialSequence::hashed_clock;
  std::vector<std::string> security_groups;  // none: not filtered
  std::optional<config::HostFirewall> firewall;
  // Servers: one per distinct (port, protocol) that a group names on this host, or with the ports
  // of its own that its `service` gives, in order of port then protocol; all behave as that says.
  // Empty for clients.
  std::vector<workload::ServerParameters> services;
  std::optional<RelaySpec> relay;  // then there are no services
};

// A NAT box. The place of the hosts behind it is its own, and reached through its outer addresses
// alone.
struct MiddleboxSpec {
  std::string name;
  std::size_t inside_place = 0;   // in Scenario::places
  std::size_t outside_place = 0;  // likewise
  config::Nat nat;
};

struct WorkloadSpec {
  workload::ClientParameters parameters;  // destination filled in from the listener
  std::vector<std::string> from;          // client host names; the rate is split evenly
  std::string balancer;                   // empty: to a host directly
  std::string listener;
  std::string host;
};

// What an operator changes at a running balancer, as its audit trace has it (CTS-06, CTS-08,
// CTS-09).
struct Operation {
  Instant requested_at;
  std::size_t balancer = 0;
  std::string path;    // of what changes, as --set has it: "balancer.groups.app.servers.b1.weight"
  std::string before;  // its value as a file has it; empty: there was none
  std::string after;   // likewise
  // How the audit trace calls it: "member", "update backend ecs". Empty: it belongs to another
  // service, as the public address does (GEN-06).
  std::string resource;
  std::string trace_name;
  std::optional<std::pair<std::size_t, std::size_t>> server;  // group and server it is about
  bool keeps_connections = false;                             // LIFE-13
  // The balancer from then on, with the servers of every moment of the run in their places.
  std::shared_ptr<const config::LoadBalancer> result;
};

// A change or fault at a moment of the run.
struct TimelineEntry {
  Instant at;  // when it takes effect
  enum class Action : std::uint8_t {
    link_down,  // target: host
    link_up,
    stop_service,  // target: server host; its port closes
    start_service,
    set_weight,      // target: server by its object's name, value; has an operation
    disable_server,  // target as set_weight; out of scheduling, as an unhealthy server
    enable_server,
    set_sysctl,     // target: host, name: sysctl, value
    set_loss,       // target: host, number: probability
    set_bandwidth,  // target: balancer, number: bit/s of its public address; has an operation
    zone_down,      // target: zone
    zone_up,
    operate,  // target: what the operation is about, for people
  } action = Action::link_down;
  std::string target;
  std::string name;
  std::int64_t value = 0;
  double number = 0;
  std::optional<Operation> operation;
};

// A scenario as its file says it, or with the changes of its `live` section: for real Linux hosts,
// and for the simulation that is compared with them.
enum class Variant : std::uint8_t { as_written, live };

struct Scenario {
  Variant variant = Variant::as_written;
  // Live: share by which a figure may differ between the two worlds.
  double agreement_tolerance = 0.05;
  std::string id;   // "TW-01"
  std::string run;  // "symptom"
  std::string run_title;
  std::string title;
  std::string area;                    // the folder it stands in: "time-wait"
  std::vector<std::string> exercises;  // catalogue rows
  std::string profile;
  Duration duration{};  // simulated time
  Duration sample_interval{std::chrono::seconds(1)};
  std::vector<PlaceSpec> places{PlaceSpec{"core", PlaceSpec::Kind::core}};  // the core first
  std::vector<SubnetSpec> subnets;
  std::vector<config::SecurityGroup> security_groups;
  std::vector<PlaceLinkSpec> place_links;
  network::ReturnPath return_path = network::ReturnPath::newest;
  std::vector<HostSpec> hosts;
  std::vector<MiddleboxSpec> middleboxes;
  // At least one. Servers that operations of the timeline add stand behind the others of their
  // group; they are no members yet.
  std::vector<config::LoadBalancer> balancers;
  std::vector<WorkloadSpec> workloads;
  std::vector<TimelineEntry> timeline;
  std::vector<Expectation> expectations;  // of this run
  std::vector<DiagnosisExpectation> diagnoses;
  std::vector<Measure> curves;  // drawn in the terminal beside those judged
  SharedText source_text;       // the file as read
  std::string effective_yaml;   // this run with every default spelled out
};

// A server of a group of a balancer, by their indices.
struct ServerPlace {
  std::size_t balancer = 0;
  std::size_t group = 0;
  std::size_t server = 0;
};

}  // namespace elblab::language
