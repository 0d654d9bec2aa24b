#include "tests/expectations/recorded_series.hpp"

#include <stdlib.h>

#include <boost/test/unit_test.hpp>
#include <map>

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
  std::unique_ptr<trace::Writer> writer;
  BOOST_REQUIRE(!trace::Writer::open(path, run, writer));
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
  if (complete) BOOST_REQUIRE(!writer->finish(end));
  writer.reset();
  BOOST_REQUIRE(!trace::Reader::open(path, reader_));
}

}  // namespace elblab::expectations::test
