#include "models/telemetry/measures.hpp"

#include <array>

namespace elblab::telemetry {
namespace {

using Kind = MeasureKind;
using Scope = MeasureScope;

constexpr std::array kMeasures{
    // hosts
    MeasureInfo{"opened", Scope::host, Kind::counter, "connections",
                "connections attempted with a SYN"},
    MeasureInfo{"connected", Scope::host, Kind::counter, "connections",
                "connections established as client"},
    MeasureInfo{"accepted", Scope::host, Kind::counter, "connections",
                "handshakes completed as server"},
    MeasureInfo{"failed", Scope::host, Kind::counter, "connections",
                "connections that failed after a SYN was sent"},
    MeasureInfo{"refused_locally", Scope::host, Kind::counter, "connections",
                "connects refused for want of a local port (EADDRNOTAVAIL): no SYN was sent"},
    MeasureInfo{"time_wait", Scope::host, Kind::gauge, "sockets", "sockets in TIME_WAIT",
                "local_ports"},
    MeasureInfo{"local_ports", Scope::host, Kind::gauge, "ports",
                "ephemeral ports usable towards one destination, over all addresses of the host "
                "(net.ipv4.ip_local_port_range; BW-10)"},
    MeasureInfo{"established", Scope::host, Kind::gauge, "sockets", "sockets in ESTABLISHED"},
    MeasureInfo{"syn_received", Scope::host, Kind::gauge, "sockets", "sockets in SYN_RECV"},
    MeasureInfo{"open", Scope::host, Kind::gauge, "sockets",
                "TCP sockets in any state but TIME_WAIT and LISTEN"},
    MeasureInfo{"time_wait_reused", Scope::host, Kind::counter, "connections",
                "SYNs that met TIME_WAIT and were accepted"},
    MeasureInfo{"time_wait_refused", Scope::host, Kind::counter, "connections",
                "SYNs that met TIME_WAIT and were answered by an ACK"},
    MeasureInfo{"listen_overflows", Scope::host, Kind::counter, "connections",
                "handshakes dropped because the accept queue was full"},
    MeasureInfo{"accept_queue", Scope::host, Kind::gauge, "connections",
                "connections that wait for accept() at the fullest listener (Recv-Q of ss -ltn)",
                "accept_queue_limit"},
    MeasureInfo{"accept_queue_limit", Scope::host, Kind::gauge, "connections",
                "how many that listener's accept queue holds: its backlog + 1; 0 without one"},
    MeasureInfo{"resets_sent", Scope::host, Kind::counter, "packets", "RST segments sent"},
    MeasureInfo{"resets_received", Scope::host, Kind::counter, "packets",
                "RST segments received that ended a connection"},
    MeasureInfo{"retransmissions", Scope::host, Kind::counter, "packets",
                "TCP segments sent again"},
    MeasureInfo{"syn_retransmissions", Scope::host, Kind::counter, "packets",
                "of these, SYN and SYN+ACK segments (TcpExtTCPSynRetrans)"},
    MeasureInfo{"challenge_acks", Scope::host, Kind::counter, "packets",
                "challenge ACKs sent (RFC 5961)"},
    MeasureInfo{"icmp_unreachable_sent", Scope::host, Kind::counter, "packets",
                "ICMP port unreachables sent"},
    MeasureInfo{"icmp_rate_limited", Scope::host, Kind::counter, "packets",
                "ICMP errors suppressed by a rate limit"},
    MeasureInfo{"udp_sent", Scope::host, Kind::counter, "packets", "datagrams sent"},
    MeasureInfo{"udp_received", Scope::host, Kind::counter, "packets",
                "datagrams delivered to a socket"},
    MeasureInfo{"packets_in", Scope::host, Kind::counter, "packets", "IP packets received"},
    MeasureInfo{"packets_out", Scope::host, Kind::counter, "packets", "IP packets sent"},
    MeasureInfo{"bytes_in", Scope::host, Kind::counter, "B", "bytes of IP packets received"},
    MeasureInfo{"bytes_out", Scope::host, Kind::counter, "B", "bytes of IP packets sent"},
    MeasureInfo{"dropped", Scope::host, Kind::counter, "packets",
                "packets the host dropped, for any reason"},
    MeasureInfo{"cpu", Scope::host, Kind::gauge, "%",
                "share of the time that the CPUs of the host's services were busy in the sample "
                "interval; 0 where no CPU is modelled (BW-05)"},
    MeasureInfo{"requests_waiting", Scope::host, Kind::gauge, "requests",
                "requests read in full that wait for a CPU"},
    MeasureInfo{"served", Scope::host, Kind::counter, "requests",
                "requests answered by the services of the host"},
    // the balancer
    MeasureInfo{"m1_cps", Scope::balancer, Kind::gauge, "connections",
                "concurrent connections (MET-01)"},
    MeasureInfo{"m2_act_conn", Scope::balancer, Kind::gauge, "connections",
                "active connections: ESTABLISHED (MET-02)"},
    MeasureInfo{"m3_inact_conn", Scope::balancer, Kind::gauge, "connections",
                "TCP connections not in ESTABLISHED (MET-03)"},
    MeasureInfo{"m4_ncps", Scope::balancer, Kind::counter, "connections",
                "new connections (MET-04)"},
    MeasureInfo{"m5_in_pps", Scope::balancer, Kind::counter, "packets",
                "packets received from clients (MET-05)"},
    MeasureInfo{"m6_out_pps", Scope::balancer, Kind::counter, "packets",
                "packets sent to clients (MET-06)"},
    MeasureInfo{"m7_in_Bps", Scope::balancer, Kind::counter, "B",
                "bytes received from clients (MET-07)"},
    MeasureInfo{"m8_out_Bps", Scope::balancer, Kind::counter, "B",
                "bytes sent to clients (MET-08)"},
    MeasureInfo{"dropped", Scope::balancer, Kind::counter, "packets",
                "packets the balancer dropped, for any reason"},
    MeasureInfo{
        "packets_made", Scope::balancer, Kind::counter, "packets",
        "packets the balancer made itself: RSTs of refused connections (OPEN-13) and of idle "
        "timeouts (TO-03), echo replies (FWD-12)"},
    MeasureInfo{
        "packets_taken", Scope::balancer, Kind::counter, "packets",
        "packets it took for itself, neither forwarded nor dropped: echo requests (FWD-12)"},
    MeasureInfo{"five_tuple_conflicts", Scope::balancer, Kind::counter, "connections",
                "new flows whose server-side 5-tuple was in use (FTC-01)"},
    MeasureInfo{"source_ports_remapped", Scope::balancer, Kind::counter, "connections",
                "new flows that were given a source port of their own (conflict: remap)"},
    MeasureInfo{"idle_timeouts", Scope::balancer, Kind::counter, "connections",
                "connections ended by the idle timeout (TO-03)"},
    MeasureInfo{"source_ports_in_use", Scope::balancer, Kind::gauge, "ports",
                "SNAT ports bound, over all pool addresses (BW-09)", "source_ports"},
    MeasureInfo{"source_ports", Scope::balancer, Kind::gauge, "ports",
                "SNAT ports there are: pool addresses x ports x distinct server endpoints; 0 "
                "without fullNAT (BW-10)"},
    MeasureInfo{"no_source_port", Scope::balancer, Kind::counter, "packets",
                "packets dropped because the SNAT pool was exhausted (BW-09)"},
    MeasureInfo{"eip_bytes_in", Scope::balancer, Kind::counter, "B",
                "bytes of IP packets from clients that the bandwidth of the public address let "
                "through; like all of eip_*: no samples where the address has no limit (BW-01)"},
    MeasureInfo{"eip_bytes_out", Scope::balancer, Kind::counter, "B",
                "bytes of IP packets to clients that it let through; m8_out_Bps is what the "
                "balancer sent (MET-38)"},
    MeasureInfo{"eip_dropped", Scope::balancer, Kind::counter, "packets",
                "packets dropped because of that bandwidth, in both directions (BW-06)"},
    MeasureInfo{"eip_queue", Scope::balancer, Kind::gauge, "B",
                "bytes that wait for it, in both directions together"},
    MeasureInfo{"eip_bandwidth", Scope::balancer, Kind::gauge, "Mbit/s",
                "the bandwidth of the public address, for each direction (BW-04)"},
    // servers of a group
    MeasureInfo{"scheduled", Scope::server, Kind::counter, "connections",
                "connections the scheduler gave this server"},
    MeasureInfo{"active_connections", Scope::server, Kind::gauge, "connections",
                "current connections to this server"},
    MeasureInfo{"weight", Scope::server, Kind::gauge, "1",
                "its weight as the scheduler sees it: 0 while it is disabled (SCH-08, LIFE-24)"},
    // workloads
    MeasureInfo{"requests", Scope::workload, Kind::counter, "requests",
                "requests the workload wanted to make"},
    MeasureInfo{"responses", Scope::workload, Kind::counter, "requests",
                "requests answered in full"},
    MeasureInfo{"request_failures", Scope::workload, Kind::counter, "requests",
                "requests that ended without a full answer"},
    MeasureInfo{"response_time", Scope::workload, Kind::gauge, "ms",
                "mean time from the first packet of a request's connection (or the request itself) "
                "to its full answer, over the sample interval",
                "", "responses"},
    MeasureInfo{"slow_responses", Scope::workload, Kind::counter, "requests",
                "answers that took longer than the workload's `slow` threshold"},
    // links
    MeasureInfo{"link_drops", Scope::link, Kind::counter, "packets",
                "packets lost on the link in either direction: queue, injected loss, link down"},
    // the network
    MeasureInfo{"dropped", Scope::network, Kind::counter, "packets",
                "packets dropped between links and balancers: no route, damaged, refused by rules"},
    MeasureInfo{"disputed", Scope::network, Kind::counter, "packets",
                "answers that flows of several balancers claimed; one of them got it (FTC-15)"},
    // middleboxes
    MeasureInfo{"translations", Scope::middlebox, Kind::gauge, "connections",
                "flows that the NAT box translates; one that is over counts while its port is kept "
                "from others (FTC-S19)"},
    MeasureInfo{"mappings", Scope::middlebox, Kind::gauge, "mappings",
                "inside endpoints that have an outer port; with `mapping: per_destination` each "
                "counts once for every destination"},
    MeasureInfo{"tcp_ports_in_use", Scope::middlebox, Kind::gauge, "ports",
                "outer TCP ports held, or in quarantine; with `mapping: per_destination` towards "
                "each destination",
                "tcp_ports"},
    MeasureInfo{"tcp_ports", Scope::middlebox, Kind::gauge, "ports",
                "outer TCP ports there are: addresses x ports; with `mapping: per_destination` for "
                "each destination that had one so far"},
    MeasureInfo{"udp_ports_in_use", Scope::middlebox, Kind::gauge, "ports",
                "as tcp_ports_in_use, of UDP", "udp_ports"},
    MeasureInfo{"udp_ports", Scope::middlebox, Kind::gauge, "ports", "as tcp_ports, of UDP"},
    MeasureInfo{"translated", Scope::middlebox, Kind::counter, "packets",
                "packets that the NAT box translated and sent on, in both directions"},
    MeasureInfo{
        "refused", Scope::middlebox, Kind::counter, "packets",
        "packets dropped because they would have begun a flow, and no outer port or session "
        "was left"},
    MeasureInfo{"dropped", Scope::middlebox, Kind::counter, "packets",
                "packets the NAT box dropped, for any reason"},
    // what rules refuse
    MeasureInfo{"blocked_packets", Scope::listener, Kind::counter, "packets",
                "packets that its access list did not admit (MET-32, ACL-05); the balancer counts "
                "them as `dropped` too"},
    MeasureInfo{"blocked_bytes", Scope::listener, Kind::counter, "B", "their bytes (MET-32)"},
    MeasureInfo{"acl_blocked", Scope::subnet, Kind::counter, "packets",
                "packets that its network ACL refused, in both directions (ACL-24); like those of "
                "hosts' rules `dropped(network)` counts them too"},
    MeasureInfo{"security_group_blocked", Scope::grouped_host, Kind::counter, "packets",
                "packets that its security groups refused, in both directions (ACL-21)"},
    MeasureInfo{"firewall_blocked", Scope::firewalled_host, Kind::counter, "packets",
                "packets that its own firewall refused, in both directions (ACL-27)"},
    // CDN and WAF
    MeasureInfo{"relayed", Scope::relay, Kind::counter, "requests",
                "requests of its clients that it sent on and answered in full"},
    MeasureInfo{
        "relay_failures", Scope::relay, Kind::counter, "requests",
        "requests that it reset the client for: no whole answer came in time, or there were "
        "too many"},
    MeasureInfo{"relay_abandoned", Scope::relay, Kind::counter, "requests",
                "requests whose client was gone before the answer"},
    MeasureInfo{"relay_connections", Scope::relay, Kind::gauge, "connections",
                "its connections to the balancer, idle ones too"},
    MeasureInfo{"relay_opened", Scope::relay, Kind::counter, "connections",
                "connections to the balancer that it opened; `relayed` beyond them went over kept "
                "ones"},
    MeasureInfo{"egress_addresses_used", Scope::relay, Kind::gauge, "addresses",
                "its addresses that the balancer has seen so far (STK-06)"},
    // users
    MeasureInfo{"sessions_begun", Scope::session_host, Kind::counter, "requests",
                "first requests of users (`users` workloads) that this server answered; QUIC "
                "connections (`quic` workloads) that it accepted"},
    MeasureInfo{
        "sessions_kept", Scope::session_host, Kind::counter, "requests",
        "requests of users whose request before it had answered too, and of QUIC connections "
        "that it accepted: it knows them"},
    MeasureInfo{"sessions_lost", Scope::session_host, Kind::counter, "requests",
                "requests of users whose request before went elsewhere: it does not know them, and "
                "they must log in again. Their share of all but the first requests is SWITCH. Of "
                "`quic` workloads datagrams of connections that it does not know: it resets them"},
    MeasureInfo{"sessions_begun", Scope::user_workload, Kind::counter, "requests",
                "first requests of its users that servers read"},
    MeasureInfo{"sessions_kept", Scope::user_workload, Kind::counter, "requests",
                "requests of its users at servers that knew them"},
    MeasureInfo{"sessions_lost", Scope::user_workload, Kind::counter, "requests",
                "requests of its users at servers that did not know them. SWITCH is its share of "
                "these and of `sessions_kept`"},
    // sticky sessions
    MeasureInfo{
        "sticky_clients", Scope::sticky_group, Kind::gauge, "clients",
        "clients that are bound to a server, over all tables of its nodes; one whose time is "
        "up counts until it comes again or its room is needed (STK-03)",
        "sticky_capacity"},
    MeasureInfo{"sticky_capacity", Scope::sticky_group, Kind::gauge, "clients",
                "how many the tables of its nodes hold"},
    MeasureInfo{"sticky_new", Scope::sticky_group, Kind::counter, "connections",
                "new connections of clients without a binding: scheduled, and bound"},
    MeasureInfo{"sticky_kept", Scope::sticky_group, Kind::counter, "connections",
                "new connections that went where their client was bound"},
    MeasureInfo{"sticky_expired", Scope::sticky_group, Kind::counter, "connections",
                "new connections whose client was bound for long enough: scheduled anew (STK-06)"},
    MeasureInfo{"sticky_server_out", Scope::sticky_group, Kind::counter, "connections",
                "new connections whose client was bound to a server that takes none, unhealthy, of "
                "weight 0 or removed: scheduled anew (STK-08)"},
    MeasureInfo{"sticky_evicted", Scope::sticky_group, Kind::counter, "clients",
                "bindings whose time was not up that made room for another client's"},
    // QUIC groups
    MeasureInfo{"connection_ids", Scope::quic_group, Kind::gauge, "IDs",
                "connection IDs of servers that the group's nodes know, over all tables (SCH-02)",
                "connection_id_capacity"},
    MeasureInfo{"connection_id_capacity", Scope::quic_group, Kind::gauge, "IDs",
                "how many the tables hold"},
    MeasureInfo{"flows_by_id", Scope::quic_group, Kind::counter, "connections",
                "new flows whose first datagram carried a known connection ID and went to its "
                "server: the client has moved to another address or port (IMB-16)"},
    // health checks
    MeasureInfo{"m9_abnormal_servers", Scope::checked_balancer, Kind::gauge, "servers",
                "members of groups that are not displayed as healthy (MET-09)"},
    MeasureInfo{"ma_normal_servers", Scope::checked_balancer, Kind::gauge, "servers",
                "members of groups that are displayed as healthy, also those whose health is not "
                "checked (MET-10, HC-16)"},
    MeasureInfo{"probe_bytes", Scope::checked_balancer, Kind::counter, "bytes",
                "IP packets that its probing nodes sent and received"},
    MeasureInfo{"probe_packets_sent", Scope::checked_balancer, Kind::counter, "packets",
                "IP packets that its probing nodes sent"},
    MeasureInfo{"probe_packets_received", Scope::checked_balancer, Kind::counter, "packets",
                "IP packets that came to its probing nodes"},
    MeasureInfo{"healthy", Scope::checked_server, Kind::gauge, "servers",
                "1 while it is displayed as healthy, else 0"},
    MeasureInfo{"healthy_nodes", Scope::checked_server, Kind::gauge, "nodes",
                "nodes of the balancer that find it healthy (OPEN-10)"},
    MeasureInfo{"health_changes", Scope::checked_server, Kind::counter, "changes",
                "times that its displayed verdict changed between healthy and unhealthy (FLAP)"},
    MeasureInfo{"probes", Scope::checked_server, Kind::counter, "probes",
                "health probes that ended, of all nodes (HC-13)"},
    MeasureInfo{"probes_failed", Scope::checked_server, Kind::counter, "probes",
                "of these, that failed"},
    MeasureInfo{
        "probe_answer_time", Scope::checked_server, Kind::gauge, "ms",
        "how long the last answer to a probe took to come: the handshake, the status line, of "
        "UDP the echo reply, also one that came after its probe was given up (HC-44); no "
        "samples before the first one"},
};

}  // namespace

std::span<const MeasureInfo> measures() { return kMeasures; }

const MeasureInfo* find_measure(std::string_view name, MeasureScope scope) {
  for (const auto& m : kMeasures) {
    if (m.name == name && m.scope == scope) return &m;
  }
  return nullptr;
}

}  // namespace elblab::telemetry
