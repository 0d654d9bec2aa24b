#include "gui/page/page.hpp"

#include <QAbstractTextDocumentLayout>
#include <QEvent>
#include <QPainter>
#include <QScrollBar>
#include <QTextDocument>
#include <algorithm>

namespace elblab::gui {
namespace {

constexpr double kMargin = 10;
constexpr double kSmallest = 0.7;

QString style_of(const Theme& theme) {
  return QStringLiteral(
             "a { color: %1; text-decoration: none; }"
             "h2 { color: %2; font-size: large; margin-top: 2px; margin-bottom: 4px; }"
             "h3 { color: %3; font-size: medium; margin-top: 12px; margin-bottom: 2px; }"
             "p, li { color: %2; margin-top: 3px; margin-bottom: 3px; }"
             ".faint { color: %3; } .good { color: %4; } .bad { color: %5; }"
             ".warning { color: %6; }")
      .arg(theme.series[0].name(), theme.text.name(), theme.faint.name(), theme.good.name(),
           theme.bad.name(), theme.warning.name());
}

}  // namespace

Page::Page(QWidget* parent) : QTextBrowser(parent) {
  setOpenLinks(false);
  setFrameShape(QFrame::NoFrame);
  document()->setDocumentMargin(kMargin);
}

void Page::show_page(Author author) {
  author_ = std::move(author);
  write_again();
}

void Page::write_again() {
  const Theme& theme = Theme::of(palette());
  QString page = html();
  if (page == shown_ && theme.tone == shown_in_) return;
  shown_ = std::move(page);
  shown_in_ = theme.tone;
  const int where = verticalScrollBar()->value();
  document()->setDefaultStyleSheet(style_of(theme));
  setHtml(shown_);
  verticalScrollBar()->setValue(where);
}

QString Page::html() const { return author_ ? author_(Theme::of(palette())) : QString(); }

void Page::paint_picture(QPainter& painter, const QRectF& target) const {
  const Theme& theme = Theme::of(palette());
  QTextDocument paper;
  paper.setDefaultFont(font());
  paper.setDocumentMargin(kMargin);
  paper.setDefaultStyleSheet(style_of(theme));
  paper.setHtml(html());
  double scale = 1;
  const auto fits = [&] {
    paper.setTextWidth(target.width() / scale);
    return paper.size().height() * scale <= target.height();
  };
  // A smaller scale makes longer lines as well: a few steps find one that fits.
  while (scale > kSmallest && !fits()) scale -= 0.05;
  painter.save();
  painter.fillRect(target, theme.ground);
  painter.setClipRect(target);
  painter.translate(target.topLeft());
  painter.scale(scale, scale);
  QAbstractTextDocumentLayout::PaintContext context;
  context.palette = palette();
  context.clip = QRectF(0, 0, target.width() / scale, target.height() / scale);
  paper.documentLayout()->draw(&painter, context);
  painter.restore();
}

void Page::changeEvent(QEvent* event) {
  QTextBrowser::changeEvent(event);
  if (event->type() == QEvent::PaletteChange && author_) write_again();
}

}  // namespace elblab::gui
