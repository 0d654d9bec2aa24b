#include "gui/application/trace_list_panel.hpp"

#include <QEvent>
#include <QMenu>
#include <QScrollBar>
#include <QSplitter>
#include <QVBoxLayout>

#include "gui/application/trace_details.hpp"

namespace elblab::gui {

TraceListPanel::TraceListPanel(TraceFocus& focus, QWidget* parent)
    : QWidget(parent),
      focus_(focus),
      model_(focus),
      list_(new QListView(this)),
      details_(new QTextBrowser(this)) {
  list_->setObjectName(QStringLiteral("traces"));
  list_->setModel(&model_);
  list_->setFrameShape(QFrame::NoFrame);
  list_->setSpacing(2);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  list_->setContextMenuPolicy(Qt::CustomContextMenu);
  list_->setTextElideMode(Qt::ElideMiddle);
  list_->setAccessibleName(tr("Open traces"));
  details_->setObjectName(QStringLiteral("details"));
  details_->setFrameShape(QFrame::NoFrame);
  details_->setOpenLinks(false);
  auto* splitter = new QSplitter(Qt::Vertical, this);
  splitter->addWidget(list_);
  splitter->addWidget(details_);
  splitter->setStretchFactor(0, 0);
  splitter->setStretchFactor(1, 1);
  splitter->setSizes({140, 460});
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(splitter);

  connect(list_->selectionModel(), &QItemSelectionModel::currentChanged, this,
          [this](const QModelIndex& index) {
            if (OpenTrace* trace = model_.trace_at(index)) focus_.choose(trace);
          });
  connect(list_, &QWidget::customContextMenuRequested, this, &TraceListPanel::show_menu);
  connect(&focus, &TraceFocus::changed, this, &TraceListPanel::show_current);
  show_current();
}

void TraceListPanel::show_current() {
  const OpenTrace* trace = focus_.current();
  const QModelIndex row = model_.index_of(trace);
  if (row.isValid() && list_->currentIndex() != row) list_->setCurrentIndex(row);
  const QString page = trace == nullptr
                           ? QStringLiteral("<p>%1</p>")
                                 .arg(tr("Open traces stand here: what ran, and whether it "
                                         "showed what its scenario expects."))
                           : details_page(*trace, Theme::of(palette()));
  if (page == shown_) return;
  const int place = details_->verticalScrollBar()->value();
  shown_ = page;
  details_->setHtml(page);
  details_->verticalScrollBar()->setValue(place);
}

void TraceListPanel::show_menu(const QPoint& place) {
  OpenTrace* trace = model_.trace_at(list_->indexAt(place));
  if (trace == nullptr) return;
  QMenu menu(this);
  QAction* lay_over = menu.addAction(tr("Lay over the chosen one"));
  lay_over->setEnabled(trace != focus_.current());
  QAction* reload = menu.addAction(tr("Read again"));
  QAction* close = menu.addAction(tr("Close"));
  const QAction* chosen = menu.exec(list_->viewport()->mapToGlobal(place));
  if (chosen == lay_over) focus_.compare_with(trace);
  if (chosen == reload) trace->look_again();
  if (chosen == close) focus_.traces().close(trace);
}

void TraceListPanel::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) show_current();
}

}  // namespace elblab::gui
