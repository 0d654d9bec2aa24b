// A report over one or several traces: verdict, diagnosis, what differs between the runs, curves of
// the judged measures and of everything near its capacity, shares, occupancies, response times,
// drops, the service's metrics, and the data that support asks for (DIAG-21).
//
// Runs of the same scenario are drawn over each other: the symptom beside its remedy. Every number
// is a metric (analysis/metrics) or a sample. Time: linear in the samples; connections are read
// from tables that were counted while the trace was written.
#pragma once

#include <vector>

#include "analysis/reports/document.hpp"
#include "analysis/reports/reported_run.hpp"

namespace elblab::reports {

// At least one trace; they must outlive the call.
Document make_report(const std::vector<ReportedTrace>& traces);

}  // namespace elblab::reports
