#include "tests/diagnosis/made_trace.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "analysis/diagnosis/servers.hpp"
#include "models/telemetry/measures.hpp"
#include "tests/must.hpp"

namespace elblab::diagnosis::test {
namespace {

using telemetry::MeasureKind;
using telemetry::MeasureScope;

constexpr Duration kRoundTrip = std::chrono::milliseconds(5);

Instant at(double seconds) { return Instant(from_seconds(seconds)); }

std::string name_of(const std::string& measure) { return measure.substr(0, measure.find('(')); }
std::string object_of(const std::string& measure) {
  const auto open = measure.find('(') + 1;
  return measure.substr(open, measure.size() - open - 1);
}

trace::ObjectKind kind_of(MeasureScope scope) {
  switch (scope) {
    case MeasureScope::balancer:
      return trace::ObjectKind::balancer;
    case MeasureScope::server:
      return trace::ObjectKind::server;
    case MeasureScope::workload:
      return trace::ObjectKind::workload;
    case MeasureScope::sticky_group:
    case MeasureScope::quic_group:
      return trace::ObjectKind::group;
    default:
      return trace::ObjectKind::host;
  }
}

net::FlowKey flow_of(int i, std::uint16_t port = 80, net::Protocol protocol = net::Protocol::tcp) {
  return {{net::IpAddress::v4(10, 0, 0, 1), static_cast<std::uint16_t>(32768 + i % 28000)},
          {net::IpAddress::v4(198, 51, 100, 10), port},
          protocol};
}

// "app/b2" -> 192.168.1.2:80
net::Endpoint endpoint_of(const std::string& server) {
  return {net::IpAddress::v4(192, 168, 1, static_cast<std::uint8_t>(server.back() - '0')), 80};
}

}  // namespace

MadeTrace::Value between(int from, int to, double value) {
  return [=](int second) { return second >= from && second < to ? value : 0; };
}

MadeTrace::MadeTrace() {
  for (const char* host : {"c1", "b1", "b2"}) with(host, MeasureScope::host);
  with("balancer", MeasureScope::balancer);
  for (const char* server : {"app/b1", "app/b2"}) with(server, MeasureScope::server);
  with("load", MeasureScope::workload);
  // Ten packets per connection: five each way.
  set("opened(c1)", kRate).set("connected(c1)", kRate);
  set("packets_out(c1)", 6 * kRate).set("packets_in(c1)", 4 * kRate);
  for (const char* host : {"b1", "b2"}) {
    const std::string name = "(" + std::string(host) + ")";
    set("accepted" + name, kRate / 2).set("packets_out" + name, 2 * kRate);
    set("packets_in" + name, 3 * kRate).set("accept_queue_limit" + name, 4096);
    set("served" + name, kRate / 2).set("cpu" + name, 10);
    set("scheduled(app/" + std::string(host) + ")", kRate / 2);
    set("weight(app/" + std::string(host) + ")", 1);
  }
  set("time_wait(c1)", [](int s) { return std::min(60, s) * kRate; });
  set("local_ports(c1)", 28232);
  set("m4_ncps(balancer)", kRate).set("m5_in_pps(balancer)", 6 * kRate);
  set("m6_out_pps(balancer)", 4 * kRate);
  for (const char* measure : {"eip_bytes_in", "eip_bytes_out"}) {
    set(std::string(measure) + "(balancer)", 50'000);
  }
  set("eip_bandwidth(balancer)", 10);
  set("requests(load)", kRate).set("responses(load)", kRate).set("response_time(load)", 10);
}

MadeTrace& MadeTrace::with(const std::string& object, MeasureScope scope) {
  scopes_.try_emplace(object, scope);
  return with_scope(object, scope);
}

MadeTrace& MadeTrace::with_scope(const std::string& object, MeasureScope scope) {
  for (const auto& measure : telemetry::measures()) {
    if (measure.scope != scope) continue;
    const std::string name = std::string(measure.name) + "(" + object + ")";
    order_.push_back(name);
    scopes_of_measures_[name] = scope;
    values_[name] = [](int) { return 0; };
  }
  return *this;
}

MadeTrace& MadeTrace::set(const std::string& measure, Value value) {
  BOOST_REQUIRE_MESSAGE(values_.contains(measure), "no measure " << measure);
  values_[measure] = std::move(value);
  return *this;
}

MadeTrace& MadeTrace::set(const std::string& measure, double value) {
  return set(measure, [value](int) { return value; });
}

MadeTrace& MadeTrace::add(const std::string& measure, Value value) {
  BOOST_REQUIRE_MESSAGE(values_.contains(measure), "no measure " << measure);
  return set(measure, [before = values_[measure], value = std::move(value)](int second) {
    return before(second) + value(second);
  });
}

MadeTrace& MadeTrace::add(const std::string& measure, double value) {
  return add(measure, [value](int) { return value; });
}

MadeTrace& MadeTrace::algorithm(const std::string& group, const std::string& algorithm) {
  algorithms_[group] = algorithm;
  return *this;
}

MadeTrace& MadeTrace::changed_algorithm(const std::string& group, int second,
                                        const std::string& algorithm) {
  changes_.push_back({group, second, algorithm});
  return *this;
}

MadeTrace& MadeTrace::forget(const std::string& measure) {
  BOOST_REQUIRE_MESSAGE(values_.erase(measure) == 1, "no measure " << measure);
  std::erase(order_, measure);
  return *this;
}

MadeTrace& MadeTrace::ended(telemetry::Reason reason, int count, int from_second) {
  endings_.push_back({reason, count, from_second});
  return *this;
}

MadeTrace& MadeTrace::as_capture() {
  world_ = "replay";
  std::erase_if(order_, [&](const std::string& measure) {
    const MeasureScope scope = scopes_.at(object_of(measure));
    return scope == MeasureScope::host || scope == MeasureScope::workload;
  });
  return *this;
}

MadeTrace& MadeTrace::sessions(const Sessions& sessions) {
  sessions_.push_back(sessions);
  return *this;
}

MadeTrace& MadeTrace::drops(const Drops& drops) {
  drops_.push_back(drops);
  return *this;
}

// Four nodes, one probe of each in 5 s.
MadeTrace& MadeTrace::checked(const std::string& protocol, const std::string& settings) {
  check_ = "first=rules protocol=" + protocol +
           " interval_s=5 timeout_s=3 retries=3 nodes=4 codes=200,202,401 " + settings;
  with_scope("balancer", MeasureScope::checked_balancer);
  for (const char* server : {"app/b1", "app/b2"}) {
    with_scope(server, MeasureScope::checked_server);
    const std::string name = "(" + std::string(server) + ")";
    set("healthy" + name, 1).set("healthy_nodes" + name, 4).set("probes" + name, 0.8);
    set("probe_answer_time" + name, 0.4);
    found(server, 0, true);
  }
  return *this;
}

MadeTrace& MadeTrace::failed_probes(const FailedProbes& probes) {
  failed_probes_.push_back(probes);
  add("probes_failed(" + probes.server + ")", between(probes.from, probes.to, 1));
  if (!probes.found) return *this;
  found(probes.server, probes.from + 10, false);
  if (probes.to + 5 < kSeconds) found(probes.server, probes.to + 5, true);
  return *this;
}

MadeTrace& MadeTrace::found(const std::string& server, int second, bool healthy) {
  verdicts_.push_back({server, second, healthy});
  return *this;
}

MadeTrace& MadeTrace::dropped_probes(const ProbePackets& packets) {
  probe_packets_.push_back(packets);
  return *this;
}

MadeTrace& MadeTrace::host_dropped(const std::string& host, telemetry::Reason reason, int count) {
  host_drops_.push_back({host, reason, count});
  return *this;
}

MadeTrace& MadeTrace::asked(const UserRequest& request) {
  requests_.push_back(request);
  return *this;
}

MadeTrace& MadeTrace::with_laboratory_knowledge(const std::string& text) {
  laboratory_ = text;
  return *this;
}

void MadeTrace::write() {
  trace::RunMetadata run;
  run.scenario = laboratory_.empty() ? "T-1" : laboratory_;
  run.run = laboratory_.empty() ? "run" : laboratory_;
  run.title = run.scenario_text = run.effective_yaml = laboratory_;
  run.world = world_;
  run.seed = 1;
  run.duration = std::chrono::seconds(kSeconds);
  run.sample_interval = std::chrono::seconds(1);
  auto writer = must(trace::Writer::open(*folder_ / "t.db", run));
  std::map<std::string, telemetry::SeriesId> series;
  for (const std::string& measure : order_) {
    const std::string name = object_of(measure);
    const auto& info = *telemetry::find_measure(name_of(measure), scopes_of_measures_.at(measure));
    series[measure] = writer->add_series(
        name_of(measure), object(*writer, name), info.unit,
        info.kind == MeasureKind::counter ? trace::SeriesKind::counter : trace::SeriesKind::gauge);
  }
  if (!laboratory_.empty()) write_laboratory(*writer);
  write_endings(*writer);
  write_sessions(*writer);
  write_drops(*writer);
  write_checks(*writer);
  write_probes(*writer);
  write_algorithms(*writer);
  write_users(*writer);
  for (int second = 1; second <= kSeconds; ++second) {
    for (const std::string& measure : order_) {
      writer->sample(series[measure], at(second), values_[measure](second));
    }
  }
  must(writer->finish(at(kSeconds)));
  writer.reset();
  reader_ = must(trace::Reader::open(*folder_ / "t.db"));
}

telemetry::ObjectId MadeTrace::object(trace::Writer& writer, const std::string& name) {
  const auto known = objects_.find(name);
  if (known != objects_.end()) return known->second;
  const auto scope = scopes_.find(name);
  const auto kind = scope == scopes_.end() ? trace::ObjectKind::node : kind_of(scope->second);
  if (!check_.empty() && kind == trace::ObjectKind::node) {
    return objects_[name] = writer.add_object(name, kind, "100.125.0.2 32768-60999");
  }
  if (!check_.empty() && kind == trace::ObjectKind::server) {
    return objects_[name] = writer.add_object(name, kind, endpoint_of(name).to_string());
  }
  const auto algorithm = algorithms_.find(name);
  const bool of_group = kind == trace::ObjectKind::group && algorithm != algorithms_.end();
  return objects_[name] = writer.add_object(name, kind, of_group ? algorithm->second : "");
}

void MadeTrace::write_algorithms(trace::Writer& writer) {
  for (const auto& [group, algorithm] : algorithms_) {
    if (!scopes_.contains(group)) {
      objects_[group] = writer.add_object(group, trace::ObjectKind::group, algorithm);
    }
  }
  for (const AlgorithmChange& change : changes_) {
    const std::string path = "balancer.groups." + change.group + ".algorithm";
    telemetry::OperationRecord operation;
    operation.requested_at = operation.applied_at = at(change.second);
    operation.balancer = operation.object = object(writer, "balancer");
    operation.path = path;
    operation.before = algorithms_.at(change.group);
    operation.after = change.algorithm;
    writer.operation(operation);
  }
}

void MadeTrace::write_checks(trace::Writer& writer) {
  if (check_.empty()) return;
  writer.add_object("app", trace::ObjectKind::health_check, check_);
  for (const Change& change : verdicts_) {
    telemetry::HealthRecord record;
    record.at = at(change.second);
    record.node = object(writer, "lvs1");
    record.server = object(writer, change.server);
    record.before = change.second == 0 ? telemetry::Verdict::unknown
                    : change.healthy   ? telemetry::Verdict::unhealthy
                                       : telemetry::Verdict::healthy;
    record.after = change.healthy ? telemetry::Verdict::healthy : telemetry::Verdict::unhealthy;
    writer.health(record);
  }
}

void MadeTrace::write_probes(trace::Writer& writer) {
  for (const FailedProbes& probes : failed_probes_) {
    for (int second = probes.from; second < probes.to; ++second) {
      telemetry::Event event;
      event.at = at(second - 0.5);
      event.kind = telemetry::EventKind::probe_failed;
      event.reason = probes.reason;
      event.object = object(writer, "lvs1");
      event.peer = object(writer, probes.server);
      writer.record(event);
      telemetry::ProbeRecord probe;
      probe.started = probe.ended = event.at;
      probe.node = event.object;
      probe.server = event.peer;
      probe.reason = event.reason;
      probe.status = static_cast<std::uint16_t>(probes.status);
      writer.probe(probe);
    }
  }
  for (const ProbePackets& packets : probe_packets_) {
    for (int second = packets.from; second < packets.to; ++second) {
      const bool has_ports = packets.protocol != net::Protocol::icmp;
      const std::uint16_t port = has_ports ? 40'000 : 0;
      const net::Endpoint node{net::IpAddress::v4(100, 125, 0, 2), port};
      net::Endpoint server = endpoint_of(packets.server);
      if (!has_ports) server.port = 0;
      telemetry::Event drop;
      drop.at = at(second - 0.5);
      drop.object = object(writer, "lvs1");
      drop.reason = packets.reason;
      drop.flow = packets.to_server ? net::FlowKey{node, server, packets.protocol}
                                    : net::FlowKey{server, node, packets.protocol};
      writer.record(drop);
    }
  }
  for (const HostDrops& drops : host_drops_) {
    for (int i = 0; i < drops.count; ++i) {
      telemetry::Event drop;
      drop.at = at(20 + i * 0.1);
      drop.object = object(writer, drops.host);
      drop.reason = drops.reason;
      writer.record(drop);
    }
  }
}

void MadeTrace::write_laboratory(trace::Writer& writer) {
  const auto link = writer.add_object("b1", trace::ObjectKind::link);
  const auto link_drops =
      writer.add_series("link_drops", link, "packets", trace::SeriesKind::counter);
  for (int i = 0; i < 500; ++i) {
    telemetry::Event drop;
    drop.at = at(0.1 * i);
    drop.object = link;
    drop.reason = telemetry::Reason::link_loss;
    drop.flow = flow_of(i);
    writer.record(drop);
  }
  for (const auto kind :
       {telemetry::EventKind::fault_injected, telemetry::EventKind::configuration_changed}) {
    telemetry::Event event;
    event.at = at(60);
    event.kind = kind;
    event.object = object(writer, "b1");
    writer.record(event);
  }
  for (int second = 1; second <= kSeconds; ++second) writer.sample(link_drops, at(second), 5);
}

void MadeTrace::write_endings(trace::Writer& writer) {
  for (const Ending& ending : endings_) {
    for (int i = 0; i < ending.count; ++i) {
      telemetry::ConnectionRecord record;
      record.object = object(writer, "c1");
      record.reason = ending.reason;
      record.flow = flow_of(i);
      record.closed_at = at(ending.from_second + 0.1 * i);
      record.opened_at = record.closed_at;
      if (ending.reason == telemetry::Reason::reset_by_local) {
        record.opened_at = record.closed_at - std::chrono::seconds(5);
      }
      writer.record(record);
    }
  }
}

void MadeTrace::write_sessions(trace::Writer& writer) {
  int flow = 0;
  for (const Sessions& sessions : sessions_) {
    for (int i = 0; i < sessions.per_second * (sessions.to - sessions.from); ++i) {
      telemetry::ConnectionRecord record;
      record.object = object(writer, "lvs1");
      record.peer = object(writer, sessions.server);
      record.role = telemetry::ConnectionRole::session;
      record.reason = sessions.reason;
      record.flow = flow_of(flow++, 80, sessions.protocol);
      record.flow.source.address = net::IpAddress::v4(10, 0, 0, sessions.client);
      record.translated = record.flow;
      record.opened_at = at(sessions.from - 1 + (i + 0.5) / sessions.per_second);
      if (sessions.established) record.established_at = record.opened_at + kRoundTrip;
      record.closed_at = record.opened_at + from_seconds(sessions.seconds);
      record.bytes_sent = sessions.bytes_sent;
      record.bytes_received = sessions.bytes_received;
      writer.record(record);
    }
  }
}

void MadeTrace::write_drops(trace::Writer& writer) {
  for (const Drops& drops : drops_) {
    for (int second = drops.from; second < drops.to; ++second) {
      for (int i = 0; i < drops.per_second; ++i) {
        telemetry::Event drop;
        drop.at = at(second + i / (drops.per_second + 1.0) - 1);
        drop.object = object(writer, "lvs1");
        drop.reason = drops.reason;
        const int flow = (second - drops.from) / drops.repeats * drops.per_second + i;
        drop.flow = flow_of(flow, drops.port, drops.protocol);
        writer.record(drop);
      }
    }
  }
}

void MadeTrace::write_users(trace::Writer& writer) {
  const net::Endpoint listener{net::IpAddress::v4(198, 51, 100, 10), 80};
  std::uint16_t port = 20'000;
  for (const UserRequest& request : requests_) {
    const auto number = static_cast<std::uint8_t>(request.address);
    telemetry::ConnectionRecord session;
    session.object = object(writer, request.node);
    session.peer = object(writer, request.server);
    session.role = telemetry::ConnectionRole::session;
    session.reason = telemetry::Reason::closed_by_client;
    session.flow = {{net::IpAddress::v4(203, 0, 113, number), ++port}, listener};
    // As with fullNAT: the server does not see the client's address.
    session.translated = {{net::IpAddress::v4(100, 125, 0, 1), port},
                          {net::IpAddress::v4(192, 168, 1, request.server.back()), 90}};
    session.opened_at = at(request.at);
    session.established_at = session.opened_at + kRoundTrip;
    session.closed_at = session.opened_at + 20 * kRoundTrip;
    telemetry::Event event{session.opened_at,
                           telemetry::EventKind::scheduler_decision,
                           request.decision,
                           session.object,
                           session.peer,
                           session.flow,
                           0};
    if (request.broken != telemetry::Reason::none) {
      telemetry::Event broken = event;
      broken.kind = telemetry::EventKind::stickiness_broken;
      broken.reason = request.broken;
      writer.record(broken);
    }
    writer.record(event);
    event.at += kRoundTrip;
    event.kind = telemetry::EventKind::user_request;
    event.reason = request.result;
    event.object = object(writer, host_of(request.server));
    event.peer = 0;
    event.flow = session.translated;
    event.value = request.user;
    writer.record(event);
    writer.record(session);
  }
}

const trace::Reader& MadeTrace::reader() {
  if (!reader_) write();
  return *reader_;
}

Diagnosis MadeTrace::diagnose() { return diagnosis::diagnose(reader()); }

}  // namespace elblab::diagnosis::test
