#include "gui/diagnosis/diagnosis_view.hpp"

#include <QUrl>
#include <QVBoxLayout>

#include "gui/page/page.hpp"

namespace elblab::gui {

DiagnosisView::DiagnosisView(ViewContext context, QWidget* parent)
    : View(context, parent),
      desk_(DiagnosisDesk::of(context.focus.traces())),
      page_(new Page(this)) {
  connect(&desk_, &DiagnosisDesk::answered, this, [this] { write(); });
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(page_);
  setFocusProxy(page_);
  page_->setToolTip(
      tr("Click on a piece of evidence to see it in every view; Esc to let go of it"));
  page_->show_page([this](const Theme& colours) {
    return diagnosis_page(shown(), colours, selection().highlight());
  });
  connect(page_, &QTextBrowser::anchorClicked, this, [this](const QUrl& link) { follow(link); });
}

QString DiagnosisView::empty_text() const {
  QString general = View::empty_text();
  if (!general.isEmpty()) return general;
  return shown().empty() ? tr("Looking for what is wrong …") : QString();
}

void DiagnosisView::traces_changed() {
  desk_.look_at(focus().readable());
  write();
}

std::vector<TraceDiagnosis> DiagnosisView::shown() const { return desk_.known(focus().readable()); }

void DiagnosisView::write() {
  page_->write_again();
  update_notice();
}

void DiagnosisView::follow(const QUrl& link) {
  const std::optional<Highlight> highlight = highlight_of(shown(), link);
  if (!highlight) return;
  if (selection().highlight() == highlight) {
    selection().clear_highlight();
  } else {
    selection().show_highlight(*highlight);
  }
}

void DiagnosisView::highlight_changed() { page_->write_again(); }

void DiagnosisView::paint(QPainter& painter, QSize size) {
  if (!empty_text().isEmpty()) return View::paint(painter, size);
  page_->paint_picture(painter, QRectF(QPointF(), QSizeF(size)));
}

DataTable DiagnosisView::table() const { return diagnosis_table(shown()); }

}  // namespace elblab::gui
