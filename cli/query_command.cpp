// elblab query: ask a trace in SQL.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>
#include <set>

#include "analysis/expectations/text.hpp"
#include "analysis/trace/metric_views.hpp"
#include "analysis/trace/reader.hpp"
#include "analysis/trace/relations.hpp"
#include "cli/commands.hpp"
#include "cli/printing/row_printer.hpp"
#include "cli/signals/stop_signals.hpp"
#include "cli/text/terminal.hpp"
#include "cli/text/text_table.hpp"
#include "cli/traces/reading_options.hpp"
#include "cli/traces/sql_problem.hpp"
#include "cli/whole_number.hpp"

namespace elblab::cli {
namespace {

// What a table shows unless more is asked for.
constexpr std::uint64_t kTableRows = 1'000;

struct QueryArguments {
  std::string trace;
  std::string sql;
  std::string format;
  std::uint64_t limit = 0;  // 0: all
  bool limited = false;     // --limit was given
  ReadingOptions reading;
};

std::set<std::string> relation_names(const trace::Reader& trace) {
  std::set<std::string> names;
  auto query = trace.query("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')");
  while (query.next()) names.insert(trace::to_text(query.row()[0]));
  return names;
}

// What can be asked of this trace, a line each.
void list_relations(const trace::Reader& trace, Terminal& out) {
  const auto there = relation_names(trace);
  TextTable metrics(2, "ll");
  for (const auto& view : trace::metric_views()) {
    if (there.contains(std::string(view.name))) {
      metrics.add({std::string(view.name), std::string(view.what)});
    }
  }
  TextTable rows(2, "ll");
  for (const auto& relation : trace::relations()) {
    if (there.contains(std::string(relation.name))) {
      rows.add({std::string(relation.name), std::string(relation.what)});
    }
  }
  out.write(out.styled("metrics", Style::bold) + " (docs/metrics.md)\n" + metrics.text());
  out.write(out.styled("rows", Style::bold) + " (docs/trace-schema.md)\n" + rows.text());
  out.write("\nAsk with, for example: SELECT * FROM server_shares\n");
}

// Rows until the end or the limit; false when some were left out.
bool print_rows(trace::Query& query, RowPrinter& printer, std::uint64_t limit,
                const Terminal& out) {
  printer.begin(query.columns());
  std::uint64_t rows = 0;
  bool all = true;
  while (out.ok() && query.next()) {
    if (limit > 0 && rows == limit) {
      all = false;
      break;
    }
    printer.row(query.row());
    ++rows;
  }
  // A list that broke off is not closed: it is not the answer.
  if (!query.problem()) printer.end();
  return all;
}

ExitCode answer(const trace::Reader& trace, const QueryArguments& arguments, RowFormat format,
                Terminal& out, Terminal& err) {
  auto query = trace.query(arguments.sql, &StopSignals::flag());
  if (!query.problem()) {
    const std::uint64_t limit = arguments.limited            ? arguments.limit
                                : format == RowFormat::table ? kTableRows
                                                             : 0;
    const auto printer = make_row_printer(format, out);
    if (!print_rows(query, *printer, limit, out)) {
      err.write(fmt::format("the first {} rows are shown; --limit 0 shows all\n",
                            expectations::number_text(static_cast<double>(limit))));
    }
    out.flush();
  }
  if (!query.problem()) return ExitCode::holds;
  if (query.problem()->kind == trace::QueryProblem::Kind::stopped) {
    err.write("stopped\n");
    return ExitCode::interrupted;
  }
  if (query.problem()->kind == trace::QueryProblem::Kind::limit) {
    err.write(query.problem()->message + "\n");
    return ExitCode::bad_input;
  }
  err.write(sql_problem_text(*query.problem(), arguments.sql, trace));
  return ExitCode::bad_input;
}

ExitCode run(const QueryArguments& arguments) {
  Terminal out(stdout);
  Terminal err(stderr);
  const auto complain = [&](const std::string& message) {
    err.write(message + "\n");
    return ExitCode::bad_input;
  };
  const std::string name =
      !arguments.format.empty() ? arguments.format : (out.is_interactive() ? "table" : "csv");
  const auto format = parse_row_format(name);
  if (!format) {
    return complain(fmt::format("--format: there are table, csv and json, no '{}'", name));
  }
  const auto limits = arguments.reading.limits();
  if (!limits) return complain(limits.error().message);
  const StopSignals signals;
  const auto trace = trace::Reader::open(arguments.trace, *limits);
  if (!trace) {
    complain(trace.error().message);
    return code_of_unread_trace();
  }
  if (arguments.sql.empty()) {
    list_relations(**trace, out);
    return ExitCode::holds;
  }
  return answer(**trace, arguments, *format, out, err);
}

}  // namespace

void add_query_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand("query", "Ask a trace in SQL; without SQL, what can be asked");
  auto arguments = std::make_shared<QueryArguments>();
  command->add_option("trace", arguments->trace, "A trace, also one that is being written")
      ->required()
      ->type_name("TRACE.db");
  command->add_option("sql", arguments->sql, "One SELECT; it can change nothing")->type_name("SQL");
  command
      ->add_option("--format", arguments->format,
                   "table, csv or json (default: table on a terminal, else csv)")
      ->type_name("FORMAT");
  auto* limit = command
                    ->add_option("--limit", arguments->limit,
                                 "Rows to show, 0 for all (default: 1000 of a table, else all)")
                    ->check(CLI::Validator(whole_number, ""))
                    ->type_name("N");
  add_time_limit_option(*command, arguments->reading);
  command->footer(R"(
Metrics are views (docs/metrics.md), rows are tables and views (docs/trace-schema.md).

Exit codes: 0 answered, 2 no trace or a mistake in the SQL, 130 stopped by Ctrl-C.

Examples:
  elblab query out/TW-01.symptom.seed1.db
  elblab query t.db "SELECT * FROM server_shares"
  elblab query t.db "SELECT at_s, value FROM samples_view WHERE measure = 'time_wait(c1)'"
  elblab query t.db --format csv "SELECT * FROM connections_view" > connections.csv)");
  command->callback([arguments, limit, &chosen] {
    arguments->limited = limit->count() > 0;
    chosen = [arguments] { return run(*arguments); };
  });
}

}  // namespace elblab::cli
