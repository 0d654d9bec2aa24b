#include "gui/distribution/occupancy_view.hpp"

#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>
#include <algorithm>
#include <map>

namespace elblab::gui {
namespace {

constexpr std::size_t kColumns = 120;

std::map<std::string, trace::SeriesInfo> series_by_measure(const trace::Reader& trace) {
  std::map<std::string, trace::SeriesInfo> series;
  for (trace::SeriesInfo& one : trace.series()) series[measure_of(one)] = std::move(one);
  return series;
}

// The level over its limit per column; where the limit is no series of its own (the 100 % of a
// CPU), it is the one at the peak.
std::vector<double> shares_of(const trace::Reader& trace, const metrics::Occupancy& of,
                              const std::map<std::string, trace::SeriesInfo>& series) {
  const auto level = series.find(of.measure);
  if (level == series.end()) return {};
  const auto limiting = series.find(of.capacity);
  const auto levels = trace.buckets(level->second.id, kStart, kNever, kColumns);
  std::vector<trace::Bucket> limits;
  if (limiting != series.end())
    limits = trace.buckets(limiting->second.id, kStart, kNever, kColumns);
  std::vector<double> shares(levels.size());
  // A sample speaks for the time since the one before: columns without one have that of the next.
  double limit_there = of.limit;
  double share = 0;
  for (std::size_t i = levels.size(); i-- > 0;) {
    if (i < limits.size() && limits[i].count > 0) limit_there = limits[i].min;
    if (levels[i].count > 0) share = limit_there > 0 ? levels[i].max / limit_there : 0;
    shares[i] = share;
  }
  return shares;
}

}  // namespace

OccupancyView::OccupancyView(ViewContext context, QWidget* parent)
    : View(context, parent),
      answers_(this, [this] { draw(); }),
      meters_(new Meters(this)),
      compared_(new QLabel(this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  compared_->setMargin(4);
  compared_->setWordWrap(true);
  compared_->hide();
  layout->addWidget(compared_);
  layout->addWidget(meters_, 1);
  setFocusProxy(meters_);
  connect(meters_, &Meters::meter_chosen, this, [this](std::size_t index) { choose(index); });
}

std::vector<Meter> OccupancyView::read(const trace::Reader& trace) {
  const auto series = series_by_measure(trace);
  std::vector<Meter> meters;
  for (metrics::Occupancy& of : metrics::occupancies(trace)) {
    // A CPU that was never busy is one that is not modelled.
    if (of.limit <= 0 || (of.unit == "%" && of.peak <= 0)) continue;
    std::vector<double> shares = shares_of(trace, of, series);
    meters.push_back({std::move(of), std::move(shares)});
  }
  std::stable_sort(meters.begin(), meters.end(),
                   [](const Meter& a, const Meter& b) { return a.of.share > b.of.share; });
  return meters;
}

QString OccupancyView::empty_text() const {
  QString general = View::empty_text();
  if (!general.isEmpty()) return general;
  const auto* meters = answers_.find(focus().current());
  if (meters == nullptr) return tr("Measuring …");
  if (!meters->empty()) return {};
  return tr(
      "This trace has no level with a limit.\n\nA replay knows neither hosts nor their ports, "
      "queues and CPUs; run the scenario, or fit one with elblab import.");
}

void OccupancyView::traces_changed() {
  answers_.look_at(focus(), &OccupancyView::read);
  draw();
}

void OccupancyView::draw() {
  if (const auto* meters = answers_.find(focus().current())) meters_->show_meters(*meters);
  // What the other run's fullest was, in one line.
  const auto* others = answers_.find(focus().compared());
  const bool has_others = others != nullptr && !others->empty();
  compared_->setVisible(has_others);
  if (has_others) {
    const metrics::Occupancy& fullest = others->front().of;
    compared_->setText(tr("%1: fullest is %2, %3")
                           .arg(focus().compared()->label(),
                                QString::fromStdString(fullest.measure), occupancy_text(fullest)));
  }
  update_notice();
}

void OccupancyView::choose(std::size_t index) {
  const auto* meters = answers_.find(focus().current());
  if (meters == nullptr || index >= meters->size()) return;
  const metrics::Occupancy& of = (*meters)[index].of;
  std::vector<std::string> measures{of.measure};
  if (focus().current()->facts().find(of.capacity) != nullptr) measures.push_back(of.capacity);
  for (const std::string& other : selection().measures()) {
    if (std::find(measures.begin(), measures.end(), other) == measures.end()) {
      measures.push_back(other);
    }
  }
  selection().choose_measures(std::move(measures));
}

void OccupancyView::paint(QPainter& painter, QSize size) {
  if (!empty_text().isEmpty()) return View::paint(painter, size);
  meters_->paint_picture(painter, QRectF(QPointF(), QSizeF(size)));
}

DataTable OccupancyView::table() const {
  DataTable table;
  table.columns = {"run",         "measure",           "limited by", "unit",        "peak",
                   "peak at (s)", "limit at the peak", "share",      "full for (s)"};
  for (const OpenTrace* trace : focus().readable()) {
    const auto* meters = answers_.find(trace);
    if (meters == nullptr) continue;
    for (const Meter& meter : *meters) {
      const metrics::Occupancy& of = meter.of;
      const auto seconds = [](Duration time) {
        return QString::number(std::chrono::duration<double>(time).count(), 'f', 3);
      };
      table.rows.push_back({trace->label(), QString::fromStdString(of.measure),
                            QString::fromStdString(of.capacity), QString::fromStdString(of.unit),
                            QString::number(of.peak, 'g', 10), seconds(of.peak_at - kStart),
                            QString::number(of.limit, 'g', 10), QString::number(of.share, 'f', 6),
                            seconds(of.full)});
    }
  }
  return table;
}

}  // namespace elblab::gui
