#include "tests/metrics/made_trace.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "models/telemetry/measures.hpp"
#include "tests/must.hpp"

namespace elblab::metrics::test {
namespace {

trace::ObjectKind kind_of(telemetry::MeasureScope scope) {
  switch (scope) {
    case telemetry::MeasureScope::host:
      return trace::ObjectKind::host;
    case telemetry::MeasureScope::balancer:
      return trace::ObjectKind::balancer;
    case telemetry::MeasureScope::server:
      return trace::ObjectKind::server;
    case telemetry::MeasureScope::workload:
      return trace::ObjectKind::workload;
    case telemetry::MeasureScope::link:
      return trace::ObjectKind::link;
    case telemetry::MeasureScope::network:
    case telemetry::MeasureScope::subnet:
      return trace::ObjectKind::network;
    case telemetry::MeasureScope::middlebox:
      return trace::ObjectKind::middlebox;
    case telemetry::MeasureScope::listener:
      return trace::ObjectKind::listener;
    case telemetry::MeasureScope::grouped_host:
    case telemetry::MeasureScope::firewalled_host:
    case telemetry::MeasureScope::relay:
    case telemetry::MeasureScope::session_host:
      return trace::ObjectKind::host;
    case telemetry::MeasureScope::user_workload:
      return trace::ObjectKind::workload;
    case telemetry::MeasureScope::sticky_group:
    case telemetry::MeasureScope::quic_group:
      return trace::ObjectKind::group;
    case telemetry::MeasureScope::checked_balancer:
      return trace::ObjectKind::balancer;
    case telemetry::MeasureScope::checked_server:
      return trace::ObjectKind::server;
  }
  return trace::ObjectKind::host;
}

}  // namespace

Instant at(double seconds) { return Instant(from_seconds(seconds)); }

MadeTrace::MadeTrace() {
  trace::RunMetadata run;
  run.scenario = "T-1";
  run.run = "symptom";
  run.world = "simulation";
  run.sample_interval = std::chrono::seconds(1);
  writer_ = must(trace::Writer::open(folder_ / "t.db", run));
}

telemetry::ObjectId MadeTrace::object(const std::string& name, trace::ObjectKind kind) {
  auto& id = objects_[name];
  if (id == 0) id = writer_->add_object(name, kind);
  return id;
}

void MadeTrace::sample(const std::string& name, const std::string& owner, double at_s,
                       double value) {
  auto& series = series_[name + "(" + owner + ")"];
  if (series == 0) {
    const auto all = telemetry::measures();
    const auto info =
        std::find_if(all.begin(), all.end(), [&](const auto& m) { return m.name == name; });
    BOOST_REQUIRE_MESSAGE(info != all.end(), "no measure " << name);
    series = writer_->add_series(name, object(owner, kind_of(info->scope)), info->unit,
                                 info->kind == telemetry::MeasureKind::gauge
                                     ? trace::SeriesKind::gauge
                                     : trace::SeriesKind::counter);
  }
  writer_->sample(series, at(at_s), value);
}

const trace::Reader& MadeTrace::finish(double end_s) {
  must(writer_->finish(at(end_s)));
  return open();
}

const trace::Reader& MadeTrace::break_off() {
  writer_.reset();
  return open();
}

const trace::Reader& MadeTrace::open() {
  reader_ = must(trace::Reader::open(folder_ / "t.db"));
  return *reader_;
}

}  // namespace elblab::metrics::test
