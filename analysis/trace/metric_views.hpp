// The metrics of a trace as SQL views, made with the file, so that plain sqlite3 can ask them too.
//
// One table of views: what each says, its columns with their units, a question to try, its SQL.
// docs/metrics.md is made from it, `elblab query` lists it, and analysis/metrics reads the views.
//
// Conventions: times in seconds since the start of the run (…_s); shares 0 … 1; NULL where nothing
// was measured. A sample at t speaks for the time since the sample before it, so what is "at" t
// happened in the interval that ends there (analysis/expectations/phase.hpp).
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace elblab::trace {

struct MetricColumn {
  std::string_view name;
  std::string_view unit;  // empty: a name
  std::string_view what;
};

struct MetricView {
  std::string_view name;
  std::string_view what;  // one line
  std::string_view note;  // how it is counted, what it leaves out; sentences
  std::span<const MetricColumn> columns;
  std::string_view example;
  std::string sql;  // the SELECT of the view
};

std::span<const MetricView> metric_views();
// CREATE VIEW statements over the tables of schema.hpp.
std::string create_metric_views_sql();

}  // namespace elblab::trace
