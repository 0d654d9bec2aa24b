#include "tests/expectations/recorded_series.hpp"

#include <stdlib.h>

#include <boost/test/unit_test.hpp>
#include <map>

#include "tests/must.hpp"

namespace elblab::expectations::test {

Instant at(double seconds) { return Instant(from_seconds(seconds)); }

std::vector<trace::Point> every(double interval, const std::vector<double>& values) {
  std::vector<trace::Point> samples;
  for (std::size_t i = 0; i < values.size(); ++i) {
    samples.push_back({at(interval * static_cast<double>(i + 1)), values[i]});
  }
  return samples;
}

RecordedRun::RecordedRun(const std::vector<Series>& series, bool complete,
                         Duration sample_interval) {
  const std::filesystem::path path = folder_ / "t.db";

  trace::RunMetadata run;
  run.sample_interval = sample_interval;
  auto writer = must(trace::Writer::open(path, run));
  std::map<std::string, telemetry::ObjectId> objects;
  Instant end = kStart;
  for (const Series& s : series) {
    auto& object = objects[s.object];
    if (object == 0) object = writer->add_object(s.object, trace::ObjectKind::host);
    const auto id = writer->add_series(s.name, object, s.unit, s.kind);
    for (const trace::Point& p : s.samples) {
      writer->sample(id, p.at, p.value);
      end = std::max(end, p.at);
    }
  }
  if (complete) must(writer->finish(end));
  writer.reset();
  reader_ = must(trace::Reader::open(path));
}

}  // namespace elblab::expectations::test
