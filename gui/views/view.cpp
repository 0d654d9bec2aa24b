#include "gui/views/view.hpp"

#include <QEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>

namespace elblab::gui {

View::View(ViewContext context, QWidget* parent)
    : QWidget(parent), context_(context), notice_(new QLabel(this)) {
  notice_->setObjectName(QStringLiteral("notice"));
  notice_->setAlignment(Qt::AlignCenter);
  notice_->setWordWrap(true);
  notice_->setMargin(24);
  notice_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  notice_->setAutoFillBackground(true);
  notice_->setBackgroundRole(QPalette::Base);
  notice_->hide();
}

View::~View() = default;

QString View::empty_text() const {
  const OpenTrace* trace = focus().current();
  if (trace == nullptr) {
    return tr(
        "No trace is open.\n\nDrop a trace here, open one with Ctrl+O, or run a scenario "
        "with Ctrl+R.");
  }
  switch (trace->state()) {
    case OpenTrace::State::opening:
      return tr("Opening %1 …").arg(trace->label());
    case OpenTrace::State::failed:
      return trace->message();
    case OpenTrace::State::growing:
    case OpenTrace::State::complete:
      break;
  }
  return {};
}

void View::paint(QPainter& painter, QSize size) {
  const QSize shown = this->size();
  resize(size);
  render(&painter, QPoint(), QRegion(), QWidget::DrawWindowBackground | QWidget::DrawChildren);
  resize(shown);
}

void View::start() {
  connect(&focus(), &TraceFocus::changed, this, [this] {
    traces_changed();
    update_notice();
  });
  Selection& shared = selection();
  connect(&shared, &Selection::range_changed, this, [this] { range_changed(); });
  connect(&shared, &Selection::measures_changed, this, [this] { measures_changed(); });
  connect(&shared, &Selection::connection_changed, this, [this] { connection_changed(); });
  connect(&shared, &Selection::highlight_changed, this, [this] { highlight_changed(); });
  connect(&shared, &Selection::cursor_changed, this, [this] { cursor_changed(); });
  traces_changed();
  update_notice();
}

void View::update_notice() {
  const QString text = empty_text();
  notice_->setText(text);
  notice_->setGeometry(rect());
  notice_->setVisible(!text.isEmpty());
  notice_->raise();
}

void View::escape() {
  if (!stop_work()) selection().clear_highlight();
}

// Where no window's menu has the key.
void View::keyPressEvent(QKeyEvent* event) {
  if (event->key() != Qt::Key_Escape) return QWidget::keyPressEvent(event);
  escape();
}

void View::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) theme_changed();
}

void View::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  notice_->setGeometry(rect());
}

}  // namespace elblab::gui
