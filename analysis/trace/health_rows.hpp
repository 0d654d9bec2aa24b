// The tables `probes` and `health`: health probes that ended, and verdicts that changed. Belongs to
// the writer thread.
#pragma once

#include "analysis/trace/batch_insert.hpp"
#include "analysis/trace/database.hpp"
#include "models/telemetry/recorder.hpp"

namespace elblab::trace {

class HealthRows {
 public:
  explicit HealthRows(const Database& database);

  bool ok() const { return probes_.ok() && changes_.ok(); }
  // False: writing failed.
  bool write(const telemetry::ProbeRecord& probe);
  bool write(const telemetry::HealthRecord& change);
  bool flush() { return probes_.flush() && changes_.flush(); }

 private:
  BatchInsert probes_;
  BatchInsert changes_;
};

}  // namespace elblab::trace
