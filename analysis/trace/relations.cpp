#include "analysis/trace/relations.hpp"

#include <array>

namespace elblab::trace {
namespace {

constexpr auto kRelations = std::to_array<Relation>({
    {"samples_view", "every sample: measure, at_s, value, unit"},
    {"series_view", "what is sampled: measure, unit, gauge or counter"},
    {"connections_view",
     "connections by name: who saw it, how it ended, endpoints, seconds, bytes"},
    {"events_view", "events by name: what happened when, where and why"},
    {"packets_view", "packets of the connections whose packets were kept"},
    {"packet_connections_view", "the connections whose packets were kept, and why"},
    {"decisions_view", "why a server was chosen for them: the ground, the chosen one, of how many"},
    {"decision_candidates_view",
     "what was weighed: weight, connections and credit of each server, who kept it out"},
    {"conflicts_view",
     "five-tuple conflicts: both flows, the tuple they share, what became of them"},
    {"operations_view", "what operators changed: when, the old and the new value, its audit name"},
    {"probes_view", "health probes by name: which node, which server, how long, what came of it"},
    {"health_view", "verdicts that changed: of each node, and the one that is displayed"},
    {"server_health", "for how much of the run a server was healthy, and how often that changed"},
    {"detections_view", "how long after a fault a server was displayed as unhealthy (TDET)"},
    {"latencies_view", "how many responses took how long, per sample interval"},
    {"traffic_view", "connections and bytes of each client at each server"},
    {"reason_counts_view", "events and connections counted by object, kind and reason"},
    {"objects_view", "hosts, nodes, servers, links, workloads"},
    {"run", "the run: scenario, seed, world, duration, the scenario's text"},
    {"objects", "what can record"},
    {"series", "what is sampled"},
    {"samples", "every sample, in the order of recording"},
    {"sample_levels", "samples at lower resolution, for long ranges"},
    {"connections", "connections, one row each"},
    {"connection_classes", "what connections have in common"},
    {"connection_blocks", "where the connections of a class stand"},
    {"connection_counts", "connections counted by object, role and reason"},
    {"events", "events, one row each"},
    {"event_classes", "what events have in common"},
    {"event_blocks", "where the events of a class stand"},
    {"event_counts", "events counted by object, kind and reason"},
    {"traffic", "connections and bytes of each client at each server"},
    {"latencies", "how many responses took as long as a bucket says"},
    {"latency_buckets", "lookup: the response times of a bucket"},
    {"packets", "packets of the connections whose packets were kept"},
    {"packet_connections", "the connections whose packets were kept"},
    {"decisions", "why servers were chosen for these connections"},
    {"decision_candidates", "what was weighed in those decisions"},
    {"conflicts", "five-tuple conflicts: two flows that met at a server"},
    {"operations", "what operators changed at running balancers"},
    {"probes", "health probes, all or those around changes"},
    {"health", "verdicts that changed"},
    {"addresses", "addresses by their number"},
    {"event_kinds", "lookup: names"},
    {"reasons", "lookup: names"},
    {"protocols", "lookup: names"},
    {"roles", "lookup: names"},
    {"object_kinds", "lookup: names"},
    {"series_kinds", "lookup: names"},
    {"packet_actions", "lookup: names"},
    {"packet_choices", "lookup: names"},
    {"decision_grounds", "lookup: names"},
    {"server_owners", "lookup: who keeps a server out, by bit"},
    {"verdicts", "lookup: names"},
    {"conflict_scopes", "lookup: names"},
    {"conflict_states", "lookup: names"},
    {"conflict_outcomes", "lookup: names"},
});

}  // namespace

std::span<const Relation> relations() { return kRelations; }

}  // namespace elblab::trace
