#include "gui/overview/overview_view.hpp"

#include <QUrl>
#include <QVBoxLayout>
#include <utility>

#include "gui/page/page.hpp"

namespace elblab::gui {
namespace {

struct TableQuery {
  const char* title;
  const char* kind;
  std::vector<std::string> columns;
  const char* sql;
};

// Traces of before a view existed have none of its rows.
std::vector<TotalsTable> read_tables(const trace::Reader& trace) {
  const std::vector<TableQuery> queries{
      {"Health checks",
       "health",
       {"server", "found by", "healthy", "changes", "per hour"},
       "SELECT server, node, printf('%.1f %%', 100 * availability), transitions, "
       "printf('%.4g', flaps_per_hour) FROM server_health "
       "ORDER BY server, node <> 'displayed', node LIMIT 200"},
      {"Probes that failed",
       "failed probes",
       {"server", "reason", "probes"},
       "SELECT peer, reason, count(*) FROM events_view WHERE kind = 'probe_failed' "
       "GROUP BY peer, reason ORDER BY peer, 3 DESC LIMIT 200"},
      {"Users who lost their session",
       "lost sessions",
       {"cause", "requests", "users", "of all"},
       "SELECT cause, lost, users, printf('%.1f %%', 100 * switch) FROM switch_causes"},
  };
  std::vector<TotalsTable> tables;
  for (const TableQuery& of : queries) {
    TotalsTable table{of.title, of.kind, of.columns, {}};
    auto query = trace.query(of.sql);
    while (query.next()) {
      auto& row = table.rows.emplace_back();
      for (const trace::QueryCell& cell : query.row()) row.push_back(trace::to_text(cell));
    }
    if (!table.rows.empty()) tables.push_back(std::move(table));
  }
  return tables;
}

RunTotals read_totals(const trace::Reader& trace) {
  return {metrics::requests(trace), metrics::gaps(trace), metrics::drops(trace),
          read_tables(trace)};
}

}  // namespace

OverviewView::OverviewView(ViewContext context, QWidget* parent)
    : View(context, parent),
      desk_(DiagnosisDesk::of(context.focus.traces())),
      totals_(this, [this] { write(); }),
      page_(new Page(this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(page_);
  setFocusProxy(page_);
  page_->show_page([this](const Theme& colours) { return overview_page(runs(), colours); });
  connect(&desk_, &DiagnosisDesk::answered, this, [this] { write(); });
  connect(page_, &QTextBrowser::anchorClicked, this, [this](const QUrl& link) { follow(link); });
}

std::vector<RunOverview> OverviewView::runs() const {
  std::vector<RunOverview> runs;
  for (const OpenTrace* trace : focus().readable()) {
    RunOverview run;
    run.trace = trace;
    run.totals = totals_.find(trace);
    for (TraceDiagnosis& known : desk_.known({focus().traces().find(trace->id())})) {
      run.diagnosis = std::move(known.diagnosis);
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

void OverviewView::traces_changed() {
  totals_.look_at(focus(), read_totals);
  desk_.look_at(focus().readable());
  write();
}

void OverviewView::write() { page_->write_again(); }

void OverviewView::follow(const QUrl& link) {
  if (link.scheme() == QLatin1String("measure")) {
    const std::string measure = link.path(QUrl::FullyDecoded).toStdString();
    std::vector<std::string> measures{measure};
    for (const std::string& other : selection().measures()) {
      if (other != measure) measures.push_back(other);
    }
    selection().choose_measures(std::move(measures));
    return;
  }
  const auto highlight = highlight_of(desk_.known(focus().readable()), link);
  if (highlight) selection().show_highlight(*highlight);
}

void OverviewView::paint(QPainter& painter, QSize size) {
  if (!empty_text().isEmpty()) return View::paint(painter, size);
  page_->paint_picture(painter, QRectF(QPointF(), QSizeF(size)));
}

DataTable OverviewView::table() const { return overview_table(runs()); }

}  // namespace elblab::gui
