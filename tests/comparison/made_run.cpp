#include "tests/comparison/made_run.hpp"

#include <stdlib.h>

#include <boost/test/unit_test.hpp>

#include "tests/must.hpp"

namespace elblab::comparison::test {
namespace {

Instant at(double seconds) { return Instant(from_seconds(seconds)); }

trace::RunMetadata metadata() {
  trace::RunMetadata run;
  run.scenario = "T-1";
  run.run = "symptom";
  run.world = "simulation";
  run.effective_yaml = "scenario: T-1\nrate: 10/s\n";
  run.seed = 1;
  run.duration = std::chrono::seconds(kSeconds);
  run.sample_interval = std::chrono::seconds(1);
  return run;
}

net::FlowKey flow_of(int i) {
  return {{net::IpAddress::v4(10, 0, 0, 1), static_cast<std::uint16_t>(32768 + i)},
          {net::IpAddress::v4(198, 51, 100, 10), 80},
          net::Protocol::tcp};
}

struct Ids {
  telemetry::ObjectId node = 0;
  telemetry::ObjectId servers[2] = {};
  telemetry::ObjectId client = 0;
};

void write_connection(int i, const Ids& ids, const Changes& changes, trace::Writer& writer) {
  telemetry::Event decision;
  decision.at = at(0.1 * i);
  decision.kind = telemetry::EventKind::scheduler_decision;
  decision.object = ids.node;
  decision.peer = ids.servers[changes.server(i)];
  decision.flow = flow_of(i);
  writer.record(decision);
  telemetry::ConnectionRecord record;
  record.object = ids.client;
  record.role = telemetry::ConnectionRole::client;
  record.reason = telemetry::Reason::closed_by_local;
  record.flow = flow_of(i);
  record.opened_at = at(0.1 * i);
  record.established_at = record.opened_at + std::chrono::milliseconds(4);
  record.closed_at = record.opened_at + std::chrono::milliseconds(10);
  record.bytes_sent = 200;
  record.bytes_received = 1000;
  changes.connection(i, record);
  writer.record(record);
}

}  // namespace

MadeRun::MadeRun(const Changes& changes) {
  trace::RunMetadata run = metadata();
  changes.run(run);
  auto writer = must(trace::Writer::open(folder_ / "t.db", run));
  Ids ids;
  writer->add_object("balancer", trace::ObjectKind::balancer);
  ids.node = writer->add_object("node1", trace::ObjectKind::node);
  ids.servers[0] = writer->add_object("app/b1", trace::ObjectKind::server);
  ids.servers[1] = writer->add_object("app/b2", trace::ObjectKind::server);
  ids.client = writer->add_object("c1", trace::ObjectKind::host);
  const auto connected =
      writer->add_series("connected", ids.client, "connections", trace::SeriesKind::counter);
  const auto established =
      writer->add_series("established", ids.client, "sockets", trace::SeriesKind::gauge);
  telemetry::SeriesId failed = 0;
  if (changes.a_series_more) {
    failed = writer->add_series("failed", ids.client, "connections", trace::SeriesKind::counter);
  }
  for (int i = 0; i < kConnections; ++i) write_connection(i, ids, changes, *writer);
  for (int i = 1; i <= kSeconds; ++i) {
    Instant when = at(i);
    double value = 10;
    changes.connected(i, when, value);
    writer->sample(connected, when, value);
    when = at(i);
    value = i % 10;
    changes.established(i, when, value);
    writer->sample(established, when, value);
    if (failed != 0) writer->sample(failed, at(i), 1);
  }
  for (int i = 0; i < changes.drops; ++i) {
    telemetry::Event drop;
    drop.at = at(kSeconds);
    drop.kind = telemetry::EventKind::packet_dropped;
    drop.reason = changes.drop_reason;
    drop.object = ids.client;
    writer->record(drop);
  }
  if (changes.complete) must(writer->finish(at(kSeconds)));
  writer.reset();
  reader_ = must(trace::Reader::open(folder_ / "t.db"));
}

}  // namespace elblab::comparison::test
