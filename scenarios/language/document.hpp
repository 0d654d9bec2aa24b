// What a scenario file says, field by field, before names are resolved. The field tables fill it
// and write it back; the resolver makes a Scenario of it.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/language/scenario.hpp"
#include "scenarios/language/timeline_verbs.hpp"
#include "scenarios/language/tree.hpp"

namespace elblab::language {

struct AddressRange {
  net::IpAddress first;
  std::uint32_t count = 1;
};

// Addresses of a host: given, or how many to assign.
struct AddressPlan {
  std::vector<AddressRange> given;
  std::uint32_t count = 1;  // used when none are given
};

// Where the addresses of hosts may lie; they are assigned from the first that has room.
struct Networks {
  std::vector<net::Subnet> clients;
  std::vector<net::Subnet> servers;
  Networks();
};

struct NetworkEntry {
  network::ReturnPath return_path = network::ReturnPath::newest;
};

struct ZoneEntry {
  std::string name;
};

struct SubnetEntry {
  std::string name;
  net::Subnet cidr;
  std::optional<std::string> zone;
  bool is_public = false;
  std::optional<config::NetworkAcl> acl;
};

struct SiteEntry {
  std::string name;
  std::vector<SubnetEntry> subnets;
};

struct PlaceLinkEntry {
  std::string name;
  std::vector<std::string> between;  // empty: the two that the name says, "az1-az2"
  PlaceLinkSpec::Kind kind = PlaceLinkSpec::Kind::zone_to_zone;
  Link link;
  std::optional<std::uint32_t> mtu_bytes;  // nullopt: that of its kind
};

// A CDN of a host.
struct RelayEntry {
  std::string to;
  std::optional<std::uint16_t> port;              // nullopt: that of `to`
  std::optional<std::uint32_t> egress_addresses;  // nullopt: all it has
  relay::RelayParameters values;                  // all others
};

// The same with other defaults.
struct WafEntry : RelayEntry {
  WafEntry();
};

// Of every port that it listens on; port and udp of the values are not used here.
struct ServiceEntry : workload::ServerParameters {
  std::optional<std::vector<std::uint16_t>> ports;  // nullopt: those that groups name
};

struct HostEntry {
  HostSpec spec;
  std::optional<HostRole> role;
  std::optional<std::string> subnet;
  std::optional<std::string> behind;  // a middlebox
  std::string name;
  AddressPlan addresses;
  std::optional<std::vector<std::string>> security_groups;
  std::optional<config::HostFirewall> firewall;
  std::optional<ServiceEntry> service;
  std::optional<RelayEntry> cdn;
  std::optional<WafEntry> waf;

  // Whichever of the two it is; nullptr: neither.
  const RelayEntry* relay() const { return cdn ? &*cdn : waf ? &*waf : nullptr; }
  RelayEntry* relay() { return cdn ? &*cdn : waf ? &*waf : nullptr; }
};

struct NatEntry {
  AddressPlan addresses;  // the outer ones
  config::Nat values;     // all others
};

// A node that hides its containers behind its own address, by the ways and times of netfilter.
struct ContainerNodeEntry : NatEntry {
  ContainerNodeEntry();
};

struct MiddleboxEntry {
  std::string name;
  std::optional<std::string> subnet;  // of its outer addresses; nullopt: the networks of clients
  std::optional<Link> link;           // nullopt: one that neither delays nor loses
  std::optional<NatEntry> nat;        // one of the two
  std::optional<ContainerNodeEntry> container_node;

  const NatEntry& box() const { return container_node ? *container_node : *nat; }
  NatEntry& box() { return container_node ? *container_node : *nat; }
  // Its key in the file.
  const char* kind() const { return container_node ? "container_node" : "nat"; }
};

struct ServerEntry {
  std::string name;  // of a host
  std::uint16_t port = 0;
  std::uint8_t weight = 1;
  bool by_ip_address = false;
  AddressPlan address;  // balancer files only; of all servers that one name pattern stands for
};

struct GroupEntry {
  std::string name;
  std::optional<config::BackendProtocol> protocol;  // nullopt: follows from the listener
  std::optional<config::Algorithm> algorithm;       // nullopt: follows from the protocol
  std::optional<config::SourceHash> source_hash;
  std::optional<config::ConnectionIds> connection_ids;
  std::vector<ServerEntry> servers;
  std::optional<config::HealthCheck> health_check;
  config::NoHealthyServer no_healthy_server = config::NoHealthyServer::refuse;
  config::UnhealthyConnections unhealthy_connections = config::UnhealthyConnections::keep;
  std::optional<config::Stickiness> stickiness;
  std::optional<Duration> deregistration_delay;
};

struct BalancerEntry {
  std::string name = "balancer";
  std::optional<std::string> profile;  // nullopt: the scenario's
  std::vector<std::string> zones;      // of its nodes; empty: the core
  config::LoadBalancer values;         // all but name, profile and groups
  std::vector<GroupEntry> groups;
  BalancerEntry();
};

// What a balancer file says.
struct BalancerDocument {
  std::string profile = "dedicated";
  std::optional<BalancerEntry> balancer;  // one of the two, as in a scenario
  std::vector<BalancerEntry> balancers;
};

struct WorkloadEntry {
  std::string name;
  workload::ClientParameters values;
  std::vector<std::string> from;
  std::string to;
  std::optional<std::uint16_t> port;  // of a listener with a range
  std::optional<double> short_connections;
  std::optional<std::uint32_t> persistent;
  std::optional<double> datagrams;
  std::optional<std::uint32_t> users;
  std::optional<std::uint32_t> quic;
  double requests_per_second = 0;
  std::optional<workload::OnOff> on_off;
  Duration begin{0};
  std::optional<Duration> length;  // `for`
};

struct TimelineItem {
  Duration at{0};
  // One of these: the target of a verb, as kTimelineVerbs; an operation.
  std::array<std::optional<std::string>, kTimelineVerbs.size()> targets;
  std::optional<Node> set;                         // paths and values
  std::optional<std::vector<std::string>> remove;  // paths
  std::optional<std::uint8_t> weight;
  std::optional<std::string> name;
  std::optional<std::int64_t> value;
  std::optional<double> loss;
  std::optional<double> bandwidth;
};

struct RunEntry {
  std::string name;
  std::string title;
  std::string why;
  Node set = Node::map();
};

// Values are kept as written, since their unit is that of the measure.
struct ExpectItem {
  std::string measure;  // empty: of the diagnosis
  std::optional<std::vector<std::string>> diagnosis;
  std::optional<Stat> stat;
  std::optional<Duration> from;
  std::optional<Duration> to;
  std::optional<Duration> window;
  std::optional<std::string> relative_to;
  std::optional<std::string> equals;
  std::optional<std::vector<std::string>> within;
  std::optional<std::string> about;
  std::optional<double> tolerance;
  std::optional<std::string> above;
  std::optional<std::string> below;
  std::optional<std::string> at_least;
  std::optional<std::string> at_most;
};

// What an ExpectEntry calls all runs.
constexpr std::string_view kEveryRun = "all";

struct ExpectEntry {
  std::string run;  // or kEveryRun
  std::vector<ExpectItem> items;
};

// What changes when the scenario is run on real Linux hosts.
struct LiveRunEntry {
  std::string name;
  Node set = Node::map();
};

struct LiveEntry {
  std::vector<LiveRunEntry> runs;  // empty: all
  Node set = Node::map();
  std::optional<std::vector<ExpectEntry>> expect;  // in place of all of the file's
  double tolerance = Scenario().agreement_tolerance;
};

struct Document {
  std::string id;
  std::string title;
  std::string text;
  std::vector<std::string> exercises;
  std::string profile = "dedicated";
  std::vector<std::uint64_t> seeds{1};
  std::optional<Duration> duration;
  Duration sample_interval = std::chrono::seconds(1);
  std::string why;
  std::string remedy;
  std::vector<std::string> curves;
  Networks networks;
  std::optional<NetworkEntry> network;
  std::vector<ZoneEntry> zones;
  std::vector<SiteEntry> sites;
  std::vector<PlaceLinkEntry> links;
  std::vector<SubnetEntry> subnets;
  std::vector<config::SecurityGroup> security_groups;
  std::vector<HostEntry> hosts;
  std::vector<MiddleboxEntry> middleboxes;
  // One of the two: a single one, named "balancer", or several by name.
  std::optional<BalancerEntry> balancer;
  std::vector<BalancerEntry> balancers;
  std::vector<WorkloadEntry> workloads;
  std::vector<TimelineItem> timeline;
  std::vector<RunEntry> runs;
  std::vector<ExpectEntry> expect;
  std::optional<LiveEntry> live;

  // Whichever of the two the file gives, in its order.
  std::span<BalancerEntry> all_balancers();
  std::span<const BalancerEntry> all_balancers() const;
  // Where one of them stands in the file, with what is below it.
  std::vector<std::string> path_of(const BalancerEntry& balancer,
                                   std::initializer_list<std::string> below = {}) const;
};

}  // namespace elblab::language
