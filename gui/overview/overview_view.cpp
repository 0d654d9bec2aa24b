#include "gui/overview/overview_view.hpp"

#include <QUrl>
#include <QVBoxLayout>
#include <utility>

#include "gui/page/page.hpp"

namespace elblab::gui {
namespace {

RunTotals read_totals(const trace::Reader& trace) {
  return {metrics::requests(trace), metrics::gaps(trace), metrics::drops(trace)};
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
