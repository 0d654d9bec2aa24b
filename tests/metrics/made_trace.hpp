// A small trace made by hand, sample by sample, and its reader; gone with this object.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "analysis/trace/reader.hpp"
#include "analysis/trace/writer.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::metrics::test {

class MadeTrace {
 public:
  MadeTrace();

  telemetry::ObjectId object(const std::string& name, trace::ObjectKind kind);
  // A sample of name(object) at so many seconds; object and series are registered when they are
  // first used. The kind of the object is that of the name's scope: "app/b1" a server.
  void sample(const std::string& name, const std::string& object, double at_s, double value);
  trace::Writer& writer() { return *writer_; }

  // The finished trace; nothing can be added after that.
  const trace::Reader& finish(double end_s);
  // The trace as it is when the run is killed now.
  const trace::Reader& break_off();

 private:
  const trace::Reader& open();

  testing::TemporaryFolder folder_;
  std::unique_ptr<trace::Writer> writer_;
  std::map<std::string, telemetry::ObjectId> objects_;
  std::map<std::string, telemetry::SeriesId> series_;
  std::unique_ptr<trace::Reader> reader_;
};

Instant at(double seconds);

}  // namespace elblab::metrics::test
