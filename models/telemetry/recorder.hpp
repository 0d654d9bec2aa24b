// What a model tells the world: typed events, connection records, sampled series.
//
// A Recorder is handed to every model; the world decides what becomes of the rows (a SQLite trace,
// a test's vectors, nothing). Calls come from one thread, in the order of model time within one
// object. Everything passed is a plain value; nothing is kept by reference. No call may allocate
// per packet or block on a disk.
#pragma once

#include <cstdint>
#include <string_view>

#include "models/net/flow_key.hpp"
#include "models/telemetry/decision.hpp"
#include "models/telemetry/health.hpp"
#include "models/telemetry/ids.hpp"
#include "models/time/instant.hpp"

namespace elblab::telemetry {

// Names are what stands in the trace: see to_string.
enum class EventKind : std::uint8_t {
  connection_opened,       // a SYN left (client) or was accepted for handshake (server)
  connection_established,  // handshake complete
  connection_closed,       // orderly end; reason says who closed first
  connection_failed,       // never established, or reset/timed out; reason says why
  packet_dropped,          // with the drop reason
  scheduler_decision,      // flow, chosen server in `peer`
  session_opened,          // forwarder: NAT binding made
  session_closed,          // forwarder: binding removed; reason says why
  five_tuple_conflict,     // forwarder: server-side tuple already in use (FTC-01)
  time_wait_reused,        // SYN met TIME_WAIT and was accepted (linux-host.md row 15)
  time_wait_refused,       // SYN met TIME_WAIT and was answered by an ACK (row 14)
  configuration_changed,   // a change of the timeline was applied; value = its index
  fault_injected,          // a fault of the timeline began or ended; value = its index
  source_port_remapped,    // forwarder: a flow's tuple was in use, its source port is now `value`
  stickiness_broken,       // forwarder: a client's binding to `peer` ended; reason says why
  user_request,            // server: read a request of user `value`; reason: did it know him?
  probe_failed,            // node: a health probe of `peer` failed; reason says why
  no_healthy_server,       // group: none of its `value` members is displayed as healthy any more
};
std::string_view to_string(EventKind kind);

// Why something ended, failed or was dropped. One list for the whole house, so that a trace has
// one table of reasons. Append only: the numbers stand in traces.
enum class Reason : std::uint8_t {
  none,
  // how a connection ended, as the object saw it
  closed_by_local,        // this side sent the first FIN
  closed_by_peer,         // the peer's FIN came first
  reset_by_local,         // this side aborted with RST
  reset_by_peer,          // ECONNRESET
  refused_by_peer,        // ECONNREFUSED: RST in SYN_SENT
  timed_out,              // ETIMEDOUT: retransmissions ran out
  address_not_available,  // EADDRNOTAVAIL: no free local port, nothing was sent
  unreachable,            // ICMP error ended it
  idle_timeout,           // the balancer's idle timer (TO-01..03)
  replaced,               // a new flow took the binding's place
  run_ended,              // still open when the run ended
  // why a packet was dropped
  malformed,  // does not parse
  bad_checksum,
  fragment,
  unsupported_protocol,
  not_for_us,      // no local address matches
  martian_source,  // linux-host.md rows 40, 41
  no_listener,     // no listener for protocol and port
  no_connection,   // not a SYN, and no binding
  no_server,       // no candidate server (OPEN-13)
  no_source_port,  // SNAT pool exhausted (BW-09)
  table_full,      // connection table at capacity
  time_to_live_expired,
  accept_queue_full,  // linux-host.md rows 20, 21
  syn_queue_full,     // row 23
  out_of_window,      // TCP segment outside the window
  invalid_state,      // segment not expected in this state
  rate_limited,       // ICMP or challenge ACK limit
  echo_ignored,       // icmp_echo_ignore_all
  port_closed,        // UDP to a port nobody listens on
  link_queue_full,
  link_loss,  // error model or injected loss
  link_down,
  no_route,
  paws_rejected,  // timestamp older than the connection's (RFC 7323 §5)
  // how a session ended, as a balancer node saw it pass
  closed_by_client,  // the client's FIN came first
  closed_by_server,
  reset_by_client,
  reset_by_server,
  bandwidth_exceeded,  // a packet: more than the public address's bandwidth (BW-01, BW-06)
  // why a Fabric dropped a packet
  five_tuple_disputed,     // flows of several balancers claimed it (FTC-15, return_path: drop)
  too_many_hops,           // from node to node
  network_acl,             // the rules of a subnet (ACL-…)
  security_group,          // the rules of a host's security groups
  host_firewall,           // the rules of the host itself
  zone_down,               // the zone it was in, or went to, is out of service
  link_mtu,                // longer than a link takes, and must not be split (RFC 1191)
  translation_table_full,  // a NAT box has no outer port left
  access_control,          // the access list of a listener does not admit the client (ACL-02)
  deregistered,       // a session: its server left the group, or has weight 0 (LIFE-11, LIFE-12)
  transfer_switched,  // of a listener, which is interrupted meanwhile (SRC-05)
  // sticky sessions
  sticky,              // a decision: the server that the client is bound to (STK-03)
  stickiness_over,     // a binding, or a session cut with it: its time is up (STK-06, CON-04)
  server_out,          // a binding: its server gets no new connections (STK-08)
  stickiness_evicted,  // a binding: the table was full
  stickiness_bound,    // a decision: the client was scheduled, and is bound from now on
  source_hash,         // a decision: by the client's address alone (SCH-06)
  connection_id,       // a decision: the server that gave out the datagram's connection ID (SCH-02)
  // what a server has of a user's session (workload/user_sessions.hpp)
  session_begun,  // his first request of all
  session_kept,   // it answered his last request
  session_lost,   // another one did, and he is a stranger here
  // why a health probe failed, besides those of connections (models/health/prober.hpp)
  wrong_code,        // HTTP: a status code that does not mean health (HC-31..33)
  bad_answer,        // HTTP: no status line
  no_answer,         // HTTP: none until the deadline
  echo_lost,         // UDP: no echo reply until the deadline (HC-40)
  port_unreachable,  // UDP: ICMP said that nobody listens (HC-41)
  could_not_send,    // nothing left the node
  // how a session ended
  server_unhealthy,  // its server was found unhealthy, and sessions are to be cut (OPEN-14)
  // why a balancer dropped a packet
  frozen,      // the balancer is: no distribution (LIFE-27)
  no_address,  // none is bound to the balancer (HC-19)
  count_,            // not a reason: the number of them
};
std::string_view to_string(Reason reason);

struct Event {
  Instant at;
  EventKind kind = EventKind::packet_dropped;
  Reason reason = Reason::none;
  ObjectId object = 0;
  ObjectId peer = 0;  // the other object, where one is known (the chosen server)
  net::FlowKey flow;  // as the object saw it; all zero where none applies
  std::int64_t value = 0;
};

enum class ConnectionRole : std::uint8_t {
  client,
  server,
  session,      // of a balancer node
  translation,  // of a NAT box
};

// The life of one connection as one object saw it, recorded once, when it ended (or at the end of
// the run with Reason::run_ended). For a balancer node (role session) `flow` is the client side as
// received, and `translated` the flow towards the server; for a NAT box (role translation) `flow`
// is the first packet's as it came, and `translated` as it went on.
struct ConnectionRecord {
  ObjectId object = 0;
  ObjectId peer = 0;  // session: the chosen server
  ConnectionRole role = ConnectionRole::client;
  Reason reason = Reason::none;
  net::FlowKey flow;        // client -> server direction, as this object saw it
  net::FlowKey translated;  // session, translation
  Instant opened_at;
  Instant established_at = kNever;  // kNever: never established
  Instant closed_at;
  std::uint64_t bytes_sent = 0;      // payload; session: client -> server
  std::uint64_t bytes_received = 0;  // payload; session: server -> client
  std::uint32_t retransmissions = 0;
};

// How many responses of a workload took as long as a bucket says (latency_buckets.hpp), in the
// sample interval that ended at `at`.
struct LatencyCount {
  ObjectId object = 0;
  std::uint32_t bucket = 0;
  Instant at;
  std::uint64_t n = 0;
};

// What happened to a packet at one place.
enum class PacketAction : std::uint8_t {
  sent,       // made there: left a host, or the balancer, which was not given it
  received,   // arrived there
  forwarded,  // went on, with the endpoints it has now
  dropped,    // with the reason
};
std::string_view to_string(PacketAction action);

// A packet of a connection whose packets are kept. Worlds hand over all packets of one connection
// together, in the order of time, and then its PacketConnection.
struct PacketRecord {
  Instant at;
  ObjectId object = 0;  // where: a host, a link, the balancer
  PacketAction action = PacketAction::sent;
  Reason reason = Reason::none;  // of a drop
  std::uint8_t tcp_flags = 0;    // as in the header; 0 of UDP, like all that follows up to window
  bool has_timestamps = false;   // RFC 7323
  std::uint16_t window = 0;      // as in the header, not scaled
  net::FlowKey flow;             // the packet's own endpoints, as seen there
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  std::uint32_t payload_bytes = 0;
  std::uint32_t timestamp_value = 0;
  std::uint32_t timestamp_echo = 0;
  std::uint16_t mss = 0;  // offered in a SYN; 0: none
};

// Why the packets of a connection are kept.
enum class PacketChoice : std::uint8_t {
  all,            // all connections' are
  first_of_host,  // among the first of its client host
  ended_badly,    // reason: how
  dropped,        // ended well, but a packet was lost on the way; reason: why
  retransmitted,  // ended well, but something was sent again
};
std::string_view to_string(PacketChoice choice);

struct PacketConnection {
  PacketChoice choice = PacketChoice::all;
  Reason reason = Reason::none;
  net::FlowKey flow;        // client -> server, as the client saw it
  net::FlowKey translated;  // towards the server; all zero where nothing was forwarded
  Instant first_at;         // of its packets
  Instant last_at;
  std::uint64_t packets = 0;   // rows handed over
  std::uint64_t left_out = 0;  // rows in the middle that were not kept: it had too many
};

// What an operator changed at a running balancer, as its audit trace has it (CTS-06, CTS-08,
// CTS-09, CTS-21).
struct OperationRecord {
  Instant requested_at;
  Instant applied_at;
  ObjectId balancer = 0;
  ObjectId object = 0;          // what it is about: a server, or the balancer
  std::string_view resource;    // "member"; empty: it is another service's
  std::string_view trace_name;  // "update backend ecs"; likewise
  std::string_view path;        // "balancer.groups.app.servers.b1.weight"
  std::string_view before;      // as a file has it; empty: there was none
  std::string_view after;       // likewise
};

class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void record(const Event& event) = 0;
  virtual void record(const ConnectionRecord& connection) = 0;
  virtual void sample(SeriesId series, Instant at, double value) = 0;
  // What only a trace keeps: others forget it.
  virtual void latency(const LatencyCount&) {}
  virtual void packet(const PacketRecord&) {}
  virtual void packet_connection(const PacketConnection&) {}
  virtual void operation(const OperationRecord&) {}
  // Why a server was chosen: before the event scheduler_decision, and also where the connection
  // could not be opened after all. Asked once, before the run, as it costs a look at every server.
  virtual bool wants_decisions() const { return false; }
  virtual void decision(const DecisionRecord&) {}
  // Whether what it is told of this flow's decisions is sure to be kept. Asked for each of a large
  // group, where telling costs most: the others go untold.
  virtual bool keeps_decisions_of(const net::FlowKey&) { return wants_decisions(); }
  virtual void probe(const ProbeRecord&) {}
  virtual void health(const HealthRecord&) {}
};

// Forgets everything: for benchmarks and for models run only for their output.
class NullRecorder final : public Recorder {
 public:
  void record(const Event&) override {}
  void record(const ConnectionRecord&) override {}
  void sample(SeriesId, Instant, double) override {}
};

}  // namespace elblab::telemetry
