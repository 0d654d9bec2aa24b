#include "gui/application/view_stage.hpp"

#include <QLabel>
#include <QMenu>
#include <QSignalBlocker>
#include <QTabBar>
#include <QVBoxLayout>
#include <algorithm>

namespace elblab::gui {
namespace {

QTabWidget* make_tabs(QWidget* parent, const char* name) {
  auto* tabs = new QTabWidget(parent);
  tabs->setObjectName(QString::fromUtf8(name));
  tabs->setMovable(true);
  tabs->setDocumentMode(true);
  tabs->setUsesScrollButtons(true);
  tabs->tabBar()->setExpanding(false);
  tabs->tabBar()->setContextMenuPolicy(Qt::CustomContextMenu);
  return tabs;
}

QStringList names_of(const QTabWidget& tabs) {
  QStringList names;
  for (int i = 0; i < tabs.count(); ++i) names << tabs.widget(i)->objectName();
  return names;
}

QString front_of(const QTabWidget& tabs) {
  return tabs.currentWidget() == nullptr ? QString() : tabs.currentWidget()->objectName();
}

// A tab holds its view in a page, which stands there before the view is made.
QWidget* make_page(const QString& name) {
  auto* page = new QWidget;
  page->setObjectName(name);
  auto* layout = new QVBoxLayout(page);
  layout->setContentsMargins(0, 0, 0, 0);
  return page;
}

}  // namespace

ViewStage::ViewStage(ViewContext context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      heading_(new QLabel(this)),
      splitter_(new QSplitter(Qt::Vertical, this)),
      over_time_(make_tabs(splitter_, "over time")),
      details_(make_tabs(splitter_, "details")) {
  heading_->setMargin(4);
  heading_->hide();
  splitter_->addWidget(over_time_);
  splitter_->addWidget(details_);
  splitter_->setStretchFactor(0, 3);
  splitter_->setStretchFactor(1, 2);
  splitter_->setSizes({600, 400});
  splitter_->setChildrenCollapsible(false);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(heading_);
  layout->addWidget(splitter_, 1);
  for (QTabWidget* tabs : {over_time_, details_}) {
    connect(tabs, &QTabWidget::currentChanged, this, [this, tabs] { fill_front(tabs); });
    connect(tabs->tabBar(), &QWidget::customContextMenuRequested, this,
            [this, tabs](const QPoint& place) { show_tab_menu(*tabs, place); });
  }
  restore({});
}

QTabWidget* ViewStage::tabs_for(ViewPlace place) const {
  return place == ViewPlace::details ? details_ : over_time_;
}

int ViewStage::tab_of(const QTabWidget& tabs, const QString& name) const {
  for (int i = 0; i < tabs.count(); ++i) {
    if (tabs.widget(i)->objectName() == name) return i;
  }
  return -1;
}

int ViewStage::add_tab(const ViewEntry& entry) {
  QTabWidget* tabs = tabs_for(entry.place);
  const QString name = QString::fromUtf8(entry.name);
  const int known = tab_of(*tabs, name);
  if (known >= 0) return known;
  const int index = tabs->addTab(make_page(name), tr(entry.title));
  QString tip = tr(entry.tip);
  if (*entry.shortcut != '\0')
    tip += QStringLiteral(" (%1)").arg(QString::fromUtf8(entry.shortcut));
  tabs->setTabToolTip(index, tip);
  hide_empty();
  return index;
}

void ViewStage::fill_front(QTabWidget* tabs) {
  QWidget* page = tabs->currentWidget();
  if (page == nullptr || views_.contains(page->objectName().toStdString())) return;
  const ViewEntry* entry = find_view(page->objectName().toStdString());
  if (entry == nullptr) return;
  View* view = make_view(*entry, context_, page);
  views_[entry->name] = view;
  page->layout()->addWidget(view);
  view->restore(settings_.value(page->objectName()));
  view->show();
}

void ViewStage::show_tab_menu(QTabWidget& tabs, const QPoint& place) {
  const int index = tabs.tabBar()->tabAt(place);
  if (index < 0) return;
  QMenu menu(this);
  const QAction* close = menu.addAction(tr("Close %1").arg(tabs.tabText(index)));
  if (menu.exec(tabs.tabBar()->mapToGlobal(place)) == close) close_tab(tabs, index);
}

// Its settings are kept: the View menu brings it back as it was.
void ViewStage::close_tab(QTabWidget& tabs, int index) {
  QWidget* page = tabs.widget(index);
  const auto view = views_.find(page->objectName().toStdString());
  if (view != views_.end()) {
    settings_[page->objectName()] = view->second->settings();
    views_.erase(view);
  }
  tabs.removeTab(index);
  page->deleteLater();
  hide_empty();
}

void ViewStage::hide_empty() {
  for (QTabWidget* tabs : {over_time_, details_}) tabs->setVisible(tabs->count() > 0);
}

void ViewStage::show_view(const ViewEntry& entry) {
  QTabWidget* tabs = tabs_for(entry.place);
  tabs->setCurrentIndex(add_tab(entry));
  fill_front(tabs);
  if (View* view = find(entry.name)) view->setFocus(Qt::ShortcutFocusReason);
}

View* ViewStage::find(const std::string& name) const {
  const auto found = views_.find(name);
  return found == views_.end() ? nullptr : found->second;
}

View* ViewStage::active_view() const {
  for (const QTabWidget* tabs : {details_, over_time_}) {
    View* front = find(front_of(*tabs).toStdString());
    const QWidget* focused = window()->focusWidget();
    const bool has_focus = front != nullptr && focused != nullptr &&
                           (front == focused || front->isAncestorOf(focused));
    if (tabs == over_time_ || has_focus) {
      if (front != nullptr) return front;
    }
  }
  return find(front_of(*details_).toStdString());
}

void ViewStage::set_heading(const QString& text) {
  heading_->setText(text);
  heading_->setVisible(!text.isEmpty());
}

StageArrangement ViewStage::arrangement() const {
  StageArrangement result;
  result.over_time = names_of(*over_time_);
  result.details = names_of(*details_);
  result.front_over_time = front_of(*over_time_);
  result.front_details = front_of(*details_);
  result.splitter = splitter_->saveState();
  result.settings = settings_;
  for (const auto& [name, view] : views_) {
    result.settings[QString::fromStdString(name)] = view->settings();
  }
  return result;
}

void ViewStage::clear() {
  views_.clear();
  for (QTabWidget* tabs : {over_time_, details_}) {
    const QSignalBlocker blocker(tabs);
    while (tabs->count() > 0) {
      QWidget* page = tabs->widget(0);
      tabs->removeTab(0);
      delete page;
    }
  }
}

void ViewStage::restore(const StageArrangement& arrangement) {
  clear();
  settings_ = arrangement.settings;
  const QSignalBlocker above(over_time_);
  const QSignalBlocker below(details_);
  for (const QStringList& names : {arrangement.over_time, arrangement.details}) {
    for (const QString& name : names) {
      const ViewEntry* entry = find_view(name.toStdString());
      if (entry != nullptr && entry->place != ViewPlace::side) add_tab(*entry);
    }
  }
  if (over_time_->count() + details_->count() == 0) {
    for (const ViewEntry& entry : view_table()) {
      if (entry.shown_at_first && entry.place != ViewPlace::side) add_tab(entry);
    }
  }
  over_time_->setCurrentIndex(std::max(0, tab_of(*over_time_, arrangement.front_over_time)));
  details_->setCurrentIndex(std::max(0, tab_of(*details_, arrangement.front_details)));
  splitter_->restoreState(arrangement.splitter);
  hide_empty();
  fill_front(over_time_);
  fill_front(details_);
}

}  // namespace elblab::gui
