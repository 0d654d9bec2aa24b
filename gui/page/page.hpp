// A page of text with links, in the colours of the theme: what views that argue in sentences show.
// Tab walks from link to link, Enter follows one.
#pragma once

#include <QTextBrowser>
#include <functional>

#include "gui/theme/theme.hpp"

namespace elblab::gui {

class Page : public QTextBrowser {
  Q_OBJECT

 public:
  // Makes the page's HTML; asked again whenever the colours change. Text from traces must be
  // escaped there.
  using Author = std::function<QString(const Theme&)>;

  explicit Page(QWidget* parent = nullptr);

  void show_page(Author author);
  // The author's page anew, if it is another one; the reader stays where it is.
  void write_again();

  // The page from its beginning in `target`, smaller when it is a little too long for it.
  void paint_picture(QPainter& painter, const QRectF& target) const;

 protected:
  void changeEvent(QEvent* event) override;

 private:
  QString html() const;

  Author author_;
  QString shown_;
  Tone shown_in_ = Tone::light;
};

}  // namespace elblab::gui
