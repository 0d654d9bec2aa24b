#include <QAction>
#include <QDialog>
#include <QDropEvent>
#include <QListView>
#include <QMenu>
#include <QMimeData>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBrowser>

#include "gui/application/main_window.hpp"
#include "made_trace.hpp"
#include "suites.hpp"

namespace elblab::gui::test {
namespace {

using namespace std::chrono_literals;  // NOLINT

QApplication& application() { return *qobject_cast<QApplication*>(QCoreApplication::instance()); }

// What the drag and drop of a desktop calls.
struct DroppableWindow : MainWindow {
  using MainWindow::dropEvent;
  using MainWindow::MainWindow;
};

// The action of a menu by what stands there.
// Of the menus: a dock has an action of the same name, which hides it.
QAction* action(const QMainWindow& window, const char* text) {
  for (const QMenu* menu : window.findChildren<QMenu*>()) {
    for (QAction* each : menu->actions()) {
      QString plain = each->text();
      if (plain.remove('&').startsWith(text)) return each;
    }
  }
  return nullptr;
}

bool settled(MainWindow& window) {
  return QTest::qWaitFor([&] { return window.traces().pending() == 0; }, 30'000);
}

}  // namespace

class WindowTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { QSettings().clear(); }

  void an_empty_window_says_what_to_do() {
    MainWindow window(application(), {});
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    View* view = window.stage().active_view();
    QVERIFY(view != nullptr);
    QVERIFY2(view->empty_text().contains("Ctrl+O"), qPrintable(view->empty_text()));
  }

  void traces_come_by_command_line_and_by_dropping() {
    const QTemporaryDir folder;
    Arguments arguments;
    arguments.traces = {QString::fromStdString(write_trace(folder, "a.db").string())};
    const auto second = write_trace(folder, "b.db", {.seed = 2});
    DroppableWindow window(application(), arguments);
    window.show();
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(QString::fromStdString(second.string()))});
    QDropEvent drop({10, 10}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    window.dropEvent(&drop);
    QCOMPARE(window.traces().all().size(), std::size_t{2});
    QVERIFY(settled(window));
    QVERIFY(window.windowTitle().contains("seed 2"));
    QCOMPARE(window.recent_files().files().size(), qsizetype{2});
    auto* list = window.findChild<QListView*>("traces");
    list->setCurrentIndex(list->model()->index(0, 0));
    QTest::keyClick(list, Qt::Key_Up);
    QVERIFY(window.windowTitle().contains("seed 1"));
    const QString details = window.findChild<QTextBrowser*>("details")->toPlainText();
    QVERIFY2(details.contains("time_wait(c1)") && details.contains("expected"),
             qPrintable(details));
  }

  void an_arrangement_brings_everything_back() {
    const QTemporaryDir folder;
    Arrangement kept;
    {
      Arguments arguments;
      arguments.traces = {QString::fromStdString(write_trace(folder, "a.db").string()),
                          QString::fromStdString(write_trace(folder, "b.db").string())};
      MainWindow window(application(), arguments);
      window.show();
      QVERIFY(settled(window));
      window.focus().choose(window.traces().all()[1]);
      window.focus().compare_with(window.traces().all()[0]);
      window.selection().choose_measures({"connected(c1)"});
      window.selection().show_range({kStart + 60s, kStart + 90s});
      kept = window.arrangement();
      QCOMPARE(save_arrangement(kept, folder.filePath("x.elbview")), QString());
    }
    MainWindow window(application(), {});
    window.show();
    window.open_files({folder.filePath("x.elbview")});
    QVERIFY(settled(window));
    const Arrangement back = window.arrangement();
    QCOMPARE(back.traces, kept.traces);
    QCOMPARE(back.current, 1);
    QCOMPARE(back.compared, 0);
    QVERIFY(back.range == kept.range);
    QVERIFY(back.measures == kept.measures);
    QCOMPARE(back.stage.over_time, kept.stage.over_time);
  }

  void two_traces_stand_side_by_side_over_one_time_axis() {
    const QTemporaryDir folder;
    Arguments arguments;
    arguments.traces = {QString::fromStdString(write_trace(folder, "a.db").string()),
                        QString::fromStdString(write_trace(folder, "b.db").string())};
    MainWindow window(application(), arguments);
    window.show();
    action(window, "Side by side")->trigger();
    QCOMPARE(window.findChildren<ViewStage*>().size(), qsizetype{2});
    QVERIFY(settled(window));
    QVERIFY(window.arrangement().side_by_side);
    QCOMPARE(window.arrangement().compared, 1);
    action(window, "Side by side")->trigger();
    QCOMPARE(window.findChildren<ViewStage*>().size(), qsizetype{1});
    QCOMPARE(window.focus().compared(), window.traces().all()[1]);
  }

  void every_view_comes_by_its_menu() {
    const QTemporaryDir folder;
    Arguments arguments;
    arguments.traces = {QString::fromStdString(write_trace(folder, "a.db").string())};
    MainWindow window(application(), arguments);
    window.show();
    for (const ViewEntry& entry : view_table()) {
      QAction* show = action(window, entry.title);
      QVERIFY2(show != nullptr, entry.name);
      show->trigger();
      const View* view = window.findChild<View*>(entry.name);
      QVERIFY2(view != nullptr && view->isVisible(), entry.name);
    }
    QVERIFY(settled(window));
  }

  void keys_and_mouse_are_explained() {
    MainWindow window(application(), {});
    window.show();
    action(window, "Keys and mouse")->trigger();
    const auto* page = window.findChild<QDialog*>("shortcuts");
    QVERIFY(page != nullptr && page->isVisible());
    const QString text = page->findChild<QTextBrowser*>()->toPlainText();
    QVERIFY2(text.contains("wheel") && text.contains("Ctrl+O"), qPrintable(text));
  }

  void the_window_remembers_theme_and_views() {
    {
      MainWindow window(application(), {});
      window.show();
      window.set_tone(Tone::dark);
      window.close();
    }
    MainWindow window(application(), {});
    window.show();
    const View* view = window.stage().active_view();
    QTRY_VERIFY(Theme::of(view->palette()).tone == Tone::dark);
    window.set_tone(Tone::light);
    QTRY_VERIFY(Theme::of(view->palette()).tone == Tone::light);
  }

  void the_window_fits_a_small_screen() {
    MainWindow window(application(), {});
    window.show();
    const QSize least = window.minimumSizeHint();
    QVERIFY2(least.width() <= 1024 && least.height() <= 600,
             qPrintable(QStringLiteral("%1x%2").arg(least.width()).arg(least.height())));
  }
};

QObject* window_suite(QObject* parent) {
  auto* suite = new WindowTest;
  suite->setParent(parent);
  return suite;
}

}  // namespace elblab::gui::test

#include "window_test.moc"
