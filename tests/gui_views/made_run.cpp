#include "tests/gui_views/made_run.hpp"

#include <QtGlobal>
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "analysis/trace/writer.hpp"
#include "models/net/packet_view.hpp"
#include "models/telemetry/latency_buckets.hpp"
#include "models/telemetry/measures.hpp"
#include "tests/must.hpp"

namespace elblab::gui::test {
namespace {

namespace flag = net::tcp_flag;
using telemetry::PacketAction;

Instant at(double seconds) { return Instant(from_seconds(seconds)); }

constexpr Duration kWay = std::chrono::milliseconds(1);

net::FlowKey client_flow(int i) {
  const auto host = static_cast<std::uint8_t>(1 + i % 2);
  return {{net::IpAddress::v4(203, 0, 113, host), static_cast<std::uint16_t>(32768 + i)},
          {net::IpAddress::v4(198, 51, 100, 10), 80},
          net::Protocol::tcp};
}

net::FlowKey server_flow(int i) {
  const auto server = static_cast<std::uint8_t>(i % 3 == 2 ? 2 : 1);
  return {{net::IpAddress::v4(10, 0, 1, 250), static_cast<std::uint16_t>(1024 + i)},
          {net::IpAddress::v4(10, 0, 1, server), 90},
          net::Protocol::tcp};
}

struct Ids {
  telemetry::ObjectId balancer = 0;
  telemetry::ObjectId clients[2] = {};
  telemetry::ObjectId servers[2] = {};
  telemetry::ObjectId hosts[2] = {};
  telemetry::ObjectId link = 0;
};

class RunWriter {
 public:
  explicit RunWriter(const std::filesystem::path& path) {
    trace::RunMetadata run;
    run.scenario = "T-01";
    run.run = "symptom";
    run.title = "A client without free ports <& others>";
    run.world = "simulation";
    run.seed = 7;
    run.program_version = "0.1.0";
    run.duration = std::chrono::seconds(kSeconds);
    run.sample_interval = std::chrono::seconds(1);
    writer_ = must(trace::Writer::open(path, run));
    ids_.balancer = writer_->add_object("balancer", trace::ObjectKind::balancer);
    for (int i = 0; i < 2; ++i) {
      const std::string n = std::to_string(i + 1);
      ids_.clients[i] = writer_->add_object("c" + n, trace::ObjectKind::host);
      ids_.hosts[i] = writer_->add_object("b" + n, trace::ObjectKind::host);
      ids_.servers[i] = writer_->add_object("app/b" + n, trace::ObjectKind::server);
    }
    ids_.link = writer_->add_object("c1", trace::ObjectKind::link);
    load_ = writer_->add_object("load", trace::ObjectKind::workload);
    add_series();
  }

  void write() {
    for (int second = 1; second <= kSeconds; ++second) {
      for (int i = 0; i < kPerSecond; ++i) write_session((second - 1) * kPerSecond + i);
      if (second > kSeconds - kRefused) write_refused(second);
      sample(second);
    }
    write_packets();
    // A check that finds the second server at 25 s.
    writer_->health({kStart, 0, ids_.servers[1], telemetry::Verdict::unknown,
                     telemetry::Verdict::healthy, telemetry::Reason::none});
    writer_->health({at(25), 0, ids_.servers[1], telemetry::Verdict::healthy,
                     telemetry::Verdict::unhealthy, telemetry::Reason::none});
    must(writer_->finish(at(kSeconds)));
  }

 private:
  using Value = std::function<double(int second)>;

  void add(const char* name, telemetry::ObjectId object, telemetry::MeasureScope scope,
           Value value) {
    const auto* info = telemetry::find_measure(name, scope);
    if (info == nullptr) qFatal("no measure %s", name);
    const auto kind = info->kind == telemetry::MeasureKind::gauge ? trace::SeriesKind::gauge
                                                                  : trace::SeriesKind::counter;
    series_.push_back({writer_->add_series(name, object, info->unit, kind), std::move(value)});
  }

  void add_series() {
    using Scope = telemetry::MeasureScope;
    const auto late = [](double value) -> Value {
      return [value](int s) { return s > kSeconds - kRefused ? value : 0.0; };
    };
    const auto always = [](double value) -> Value { return [value](int) { return value; }; };
    for (const telemetry::ObjectId client : ids_.clients) {
      const bool first = client == ids_.clients[0];
      add("opened", client, Scope::host, always(kPerSecond / 2));
      add("connected", client, Scope::host, always(kPerSecond / 2));
      add("refused_locally", client, Scope::host, first ? late(1) : always(0));
      add("failed", client, Scope::host, always(0));
      add("local_ports", client, Scope::host, always(60));
      add("time_wait", client, Scope::host,
          [first](int s) { return first ? std::min(60.0, s * 2.0) : 10.0; });
      add("packets_out", client, Scope::host, always(30));
      add("packets_in", client, Scope::host, always(30));
    }
    for (int i = 0; i < 2; ++i) {
      add("accepted", ids_.hosts[i], Scope::host, always(i == 0 ? 4 : 2));
      add("served", ids_.hosts[i], Scope::host, always(i == 0 ? 4 : 2));
      add("accept_queue", ids_.hosts[i], Scope::host, always(1));
      add("accept_queue_limit", ids_.hosts[i], Scope::host, always(128));
      add("cpu", ids_.hosts[i], Scope::host, always(12.5));
      add("scheduled", ids_.servers[i], Scope::server, always(i == 0 ? 4 : 2));
      add("weight", ids_.servers[i], Scope::server, always(i == 0 ? 100 : 50));
    }
    add("requests", load_, Scope::workload, [late](int s) { return kPerSecond + late(1)(s); });
    add("responses", load_, Scope::workload, always(kPerSecond));
    add("request_failures", load_, Scope::workload, late(1));
    add("response_time", load_, Scope::workload, always(10));
  }

  void sample(int second) {
    for (const auto& [series, value] : series_) writer_->sample(series, at(second), value(second));
    for (int i = 0; i < kPerSecond; ++i) {
      const Duration took = std::chrono::milliseconds(2 + (second * kPerSecond + i) % 30);
      const auto bucket =
          telemetry::LatencyBuckets::bucket_of(static_cast<std::uint64_t>(took.count()));
      writer_->latency({load_, static_cast<std::uint32_t>(bucket), at(second), 1});
    }
  }

  void write_session(int i) {
    telemetry::ConnectionRecord record;
    record.opened_at = at(static_cast<double>(i) / kPerSecond);
    record.established_at = record.opened_at + 2 * kWay;
    record.closed_at = record.opened_at + 20 * kWay;
    record.bytes_sent = 200;
    record.bytes_received = 1000;
    record.flow = client_flow(i);
    record.object = ids_.clients[i % 2];
    record.reason = telemetry::Reason::closed_by_local;
    writer_->record(record);
    record.role = telemetry::ConnectionRole::session;
    record.object = ids_.balancer;
    record.peer = ids_.servers[i % 3 == 2 ? 1 : 0];
    record.translated = server_flow(i);
    record.reason = telemetry::Reason::closed_by_client;
    writer_->record(record);
    telemetry::ConnectionRecord seen_there = record;
    seen_there.role = telemetry::ConnectionRole::server;
    seen_there.object = ids_.hosts[i % 3 == 2 ? 1 : 0];
    seen_there.peer = 0;
    seen_there.flow = server_flow(i);
    seen_there.translated = {};
    seen_there.reason = telemetry::Reason::closed_by_peer;
    writer_->record(seen_there);
  }

  void write_refused(int second) {
    telemetry::ConnectionRecord record;
    record.opened_at = at(second);
    record.closed_at = at(second);
    record.flow = client_flow(0);
    record.flow.source.port = 0;
    record.object = ids_.clients[0];
    record.reason = telemetry::Reason::address_not_available;
    writer_->record(record);
  }

  // One packet across a leg: it leaves `from` and arrives at `to`.
  void pass(telemetry::ObjectId from, telemetry::ObjectId to, const net::FlowKey& flow,
            PacketAction leaves) {
    packet(from, leaves, flow);
    now_ = now_ + kWay;
    packet(to, PacketAction::received, flow);
  }

  void packet(telemetry::ObjectId object, PacketAction action, const net::FlowKey& flow,
              telemetry::Reason reason = telemetry::Reason::none) {
    telemetry::PacketRecord record;
    record.at = now_;
    record.object = object;
    record.action = action;
    record.reason = reason;
    record.flow = flow;
    record.tcp_flags = flags_;
    record.sequence = sequence_;
    record.acknowledgment = acknowledgment_;
    record.payload_bytes = payload_;
    writer_->packet(record);
    ++packets_;
  }

  void make(std::uint8_t flags, std::uint32_t sequence, std::uint32_t acknowledgment,
            std::uint32_t payload) {
    flags_ = flags;
    sequence_ = sequence;
    acknowledgment_ = acknowledgment;
    payload_ = payload;
  }

  void write_packets() {
    const net::FlowKey near = client_flow(0);
    const net::FlowKey far = server_flow(0);
    now_ = kStart;
    make(flag::syn, 1000, 0, 0);
    packet(ids_.clients[0], PacketAction::sent, near);
    packet(ids_.link, PacketAction::dropped, near, telemetry::Reason::link_loss);
    now_ = at(1);
    pass(ids_.clients[0], ids_.balancer, near, PacketAction::sent);
    pass(ids_.balancer, ids_.hosts[0], far, PacketAction::forwarded);
    make(flag::syn | flag::ack, 77000, 1001, 0);
    pass(ids_.hosts[0], ids_.balancer, far.reversed(), PacketAction::sent);
    pass(ids_.balancer, ids_.clients[0], near.reversed(), PacketAction::forwarded);
    make(flag::psh | flag::ack, 1001, 77001, 200);
    pass(ids_.clients[0], ids_.balancer, near, PacketAction::sent);
    pass(ids_.balancer, ids_.hosts[0], far, PacketAction::forwarded);
    make(flag::psh | flag::ack, 77001, 1201, 1000);
    pass(ids_.hosts[0], ids_.balancer, far.reversed(), PacketAction::sent);
    packet(ids_.balancer, PacketAction::dropped, far.reversed(),
           telemetry::Reason::bandwidth_exceeded);
    now_ = now_ + std::chrono::milliseconds(300);
    packet(ids_.hosts[0], PacketAction::sent, far.reversed());
    now_ = now_ + kWay;
    packet(ids_.balancer, PacketAction::received, far.reversed());
    Q_ASSERT(packets_ == kPackets);
    telemetry::PacketConnection connection;
    connection.choice = telemetry::PacketChoice::dropped;
    connection.reason = telemetry::Reason::bandwidth_exceeded;
    connection.flow = near;
    connection.translated = far;
    connection.first_at = kStart;
    connection.last_at = now_;
    connection.packets = static_cast<std::uint64_t>(packets_);
    writer_->decision(decision_for(near));
    writer_->packet_connection(connection);
  }

  telemetry::DecisionRecord decision_for(const net::FlowKey& flow) const {
    telemetry::DecisionRecord decision;
    decision.object = ids_.balancer;
    decision.chosen = ids_.servers[0];
    decision.flow = flow;
    decision.ground = telemetry::DecisionGround::least_load;
    decision.servers = decision.usable = decision.kept = 2;
    decision.weighed[0] = {ids_.servers[0], 3, std::nullopt, 2, 0};
    decision.weighed[1] = {ids_.servers[1], 2, std::nullopt, 1, 0};
    return decision;
  }

  std::unique_ptr<trace::Writer> writer_;
  Ids ids_;
  telemetry::ObjectId load_ = 0;
  std::vector<std::pair<telemetry::SeriesId, Value>> series_;
  Instant now_ = kStart;
  std::uint8_t flags_ = 0;
  std::uint32_t sequence_ = 0;
  std::uint32_t acknowledgment_ = 0;
  std::uint32_t payload_ = 0;
  int packets_ = 0;
};

}  // namespace

std::filesystem::path write_run(const QTemporaryDir& folder, const char* name) {
  const std::filesystem::path path = folder.filePath(QString::fromUtf8(name)).toStdString();
  RunWriter(path).write();
  return path;
}

std::filesystem::path write_empty_run(const QTemporaryDir& folder) {
  const std::filesystem::path path = folder.filePath(QStringLiteral("empty.db")).toStdString();
  trace::RunMetadata run;
  run.scenario = "E-01";
  run.run = "replay";
  run.world = "replay";
  must(must(trace::Writer::open(path, run))->finish(kStart));
  return path;
}

}  // namespace elblab::gui::test
