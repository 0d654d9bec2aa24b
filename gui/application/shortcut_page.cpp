#include "gui/application/shortcut_page.hpp"

#include <QAction>
#include <QDialogButtonBox>
#include <QMenu>
#include <QMenuBar>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace elblab::gui {
namespace {

QString row(const QString& keys, const QString& what) {
  return QStringLiteral("<tr><td style='padding:2px 16px 2px 0'><b>%1</b></td><td>%2</td></tr>")
      .arg(keys.toHtmlEscaped(), what.toHtmlEscaped());
}

QString heading(const QString& text) {
  return QStringLiteral("<tr><td colspan=2 style='padding-top:8px'><u>%1</u></td></tr>")
      .arg(text.toHtmlEscaped());
}

QString plain(QString text) { return text.remove(u'&').remove(QStringLiteral(" …")); }

QString menu_rows(const QMenu& menu) {
  QString rows;
  for (const QAction* action : menu.actions()) {
    if (action->shortcut().isEmpty()) continue;
    const QString what = action->statusTip().isEmpty()
                             ? plain(action->text())
                             : plain(action->text()) + QStringLiteral(": ") + action->statusTip();
    rows += row(action->shortcut().toString(QKeySequence::NativeText), what);
  }
  return rows.isEmpty() ? rows : heading(plain(menu.title())) + rows;
}

QString canvas_rows() {
  return heading(QObject::tr("On curves")) +
         row(QObject::tr("drag"), QObject::tr("zoom to the stretch marked")) +
         row(QObject::tr("wheel, + −"), QObject::tr("zoom around the mouse")) +
         row(QObject::tr("Shift + wheel, ← →"), QObject::tr("pan")) +
         row(QObject::tr("Shift + drag, middle button"), QObject::tr("pan")) +
         row(QObject::tr("double click, 0"), QObject::tr("the whole run")) +
         row(QObject::tr("Home, End"), QObject::tr("to the beginning, to the end")) +
         heading(QObject::tr("In the list of traces")) +
         row(QObject::tr("click"), QObject::tr("show this trace in every view")) +
         row(QObject::tr("check mark"),
             QObject::tr("lay it over the one chosen, or put it beside it"));
}

}  // namespace

QDialog* make_shortcut_page(QMainWindow& window) {
  auto* dialog = new QDialog(&window);
  dialog->setWindowTitle(QObject::tr("Keys and mouse"));
  dialog->setObjectName(QStringLiteral("shortcuts"));
  dialog->resize(560, 520);
  QString rows = canvas_rows();
  for (const QAction* entry : window.menuBar()->actions()) {
    if (entry->menu() != nullptr) rows += menu_rows(*entry->menu());
  }
  auto* text = new QTextBrowser(dialog);
  text->setHtml(QStringLiteral("<table>%1</table>").arg(rows));
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
  QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::close);
  auto* layout = new QVBoxLayout(dialog);
  layout->addWidget(text);
  layout->addWidget(buttons);
  return dialog;
}

}  // namespace elblab::gui
