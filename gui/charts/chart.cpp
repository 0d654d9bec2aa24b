#include "gui/charts/chart.hpp"

#include <QEvent>
#include <QGraphicsLayout>
#include <QToolTip>
#include <QVBoxLayout>
#include <QtCharts/QAreaSeries>
#include <QtCharts/QBarCategoryAxis>
#include <QtCharts/QBarSet>
#include <QtCharts/QCategoryAxis>
#include <QtCharts/QChart>
#include <QtCharts/QChartView>
#include <QtCharts/QHorizontalBarSeries>
#include <QtCharts/QLegend>
#include <QtCharts/QLegendMarker>
#include <QtCharts/QLineSeries>
#include <QtCharts/QValueAxis>
#include <algorithm>
#include <cmath>

#include "gui/charts/time_axis.hpp"
#include "gui/theme/theme.hpp"

namespace elblab::gui {
namespace {

constexpr std::size_t kMostTimeLabels = 9;
constexpr int kRowPixels = 22;
constexpr int kFramePixels = 110;
// Of an axis, so that the figures at the ends of bars and above curves have room.
constexpr double kLabelRoom = 1.12;
constexpr double kMarkerRoom = 1.35;

QColor colour_of(const Theme& theme, SeriesLook look) {
  return theme.colour_of(look == SeriesLook::compared ? 1 : 0);
}

QColor pale(QColor colour, int alpha) {
  colour.setAlpha(alpha);
  return colour;
}

QString number(double value) { return QStringLiteral("%1").arg(value, 0, 'g', 4); }

void style_axis(QAbstractAxis& axis, const Theme& theme, const QFont& font) {
  axis.setLabelsColor(theme.text);
  axis.setLabelsFont(font);
  axis.setTitleFont(font);
  axis.setTitleBrush(theme.faint);
  axis.setGridLineColor(theme.grid);
  axis.setLinePenColor(theme.grid);
  axis.setShadesVisible(false);
}

// 0 … a round number above every value.
QValueAxis* value_axis(double most, const QString& unit, const Theme& theme, const QFont& font) {
  auto* axis = new QValueAxis;
  axis->setRange(0, most > 0 ? most : 1);
  axis->setTickCount(5);
  axis->applyNiceNumbers();
  axis->setLabelFormat(QStringLiteral("%g"));
  axis->setTitleText(unit);
  style_axis(*axis, theme, font);
  return axis;
}

double largest(const std::vector<ChartSeries>& series) {
  double most = 0;
  for (const ChartSeries& one : series) {
    for (const double value : one.values) most = std::max(most, value);
  }
  return most;
}

QBarSet* bar_set(const ChartSeries& series, const Theme& theme) {
  auto* set = new QBarSet(series.name);
  for (const double value : series.values) set->append(value);
  if (series.look == SeriesLook::expected) {
    set->setBrush(pale(theme.faint, 50));
    set->setPen(QPen(theme.faint, 1, Qt::DashLine));
  } else {
    set->setBrush(colour_of(theme, series.look));
    set->setPen(Qt::NoPen);
  }
  set->setLabelColor(theme.text);
  return set;
}

// The upper edge of columns as a line that steps.
QLineSeries* steps(const Histogram::Layer& layer) {
  auto* line = new QLineSeries;
  double end = 0;
  for (const Histogram::Column& column : layer.columns) {
    const double low = std::log10(std::max(column.low_ns, 1.0));
    const double high = std::log10(std::max(column.high_ns, 1.0));
    if (line->count() == 0 || low > end + 1e-9) {
      if (line->count() != 0) line->append(end, 0);
      line->append(low, 0);
    }
    line->append(low, column.share);
    line->append(high, column.share);
    end = high;
  }
  if (line->count() != 0) line->append(end, 0);
  return line;
}

struct Extent {
  double low_ns = 1e30;
  double high_ns = 1;
  double share = 0;
};

Extent extent_of(const Histogram& histogram) {
  Extent extent;
  for (const Histogram::Layer& layer : histogram.layers) {
    for (const Histogram::Column& column : layer.columns) {
      if (column.share <= 0) continue;
      extent.low_ns = std::min(extent.low_ns, std::max(column.low_ns, 1.0));
      extent.high_ns = std::max(extent.high_ns, column.high_ns);
      extent.share = std::max(extent.share, column.share);
    }
  }
  extent.low_ns = std::min(extent.low_ns, extent.high_ns);
  extent.high_ns *= 1.3;  // names of markers at the end have room
  // One bucket alone would be a line: at least a factor of two is shown.
  if (extent.high_ns < extent.low_ns * 2) {
    extent.low_ns /= 1.5;
    extent.high_ns *= 1.5;
  }
  return extent;
}

QCategoryAxis* log_time_axis(const Extent& extent, const Theme& theme, const QFont& font) {
  auto* axis = new QCategoryAxis;
  axis->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
  axis->setRange(std::log10(extent.low_ns), std::log10(extent.high_ns));
  for (const AxisLabel& label : time_axis_labels(extent.low_ns, extent.high_ns, kMostTimeLabels)) {
    axis->append(label.text, label.position);
  }
  style_axis(*axis, theme, font);
  return axis;
}

}  // namespace

class Chart::Canvas : public QChartView {
 public:
  explicit Canvas(Chart* owner) : QChartView(owner), owner_(owner) {
    setRenderHint(QPainter::Antialiasing);
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::NoFocus);
    setMinimumSize(160, 100);
  }

  // At once instead of with the next event: a picture may be taken before that.
  void lay_out() {
    chart()->layout()->invalidate();
    chart()->layout()->activate();
    fit_bars();
  }

  void start(const QString& title) {
    const Theme& theme = colours();
    auto* fresh = new QChart;
    fresh->setTitle(title);
    QFont bold = label_font();
    bold.setBold(true);
    fresh->setTitleFont(bold);
    fresh->setTitleBrush(theme.text);
    fresh->setBackgroundBrush(theme.ground);
    fresh->setBackgroundRoundness(0);
    fresh->setMargins(QMargins(4, 2, 8, 2));
    fresh->layout()->setContentsMargins(0, 0, 0, 0);
    fresh->legend()->setAlignment(Qt::AlignBottom);
    fresh->legend()->setLabelColor(theme.text);
    fresh->legend()->setFont(label_font());
    setBackgroundBrush(theme.ground);
    bars_ = nullptr;
    QChart* old = chart();
    setChart(fresh);
    delete old;
  }

  void draw(const std::monostate&) { start({}); }

  void draw(const BarChart& bars) {
    start(bars.title);
    const Theme& theme = colours();
    auto* series = new QHorizontalBarSeries;
    bars_ = series;
    categories_ = static_cast<double>(std::max<qsizetype>(bars.categories.size(), 1));
    series->setLabelsPosition(QAbstractBarSeries::LabelsOutsideEnd);
    series->setLabelsPrecision(3);
    // The axis counts upwards; a reader reads downwards.
    for (auto one = bars.series.rbegin(); one != bars.series.rend(); ++one) {
      ChartSeries turned = *one;
      std::reverse(turned.values.begin(), turned.values.end());
      series->append(bar_set(turned, theme));
    }
    QStringList names = bars.categories;
    std::reverse(names.begin(), names.end());
    chart()->addSeries(series);
    auto* categories = new QBarCategoryAxis;
    categories->append(names);
    style_axis(*categories, theme, label_font());
    categories->setGridLineVisible(false);
    chart()->addAxis(categories, Qt::AlignLeft);
    series->attachAxis(categories);
    QValueAxis* values =
        value_axis(largest(bars.series) * kLabelRoom, bars.unit, theme, label_font());
    chart()->addAxis(values, Qt::AlignBottom);
    series->attachAxis(values);
    chart()->legend()->setReverseMarkers(true);
    tell_bars(series, names, bars.unit);
  }

  void draw(const AreaChart& areas) {
    start(areas.title);
    const Theme& theme = colours();
    QLineSeries* below = nullptr;
    std::vector<double> sums(areas.at_s.size(), 0.0);
    std::vector<QAreaSeries*> layers;
    std::size_t index = 0;
    for (const ChartSeries& layer : areas.layers) {
      auto* upper = new QLineSeries;
      for (std::size_t i = 0; i < sums.size(); ++i) {
        sums[i] += i < layer.values.size() ? layer.values[i] : 0;
        upper->append(areas.at_s[i], sums[i]);
      }
      auto* area = new QAreaSeries(upper, below);
      upper->setParent(area);
      area->setName(layer.name);
      area->setBrush(pale(theme.colour_of(index++), 200));
      area->setPen(Qt::NoPen);
      layers.push_back(area);
      below = upper;
    }
    auto* time = new QValueAxis;
    if (!areas.at_s.empty()) time->setRange(areas.at_s.front(), areas.at_s.back());
    time->setLabelFormat(QStringLiteral("%g s"));
    style_axis(*time, theme, label_font());
    chart()->addAxis(time, Qt::AlignBottom);
    const double most = sums.empty() ? 0 : *std::max_element(sums.begin(), sums.end());
    QValueAxis* values = value_axis(most, areas.unit, theme, label_font());
    chart()->addAxis(values, Qt::AlignLeft);
    for (QAreaSeries* layer : layers) {
      chart()->addSeries(layer);
      layer->attachAxis(time);
      layer->attachAxis(values);
    }
  }

  void draw(const Histogram& histogram) {
    start(histogram.title);
    const Theme& theme = colours();
    const Extent extent = extent_of(histogram);
    QCategoryAxis* times = log_time_axis(extent, theme, label_font());
    QValueAxis* shares =
        value_axis(extent.share * kMarkerRoom, tr("% of requests"), theme, label_font());
    chart()->addAxis(times, Qt::AlignBottom);
    chart()->addAxis(shares, Qt::AlignLeft);
    for (const Histogram::Layer& layer : histogram.layers) {
      QLineSeries* upper = steps(layer);
      auto* area = new QAreaSeries(upper);
      upper->setParent(area);
      area->setName(layer.name);
      area->setBrush(pale(colour_of(theme, layer.look), 110));
      area->setPen(QPen(colour_of(theme, layer.look), 1.2));
      place(area, times, shares);
      // Each name at a height of its own: quantiles stand close together.
      double height = layer.look == SeriesLook::compared ? 0.74 : 0.94;
      for (const Histogram::Marker& marker : layer.markers) {
        mark(marker, layer.look, {times, shares, height});
        height -= 0.065;
      }
    }
  }

 protected:
  void resizeEvent(QResizeEvent* event) override {
    QChartView::resizeEvent(event);
    lay_out();
  }

 private:
  // The owner's, as its font: when it hears of a change, its children still have the colours
  // before.
  const Theme& colours() const { return Theme::of(owner_->palette()); }
  QFont label_font() const { return owner_->font(); }

  void place(QAbstractSeries* series, QAbstractAxis* across, QAbstractAxis* up) {
    chart()->addSeries(series);
    series->attachAxis(across);
    series->attachAxis(up);
  }

  // Few bars in a large chart stay bars; in a small one they are as thick as their figures, which
  // would stand on each other otherwise, and are left out where there is no room at all.
  void fit_bars() {
    if (bars_ == nullptr || chart()->plotArea().height() <= 0) return;
    const double line = QFontMetricsF(label_font()).height();
    const double needed =
        line * static_cast<double>(bars_->count()) * categories_ / chart()->plotArea().height();
    bars_->setBarWidth(std::clamp(std::max(std::min(0.15 * categories_, 0.7), needed), 0.3, 0.85));
    bars_->setLabelsVisible(needed <= 0.85);
  }

  // A vertical line with its name on top.
  struct Spot {
    QAbstractAxis* across;
    QValueAxis* up;
    double height;  // of the axis
  };
  void mark(const Histogram::Marker& marker, SeriesLook look, const Spot& spot) {
    const Theme& theme = colours();
    auto* line = new QLineSeries;
    const double x = std::log10(std::max(marker.at_ns, 1.0));
    line->append(x, 0);
    line->append(x, spot.up->max() * spot.height);
    line->setPen(QPen(look == SeriesLook::compared ? colour_of(theme, look) : theme.crosshair, 1,
                      Qt::DashLine));
    line->setName(marker.name);
    place(line, spot.across, spot.up);
    for (QLegendMarker* entry : chart()->legend()->markers(line)) entry->setVisible(false);
    auto* text = new QGraphicsSimpleTextItem(marker.name, chart());
    text->setBrush(theme.text);
    text->setFont(label_font());
    connect(chart(), &QChart::plotAreaChanged, line, [this, text, line] { put(text, line); });
  }

  void put(QGraphicsSimpleTextItem* text, QLineSeries* line) {
    const QPointF top = chart()->mapToPosition(line->at(1), line);
    text->setPos(top - QPointF(text->boundingRect().width() / 2, text->boundingRect().height()));
  }

  void tell_bars(QHorizontalBarSeries* series, const QStringList& names, const QString& unit) {
    const auto tell = [this, names, unit](bool over, int index, QBarSet* set) {
      if (!over) {
        QToolTip::hideText();
        return;
      }
      QToolTip::showText(QCursor::pos(),
                         QStringLiteral("%1, %2: %3 %4")
                             .arg(names.value(index), set->label(), number(set->at(index)), unit),
                         this);
    };
    connect(series, &QAbstractBarSeries::hovered, this, tell);
    const auto last = static_cast<int>(names.size()) - 1;
    connect(series, &QAbstractBarSeries::clicked, this,
            [this, last](int index, QBarSet*) { Q_EMIT owner_->category_clicked(last - index); });
  }

  Chart* owner_;
  QHorizontalBarSeries* bars_ = nullptr;  // the chart's, if it has bars
  double categories_ = 1;
};

Chart::Chart(QWidget* parent) : QWidget(parent), canvas_(new Canvas(this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(canvas_);
  rebuild();
}

Chart::~Chart() = default;

void Chart::show_bars(BarChart bars) { show(std::move(bars)); }
void Chart::show_areas(AreaChart areas) { show(std::move(areas)); }
void Chart::show_histogram(Histogram histogram) { show(std::move(histogram)); }
void Chart::clear() { show(std::monostate{}); }

// Anew only where it differs: Qt Charts takes milliseconds, and tooltips would go.
void Chart::show(Content content) {
  if (content == content_) return;
  content_ = std::move(content);
  rebuild();
}

bool Chart::empty() const { return std::holds_alternative<std::monostate>(content_); }

QSize Chart::sizeHint() const {
  const auto* bars = std::get_if<BarChart>(&content_);
  if (bars == nullptr) return {480, 280};
  const auto rows =
      static_cast<int>(bars->categories.size() * std::max<std::size_t>(bars->series.size(), 1));
  return {420, kFramePixels + rows * kRowPixels};
}

void Chart::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) rebuild();
}

void Chart::rebuild() {
  std::visit([this](const auto& content) { canvas_->draw(content); }, content_);
  canvas_->lay_out();
  updateGeometry();
}

}  // namespace elblab::gui
