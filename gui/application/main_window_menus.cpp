// The menus of MainWindow, and the dialogs behind them.
#include <QApplication>
#include <QDockWidget>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>

#include "gui/application/main_window.hpp"
#include "gui/application/run_dialog.hpp"
#include "gui/application/shortcut_page.hpp"
#include "gui/export/view_export.hpp"

namespace elblab::gui {

QAction* MainWindow::action(QMenu& menu, const QString& text, const QKeySequence& keys,
                            const QString& tip) {
  QAction* made = menu.addAction(text);
  made->setShortcut(keys);
  made->setStatusTip(tip);
  made->setObjectName(text);
  return made;
}

void MainWindow::make_menus() {
  menuBar()->addMenu(make_file_menu());
  menuBar()->addMenu(make_view_menu());
  menuBar()->addMenu(make_help_menu());
}

QMenu* MainWindow::make_file_menu() {
  auto* menu = new QMenu(tr("&File"), this);
  connect(action(*menu, tr("&Open traces …"), QKeySequence::Open, tr("Traces that runs wrote")),
          &QAction::triggered, this, &MainWindow::ask_for_files);
  QMenu* recent = menu->addMenu(tr("Open &recent"));
  connect(recent, &QMenu::aboutToShow, this, [this, recent] { fill_recent(*recent); });
  connect(action(*menu, tr("&Run a scenario …"), QKeySequence(Qt::CTRL | Qt::Key_R),
                 tr("Simulate one and look at it while it runs")),
          &QAction::triggered, this, &MainWindow::run_scenario);
  connect(action(*menu, tr("&Close trace"), QKeySequence(Qt::CTRL | Qt::Key_W),
                 tr("Close the trace chosen in the list")),
          &QAction::triggered, this, &MainWindow::close_current);
  menu->addSeparator();
  connect(action(*menu, tr("&Export view …"), QKeySequence(Qt::CTRL | Qt::Key_E),
                 tr("Write the active view as PNG, SVG or CSV")),
          &QAction::triggered, this, &MainWindow::ask_for_export);
  menu->addSeparator();
  connect(action(*menu, tr("&Save arrangement …"), QKeySequence::Save,
                 tr("Keep traces, views and the stretch of time in a file")),
          &QAction::triggered, this, &MainWindow::ask_to_save_arrangement);
  connect(action(*menu, tr("Open &arrangement …"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O),
                 tr("Reopen what was saved")),
          &QAction::triggered, this, &MainWindow::ask_for_arrangement);
  menu->addSeparator();
  connect(action(*menu, tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), {}), &QAction::triggered,
          this, &QWidget::close);
  return menu;
}

QMenu* MainWindow::make_view_menu() {
  auto* menu = new QMenu(tr("&View"), this);
  for (const ViewEntry& entry : view_table()) {
    connect(action(*menu, tr(entry.title), QKeySequence(QString::fromUtf8(entry.shortcut)),
                   tr(entry.tip)),
            &QAction::triggered, this, [this, name = std::string(entry.name)] { show_view(name); });
  }
  menu->addAction(docks_.at("")->toggleViewAction());
  menu->addSeparator();
  connect(action(*menu, tr("&Whole run"), QKeySequence(Qt::CTRL | Qt::Key_0),
                 tr("Show the whole run on every time axis")),
          &QAction::triggered, this, [this] { selection_.show_whole_run(); });
  connect(action(*menu, tr("&Clear highlight"), QKeySequence(Qt::Key_Escape),
                 tr("Stop pointing at the evidence; in a list that is searched, stop the search")),
          &QAction::triggered, this, &MainWindow::escape);
  side_by_side_ = action(*menu, tr("&Side by side"), QKeySequence(Qt::CTRL | Qt::Key_D),
                         tr("Two traces beside each other instead of one laid over the other"));
  side_by_side_->setCheckable(true);
  // triggered, not toggled: the check mark that the program sets tells nobody.
  connect(side_by_side_, &QAction::triggered, this, &MainWindow::show_side_by_side);
  menu->addSeparator();
  dark_ = action(*menu, tr("&Dark"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_D),
                 tr("Light letters on a dark ground"));
  dark_->setCheckable(true);
  connect(dark_, &QAction::triggered, this,
          [this](bool on) { set_tone(on ? Tone::dark : Tone::light); });
  connect(action(*menu, tr("&Reset layout"), {}, tr("Every view where it was at first")),
          &QAction::triggered, this, &MainWindow::reset_layout);
  return menu;
}

QMenu* MainWindow::make_help_menu() {
  auto* menu = new QMenu(tr("&Help"), this);
  connect(action(*menu, tr("&Keys and mouse"), QKeySequence::HelpContents, {}), &QAction::triggered,
          this, &MainWindow::show_shortcuts);
  connect(action(*menu, tr("&About elblab"), {}, {}), &QAction::triggered, this,
          &MainWindow::show_about);
  return menu;
}

void MainWindow::fill_recent(QMenu& menu) {
  menu.clear();
  for (const QString& file : recent_.files()) {
    QAction* entry = menu.addAction(QFileInfo(file).fileName());
    entry->setStatusTip(file);
    entry->setToolTip(file);
    entry->setEnabled(QFileInfo::exists(file));
    connect(entry, &QAction::triggered, this, [this, file] { open_files({file}); });
  }
  if (menu.isEmpty()) {
    menu.addAction(tr("No trace was opened yet"))->setEnabled(false);
    return;
  }
  menu.addSeparator();
  connect(menu.addAction(tr("Forget them")), &QAction::triggered, this,
          [this] { recent_.clear(); });
}

void MainWindow::ask_for_files() {
  open_files(QFileDialog::getOpenFileNames(this, tr("Open traces"), QString(),
                                           tr("Traces and arrangements (*.db *.elbview);;"
                                              "All files (*)")));
}

void MainWindow::ask_for_export() {
  View* view = active_view();
  if (view == nullptr) return complain(tr("No view is open that could be exported."));
  const QString file =
      QFileDialog::getSaveFileName(this, tr("Export %1").arg(view->objectName()),
                                   view->objectName() + QStringLiteral(".png"), export_filters());
  if (file.isEmpty()) return;
  const QString problem = export_view(*view, view->size(), file);
  if (!problem.isEmpty()) complain(problem);
}

void MainWindow::ask_to_save_arrangement() {
  QString file = QFileDialog::getSaveFileName(this, tr("Save arrangement"), QString(),
                                              tr("Arrangements (*.elbview)"));
  if (file.isEmpty()) return;
  if (!file.endsWith(QStringLiteral(".elbview"))) file += QStringLiteral(".elbview");
  const QString problem = save_arrangement(arrangement(), file);
  if (!problem.isEmpty()) complain(problem);
}

void MainWindow::ask_for_arrangement() {
  const QString file = QFileDialog::getOpenFileName(this, tr("Open arrangement"), QString(),
                                                    tr("Arrangements (*.elbview)"));
  if (!file.isEmpty()) open_files({file});
}

void MainWindow::run_scenario() {
  auto* dialog = new RunDialog(traces_, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &RunDialog::trace_written, this,
          [this](const QString& file) { open_files({file}); });
  dialog->show();
}

void MainWindow::show_shortcuts() {
  auto* page = make_shortcut_page(*this);
  page->setAttribute(Qt::WA_DeleteOnClose);
  page->show();
}

void MainWindow::show_about() {
  QMessageBox::about(this, tr("About elblab"),
                     tr("<b>elblab-gui %1</b><p>Looks at what runs of elblab recorded.</p>"
                        "<p>Qt %2. GPL-2.0-or-later; together with Qt Charts, GPL-3.0.</p>")
                         .arg(QApplication::applicationVersion(), QString::fromUtf8(qVersion())));
}

void MainWindow::complain(const QString& problem) {
  auto* box = new QMessageBox(QMessageBox::Warning, QStringLiteral("elblab"), problem,
                              QMessageBox::Ok, this);
  box->setAttribute(Qt::WA_DeleteOnClose);
  box->open();
}

void MainWindow::reset_layout() {
  show_side_by_side(false);
  restoreState(first_layout_);
  stage_->restore({});
}

}  // namespace elblab::gui
