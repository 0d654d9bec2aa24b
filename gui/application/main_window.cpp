#include "gui/application/main_window.hpp"

#include <QApplication>
#include <QCloseEvent>
#include <QDockWidget>
#include <QLabel>
#include <QMimeData>
#include <QStatusBar>
#include <algorithm>

#include "gui/application/trace_list_panel.hpp"

namespace elblab::gui {
namespace {

const QString kArrangementEnd = QStringLiteral(".elbview");
const QString kGeometryKey = QStringLiteral("window/geometry");
const QString kArrangementKey = QStringLiteral("window/arrangement");
const QString kToneKey = QStringLiteral("window/dark");

}  // namespace

MainWindow::MainWindow(QApplication& application, const Arguments& arguments)
    : application_(application),
      recent_(settings_),
      focus_(traces_),
      other_focus_(traces_),
      halves_(new QSplitter(Qt::Horizontal, this)),
      stage_(new ViewStage({focus_, selection_}, halves_)) {
  setWindowTitle(QStringLiteral("elblab"));
  setAcceptDrops(true);
  setDockNestingEnabled(true);
  halves_->addWidget(stage_);
  halves_->setChildrenCollapsible(false);
  setCentralWidget(halves_);
  make_docks();
  make_menus();
  statusBar()->setSizeGripEnabled(true);
  resize(arguments.size);
  first_layout_ = saveState();

  const bool was_dark =
      settings_.value(kToneKey, Theme::of(application.palette()).tone == Tone::dark).toBool();
  set_tone(arguments.theme.value_or(was_dark ? Tone::dark : Tone::light));
  restore_session(arguments.size_given);
  connect(&focus_, &TraceFocus::changed, this, &MainWindow::update_headings);
  connect(&other_focus_, &TraceFocus::changed, this, &MainWindow::update_headings);
  open_files(arguments.traces);
  if (arguments.range) selection_.show_range(*arguments.range);
  if (!arguments.measures.empty()) selection_.choose_measures(arguments.measures);
}

// Views go before what they show.
MainWindow::~MainWindow() {
  for (const auto& [name, dock] : docks_) delete dock;
  delete halves_;
}

void MainWindow::make_docks() {
  auto* traces = new QDockWidget(tr("Traces"), this);
  traces->setObjectName(QStringLiteral("dock traces"));
  traces->setWidget(new TraceListPanel(focus_, traces));
  addDockWidget(Qt::LeftDockWidgetArea, traces);
  docks_[""] = traces;
  for (const ViewEntry& entry : view_table()) {
    if (entry.place != ViewPlace::side) continue;
    auto* dock = new QDockWidget(tr(entry.title), this);
    dock->setObjectName(QStringLiteral("dock ") + QString::fromUtf8(entry.name));
    dock->setWidget(make_view(entry, {focus_, selection_}, dock));
    addDockWidget(Qt::RightDockWidgetArea, dock);
    dock->setVisible(entry.shown_at_first);
    docks_[entry.name] = dock;
  }
}

void MainWindow::open_files(const QStringList& files) {
  for (const QString& file : files) {
    if (file.endsWith(kArrangementEnd)) {
      const ReadArrangement read = load_arrangement(file);
      if (!read.problem.isEmpty()) {
        complain(read.problem);
      } else {
        restore(read.arrangement);
      }
      continue;
    }
    OpenTrace* trace = traces_.open(file.toStdString());
    recent_.add(file);
    if (file == files.front()) focus_.choose(trace);
  }
}

void MainWindow::show_view(const std::string& name) {
  const ViewEntry* entry = find_view(name);
  if (entry == nullptr) return;
  const auto dock = docks_.find(name);
  if (dock == docks_.end()) return stage_->show_view(*entry);
  dock->second->show();
  dock->second->raise();
  dock->second->widget()->setFocus(Qt::ShortcutFocusReason);
}

void MainWindow::show_side_by_side(bool on) {
  side_by_side_->setChecked(on);
  if (on == (other_stage_ != nullptr)) return;
  if (!on) {
    delete std::exchange(other_stage_, nullptr);
    focus_.compare_with(other_focus_.current());
    return update_headings();
  }
  // The trace that lay over the first one moves to the right; without one, the next in the list.
  OpenTrace* other = focus_.compared();
  for (OpenTrace* trace : traces_.all()) {
    if (other == nullptr && trace != focus_.current()) other = trace;
  }
  focus_.compare_with(nullptr);
  if (other != nullptr) other_focus_.choose(other);
  other_stage_ = new ViewStage({other_focus_, selection_}, halves_);
  other_stage_->restore(stage_->arrangement());
  halves_->addWidget(other_stage_);
  halves_->setSizes({width() / 2, width() / 2});
  update_headings();
}

void MainWindow::update_headings() {
  const OpenTrace* current = focus_.current();
  const bool two = other_stage_ != nullptr;
  setWindowTitle(current == nullptr ? QStringLiteral("elblab")
                                    : current->label() + QStringLiteral(" — elblab"));
  stage_->set_heading(two && current != nullptr ? current->label() : QString());
  if (!two) return;
  // A check mark in the list chooses what stands on the right.
  if (OpenTrace* wanted = focus_.compared()) {
    focus_.compare_with(nullptr);
    other_focus_.choose(wanted);
  }
  const OpenTrace* other = other_focus_.current();
  other_stage_->set_heading(other == nullptr ? tr("no second trace is open") : other->label());
}

void MainWindow::set_tone(Tone tone) {
  apply_theme(application_, tone);
  dark_->setChecked(tone == Tone::dark);
  settings_.setValue(kToneKey, tone == Tone::dark);
}

View* MainWindow::view_with_keyboard() const {
  for (QWidget* at = QApplication::focusWidget(); at != nullptr; at = at->parentWidget()) {
    if (auto* view = qobject_cast<View*>(at)) return view;
  }
  return nullptr;
}

void MainWindow::escape() {
  if (View* view = view_with_keyboard()) return view->escape();
  selection_.clear_highlight();
}

View* MainWindow::active_view() const {
  for (const auto& [name, dock] : docks_) {
    auto* view = qobject_cast<View*>(dock->widget());
    const QWidget* focused = focusWidget();
    if (view != nullptr && focused != nullptr && (view == focused || view->isAncestorOf(focused))) {
      return view;
    }
  }
  return stage_->active_view();
}

void MainWindow::close_current() {
  if (focus_.current() != nullptr) traces_.close(focus_.current());
}

Arrangement MainWindow::arrangement() const {
  Arrangement result;
  for (const OpenTrace* trace : traces_.all()) {
    if (trace == focus_.current()) result.current = static_cast<int>(result.traces.size());
    const OpenTrace* compared =
        other_stage_ != nullptr ? other_focus_.current() : focus_.compared();
    if (trace == compared) result.compared = static_cast<int>(result.traces.size());
    result.traces << QString::fromStdString(std::filesystem::absolute(trace->path()).string());
  }
  result.side_by_side = other_stage_ != nullptr;
  result.range = selection_.range();
  result.measures = selection_.measures();
  result.stage = stage_->arrangement();
  result.docks = saveState();
  return result;
}

void MainWindow::restore(const Arrangement& arrangement) {
  show_side_by_side(false);
  std::vector<OpenTrace*> opened;
  for (const QString& trace : arrangement.traces) {
    opened.push_back(traces_.open(trace.toStdString()));
  }
  const auto at = [&](int index) {
    return index < 0 ? nullptr : opened[static_cast<std::size_t>(index)];
  };
  if (at(arrangement.current) != nullptr) focus_.choose(at(arrangement.current));
  focus_.compare_with(at(arrangement.compared));
  stage_->restore(arrangement.stage);
  if (!arrangement.docks.isEmpty()) restoreState(arrangement.docks);
  selection_.choose_measures(arrangement.measures);
  if (arrangement.range) {
    selection_.show_range(*arrangement.range);
  } else {
    selection_.show_whole_run();
  }
  show_side_by_side(arrangement.side_by_side);
}

void MainWindow::restore_session(bool size_given) {
  if (!size_given) restoreGeometry(settings_.value(kGeometryKey).toByteArray());
  const ReadArrangement read =
      arrangement_of(settings_.value(kArrangementKey).toByteArray(), QStringLiteral("/"));
  if (!read.problem.isEmpty()) return;
  stage_->restore(read.arrangement.stage);
  if (!size_given) restoreState(read.arrangement.docks);
}

void MainWindow::closeEvent(QCloseEvent* event) {
  Arrangement kept;
  kept.stage = stage_->arrangement();
  kept.docks = saveState();
  settings_.setValue(kGeometryKey, saveGeometry());
  settings_.setValue(kArrangementKey, to_json(kept, QStringLiteral("/")));
  event->accept();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  QStringList files;
  for (const QUrl& url : event->mimeData()->urls()) {
    if (url.isLocalFile()) files << url.toLocalFile();
  }
  open_files(files);
  event->acceptProposedAction();
}

}  // namespace elblab::gui
