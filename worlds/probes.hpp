// Connects the names of measures.hpp to the counters of the models: one place per scope.
//
// Every measure of a scope is sampled for every object of it, in the order of the table. A measure
// without a counter here is a programming error, found by the test that runs a world and looks for
// every series.
#pragma once

#include "worlds/client_group.hpp"
#include "worlds/health/health_results.hpp"
#include "worlds/host.hpp"
#include "worlds/host_services.hpp"
#include "worlds/network.hpp"
#include "worlds/objects.hpp"
#include "worlds/series_sampler.hpp"

namespace elblab::worlds {

// All references must outlive the sampler.
void sample_host(SeriesSampler& sampler, telemetry::ObjectId object, const Host& host,
                 HostServices& services);
// Nothing where the host is neither CDN nor WAF.
void sample_relay(SeriesSampler& sampler, telemetry::ObjectId object, const HostServices& services);
void sample_link(SeriesSampler& sampler, telemetry::ObjectId object, const HostLink& link);
void sample_balancer(SeriesSampler& sampler, telemetry::ObjectId object,
                     const forwarding::Balancer& balancer);
void sample_server(SeriesSampler& sampler, telemetry::ObjectId object,
                   const forwarding::Balancer& balancer, std::size_t group, std::size_t server);
void sample_workload(SeriesSampler& sampler, telemetry::ObjectId object, ClientGroup& clients);
// Every balancer with the servers of its groups.
void sample_balancers(SeriesSampler& sampler, const Objects& objects, const Network& network);
// What is between them and the links.
void sample_network(SeriesSampler& sampler, const Objects& objects, const Network& network);
// What access lists of listeners refuse, and what network ACLs, security groups and firewalls do;
// nothing where there are none.
void sample_access(SeriesSampler& sampler, const Objects& objects, const Network& network);
void sample_groups(SeriesSampler& sampler, const Objects& objects, const Network& network);
void sample_filters(SeriesSampler& sampler, const Objects& objects, const Network& network);
void sample_health(SeriesSampler& sampler, const Objects& objects, const HealthResults& health);
void sample_middleboxes(SeriesSampler& sampler, const Objects& objects, const Network& network);
// Everything of a scenario, in the order in which every world does it: hosts, links, balancers
// with their servers, workloads, the network and its links, NAT boxes, what is refused
// by rules, CDNs and WAFs.
struct SampledWorld {
  std::vector<const Host*> hosts;            // as scenario.hosts
  std::vector<HostServices*> services;       // of those hosts
  std::vector<const HostLink*> links;        // of those hosts
  std::vector<const HostLink*> place_links;  // as scenario.place_links
  const Network* network = nullptr;
  std::vector<ClientGroup*> workloads;  // as scenario.workloads
  const UserTally* users = nullptr;     // of those
  const HealthResults* health = nullptr;
};
void sample_world(SeriesSampler& sampler, const Objects& objects, const SampledWorld& world);

}  // namespace elblab::worlds
