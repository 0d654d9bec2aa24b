#include "gui/distribution/latency_view.hpp"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QSignalBlocker>
#include <algorithm>
#include <numeric>

#include "gui/charts/chart.hpp"

namespace elblab::gui {
namespace {

QString span_text(Duration span) {
  const double seconds = std::chrono::duration<double>(span).count();
  if (seconds >= 1) return QStringLiteral("%1 s").arg(seconds, 0, 'f', 2);
  if (seconds >= 1e-3) return QStringLiteral("%1 ms").arg(seconds * 1e3, 0, 'g', 3);
  return QStringLiteral("%1 µs").arg(seconds * 1e6, 0, 'g', 3);
}

QString seconds_text(Instant at) {
  return QString::number(std::chrono::duration<double>(at - kStart).count(), 'f', 1);
}

double ns(Duration time) { return static_cast<double>(time.count()); }

std::vector<Histogram::Column> columns_of(const std::vector<trace::LatencyBucket>& buckets) {
  std::uint64_t all = 0;
  for (const trace::LatencyBucket& bucket : buckets) all += bucket.count;
  std::vector<Histogram::Column> columns;
  columns.reserve(buckets.size());
  for (const trace::LatencyBucket& bucket : buckets) {
    // Buckets hold low <= t <= high; the next one begins a nanosecond later.
    columns.push_back({ns(bucket.low), ns(bucket.high) + 1,
                       100 * static_cast<double>(bucket.count) / static_cast<double>(all)});
  }
  return columns;
}

}  // namespace

LatencyView::LatencyView(ViewContext context, QWidget* parent)
    : View(context, parent),
      answers_(this, [this] { draw(); }),
      chart_(new Chart(this)),
      workload_(new QComboBox(this)),
      state_(new QLabel(this)),
      quantiles_(new QLabel(this)) {
  setAutoFillBackground(true);
  setBackgroundRole(QPalette::Base);
  workload_->setToolTip(tr("Whose responses"));
  quantiles_->setTextFormat(Qt::RichText);
  quantiles_->setMargin(6);
  quantiles_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* head = new QHBoxLayout;
  head->setContentsMargins(8, 4, 8, 2);
  head->addWidget(state_, 1);
  head->addWidget(workload_);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(2);
  layout->addLayout(head);
  layout->addWidget(chart_, 1);
  layout->addWidget(quantiles_);
  connect(workload_, &QComboBox::currentIndexChanged, this, [this] { ask(); });
}

std::string LatencyView::workload() const {
  return workload_->currentData().toString().toStdString();
}

QString LatencyView::empty_text() const {
  QString general = View::empty_text();
  if (!general.isEmpty()) return general;
  const Times* times = answers_.find(focus().current());
  if (times == nullptr) return tr("Adding up …");
  if (!times->buckets.empty()) return {};
  if (focus().current()->facts().metadata.world == "replay") {
    return tr(
        "A replay knows packets, not requests: there are no response times.\n\nMake a "
        "scenario of the capture with elblab import, and run it.");
  }
  return selection().range() ? tr("No response came in the stretch of time shown.")
                             : tr("No request was answered in this run.");
}

void LatencyView::traces_changed() { ask(); }
void LatencyView::range_changed() { ask(); }

void LatencyView::ask() {
  const Question of{selection().range().value_or(TimeRange{kStart, kNever}), workload()};
  answers_.look_at(
      focus(),
      [of](const trace::Reader& trace) {
        return Times{trace.latencies(of.workload, of.range.from, of.range.to),
                     metrics::latencies(trace, of.range.from, of.range.to)};
      },
      of);
  draw();
}

void LatencyView::offer_workloads(const Times& times) {
  QStringList names{tr("all workloads")};
  for (const auto& of : times.quantiles) names.push_back(QString::fromStdString(of.workload));
  QStringList offered;
  for (int i = 0; i < workload_->count(); ++i) offered.push_back(workload_->itemText(i));
  // A stretch of time in which one had no response does not take it from the list.
  if (offered.size() >= names.size()) return;
  const QSignalBlocker silent(workload_);
  const QString chosen = workload_->currentData().toString();
  workload_->clear();
  for (const QString& name : names) {
    workload_->addItem(name, workload_->count() == 0 ? QString() : name);
  }
  workload_->setCurrentIndex(std::max(0, workload_->findData(chosen)));
  workload_->setVisible(names.size() > 2);
}

const metrics::LatencyQuantiles* LatencyView::quantiles_of(const Times& times) const {
  // Of all together only where there is but one; quantiles do not add up.
  if (workload().empty()) return times.quantiles.size() == 1 ? &times.quantiles.front() : nullptr;
  const auto found = std::find_if(times.quantiles.begin(), times.quantiles.end(),
                                  [this](const auto& of) { return of.workload == workload(); });
  return found == times.quantiles.end() ? nullptr : &*found;
}

Histogram LatencyView::histogram() const {
  Histogram histogram;
  for (const OpenTrace* trace : focus().readable()) {
    const Times* times = answers_.find(trace);
    if (times == nullptr || times->buckets.empty()) continue;
    Histogram::Layer layer;
    layer.name = trace->label();
    layer.look = trace == focus().current() ? SeriesLook::actual : SeriesLook::compared;
    layer.columns = columns_of(times->buckets);
    if (const auto* of = quantiles_of(*times)) {
      layer.markers = {{"p50", ns(of->p50)}, {"p90", ns(of->p90)}, {"p99", ns(of->p99)}};
    }
    histogram.layers.push_back(std::move(layer));
  }
  return histogram;
}

QString LatencyView::quantiles_html() const {
  QString html = QStringLiteral(
      "<table cellspacing='0' cellpadding='3'><tr><td></td><td></td>"
      "<td align='right'>responses</td><td align='right'>p50</td><td align='right'>p90</td>"
      "<td align='right'>p99</td><td align='right'>p99.9</td><td align='right'>max</td></tr>");
  for (const OpenTrace* trace : focus().readable()) {
    const Times* times = answers_.find(trace);
    if (times == nullptr) continue;
    for (const metrics::LatencyQuantiles& of : times->quantiles) {
      html += QStringLiteral("<tr><td>%1</td><td>&nbsp;%2&nbsp;</td>")
                  .arg(focus().compared() == nullptr ? QString() : trace->label().toHtmlEscaped(),
                       QString::fromStdString(of.workload).toHtmlEscaped());
      html += QStringLiteral("<td align='right'>%1</td>")
                  .arg(QLocale(QLocale::English).toString(static_cast<qulonglong>(of.count)));
      for (const Duration time : {of.p50, of.p90, of.p99, of.p999, of.max}) {
        html += QStringLiteral("<td align='right'>&nbsp;&nbsp;<b>%1</b></td>").arg(span_text(time));
      }
      html += QStringLiteral("</tr>");
    }
  }
  return html + QStringLiteral("</table>");
}

void LatencyView::draw() {
  if (const Times* times = answers_.find(focus().current())) {
    offer_workloads(*times);
    chart_->show_histogram(histogram());
    quantiles_->setText(quantiles_html());
  }
  const std::optional<TimeRange>& range = selection().range();
  state_->setText(range ? tr("Responses from %1 s to %2 s")
                              .arg(seconds_text(range->from), seconds_text(range->to))
                        : tr("Responses of the whole run"));
  update_notice();
}

DataTable LatencyView::table() const {
  DataTable table;
  table.columns = {"run", "from (ns)", "to (ns)", "responses"};
  for (const OpenTrace* trace : focus().readable()) {
    const Times* times = answers_.find(trace);
    if (times == nullptr) continue;
    for (const trace::LatencyBucket& bucket : times->buckets) {
      table.rows.push_back({trace->label(), QString::number(bucket.low.count()),
                            QString::number(bucket.high.count()), QString::number(bucket.count)});
    }
  }
  return table;
}

QJsonObject LatencyView::settings() const {
  return {{"workload", workload_->currentData().toString()}};
}

void LatencyView::restore(const QJsonObject& settings) {
  const QString name = settings["workload"].toString();
  if (name.isEmpty()) return;
  if (workload_->count() == 0) workload_->addItem(tr("all workloads"), QString());
  if (workload_->findData(name) < 0) workload_->addItem(name, name);
  workload_->setCurrentIndex(workload_->findData(name));
}

}  // namespace elblab::gui
