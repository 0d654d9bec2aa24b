#include "gui/timeline/timeline_view.hpp"

#include <QHBoxLayout>
#include <QScrollArea>
#include <QSplitter>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "gui/timeline/layout.hpp"
#include "gui/timeline/marker_query.hpp"
#include "gui/timeline/scene_builder.hpp"
#include "gui/timeline/series_chooser.hpp"
#include "gui/timeline/timeline_canvas.hpp"
#include "gui/timeline/timeline_painter.hpp"

namespace elblab::gui {
namespace {

constexpr std::size_t kMostAtFirst = 6;

QToolButton* button(const QString& text, const QString& tip, QWidget* parent) {
  auto* made = new QToolButton(parent);
  made->setText(text);
  made->setToolTip(tip);
  made->setAutoRaise(true);
  made->setFocusPolicy(Qt::TabFocus);
  return made;
}

}  // namespace

TimelineView::TimelineView(ViewContext context, QWidget* parent)
    : View(context, parent),
      loader_(context.focus.traces()),
      chooser_(new SeriesChooser(this)),
      canvas_(new TimelineCanvas(this)),
      scroll_(new QScrollArea(this)) {
  scroll_->setWidget(canvas_);
  scroll_->setWidgetResizable(true);
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* splitter = new QSplitter(this);
  splitter->addWidget(chooser_);
  splitter->addWidget(scroll_);
  splitter->setStretchFactor(1, 1);
  splitter->setSizes({200, 800});
  chooser_->hide();
  setFocusProxy(canvas_);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(make_bar());
  layout->addWidget(splitter, 1);

  connect(&loader_, &CurveLoader::loaded, this, &TimelineView::show_loaded);
  connect(canvas_, &TimelineCanvas::resized, this, &TimelineView::rebuild);
  connect(canvas_, &TimelineCanvas::range_wanted, this,
          [this](TimeRange range) { selection().show_range(range); });
  connect(canvas_, &TimelineCanvas::whole_wanted, this, [this] { selection().show_whole_run(); });
  connect(canvas_, &TimelineCanvas::pointed_at, this,
          [this](std::optional<Instant> at) { selection().point_at(at); });
  connect(chooser_, &SeriesChooser::chosen, this, [this](std::vector<std::string> chosen) {
    selection().choose_measures(std::move(chosen));
  });
  connect(chooser_, &SeriesChooser::defaults_wanted, this,
          [this] { selection().choose_measures({}); });
}

QWidget* TimelineView::make_bar() {
  auto* bar = new QWidget(this);
  auto* choose = button(tr("Measures …"), tr("Choose the curves"), bar);
  choose->setObjectName(QStringLiteral("choose"));
  choose->setCheckable(true);
  choose->setAutoRaise(false);
  auto* in = button(tr("+"), tr("Zoom in (+, or the wheel)"), bar);
  auto* out = button(tr("−"), tr("Zoom out (−, or the wheel)"), bar);
  auto* all = button(tr("Whole run"), tr("Show the whole run (0, or double click)"), bar);
  auto* layout = new QHBoxLayout(bar);
  layout->setContentsMargins(6, 2, 6, 0);
  layout->addWidget(choose);
  layout->addStretch(1);
  for (QToolButton* each : {out, in, all}) layout->addWidget(each);
  connect(choose, &QToolButton::toggled, chooser_, &QWidget::setVisible);
  // By a person: an arrangement that brings it back leaves the keyboard where it is.
  connect(choose, &QToolButton::clicked, this, [this](bool on) {
    if (on) chooser_->focus_filter();
  });
  const auto zoom = [this](double factor) {
    const TimeRange shown = canvas_->scene().range;
    const TimeRange wanted =
        within(scaled(shown, shown.from + shown.length() / 2, factor), whole());
    if (wanted == whole()) return selection().show_whole_run();
    selection().show_range(wanted);
  };
  connect(in, &QToolButton::clicked, this, [zoom] { zoom(0.5); });
  connect(out, &QToolButton::clicked, this, [zoom] { zoom(2); });
  connect(all, &QToolButton::clicked, this, [this] { selection().show_whole_run(); });
  return bar;
}

QString TimelineView::empty_text() const {
  QString general = View::empty_text();
  if (!general.isEmpty()) return general;
  const TraceFacts& facts = focus().current()->facts();
  if (facts.series.empty()) {
    return tr(
        "This trace holds no series.\n\nIts run may have been stopped before it began; run "
        "the scenario again.");
  }
  if (panels_.empty()) {
    return tr(
        "None of the measures chosen was recorded in this trace.\n\nChoose others with "
        "“Measures …”.");
  }
  return {};
}

std::vector<std::string> TimelineView::measures() const {
  if (!selection().measures().empty()) return selection().measures();
  const auto traces = focus().readable();
  if (traces.empty()) return {};
  return default_measures(traces.front()->facts(), kMostAtFirst);
}

TimeRange TimelineView::whole() const {
  Instant end = kStart + Selection::kShortest;
  for (const OpenTrace* trace : focus().readable()) {
    end = std::max(end, trace->facts().end_of_run);
  }
  return {kStart, end};
}

void TimelineView::traces_changed() {
  fill_chooser();
  ask_for_markers();
  rebuild();
}

void TimelineView::ask_for_markers() {
  const auto traces = focus().readable();
  if (traces.empty()) {
    marker_request_.cancel();
    markers_.clear();
    markers_of_ = {};
    return;
  }
  OpenTrace* trace = traces.front();
  const std::pair state{trace->id(), trace->generation()};
  if (state == markers_of_) return;
  if (state.first != markers_of_.first) markers_.clear();
  markers_of_ = state;
  marker_request_ = trace->ask(
      LaneKind::thorough, this,
      [timeline = trace->facts().scenario.timeline](const trace::Reader& reader,
                                                    const CancelFlag& cancel) {
        return read_markers(reader, timeline, cancel);
      },
      [this](std::vector<Marker> markers) {
        markers_ = std::move(markers);
        show_loaded();
      });
}

void TimelineView::rebuild() {
  panels_ = panels_of(measures(), focus().readable());
  chooser_->model().check(measures());
  std::vector<CurveKey> keys;
  for (const Panel& panel : panels_) {
    for (const Curve& curve : panel.curves) keys.push_back(curve.key);
  }
  loader_.want(keys, selection().range().value_or(whole()), canvas_->columns());
  show_loaded();
  update_notice();
}

Scene TimelineView::scene() const {
  Scene scene;
  scene.range = selection().range().value_or(whole());
  scene.panels = panels_;
  for (Panel& panel : scene.panels) {
    for (Curve& curve : panel.curves) curve.data = loader_.find(curve.key, scene.range);
  }
  scene.markers = markers_;
  scene.cursor = selection().cursor();
  if (selection().highlight()) scene.highlight = selection().highlight()->range;
  const auto traces = focus().readable();
  if (traces.size() == 2) {
    scene.current_label = traces[0]->label();
    scene.compared_label = traces[1]->label();
  }
  return scene;
}

void TimelineView::show_loaded() {
  Scene shown = scene();
  canvas_->setMinimumHeight(static_cast<int>(least_height(shown, canvas_->fontMetrics())));
  canvas_->show_scene(std::move(shown), whole());
}

void TimelineView::cursor_changed() { show_loaded(); }

void TimelineView::fill_chooser() {
  std::vector<SeriesModel::Source> sources;
  for (const OpenTrace* trace : focus().readable()) {
    sources.push_back({trace->id(), trace->facts().series});
  }
  chooser_->model().show_series(std::move(sources));
}

void TimelineView::paint(QPainter& painter, QSize size) {
  const Scene shown = scene();
  painter.setFont(font());
  TimelinePainter(painter, shown, layout_of(shown, size, QFontMetrics(font())), theme()).paint();
}

DataTable TimelineView::table() const {
  DataTable table;
  table.columns = {tr("trace"),  tr("measure"), tr("unit"), tr("from (s)"),
                   tr("to (s)"), tr("min"),     tr("mean"), tr("max")};
  const Scene shown = scene();
  for (const Panel& panel : shown.panels) {
    for (const Curve& curve : panel.curves) {
      if (curve.data == nullptr) continue;
      const OpenTrace* trace = focus().traces().find(curve.key.trace);
      const QString label = trace == nullptr ? QString() : trace->label();
      const auto number = [](double value) { return QString::number(value, 'g', 12); };
      for (const trace::Bucket& bucket : curve.data->buckets) {
        if (bucket.to <= shown.range.from || bucket.from >= shown.range.to) continue;
        table.rows.push_back({label, QString::fromStdString(curve.key.measure), curve.unit,
                              number(to_seconds(bucket.from)), number(to_seconds(bucket.to)),
                              number(bucket.min * curve.scale), number(bucket.mean() * curve.scale),
                              number(bucket.max * curve.scale)});
      }
    }
  }
  return table;
}

QJsonObject TimelineView::settings() const {
  return {{QStringLiteral("chooser"), !chooser_->isHidden()}};
}

void TimelineView::restore(const QJsonObject& settings) {
  auto* choose = findChild<QToolButton*>(QStringLiteral("choose"));
  choose->setChecked(settings.value(QStringLiteral("chooser")).toBool(false));
}

}  // namespace elblab::gui
