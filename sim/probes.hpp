// Connects the names of measures.hpp to the counters of the models: one place per scope.
//
// Every measure of a scope is sampled for every object of it, in the order of the table. A measure
// without a counter here is a programming error, found by the test that runs a world and looks for
// every series.
#pragma once

#include "models/forwarding/cluster.hpp"
#include "sim/client_group.hpp"
#include "sim/link.hpp"
#include "sim/sampler.hpp"
#include "sim/simulated_host.hpp"

namespace elblab::sim {

// All references must outlive the sampler.
void sample_host(Sampler& sampler, telemetry::ObjectId object, const SimulatedHost& host);
void sample_link(Sampler& sampler, telemetry::ObjectId object, const Link& link);
void sample_balancer(Sampler& sampler, telemetry::ObjectId object,
                     const forwarding::Cluster& cluster);
void sample_server(Sampler& sampler, telemetry::ObjectId object, const forwarding::Cluster& cluster,
                   std::size_t group, std::size_t server);
void sample_workload(Sampler& sampler, telemetry::ObjectId object, ClientGroup& clients);

}  // namespace elblab::sim
