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

  // By the program as by a person: an arrangement that was saved side by side.
  void an_arrangement_side_by_side_has_two_halves() {
    const QTemporaryDir folder;
    Arguments arguments;
    arguments.traces = {QString::fromStdString(write_trace(folder, "a.db").string()),
                        QString::fromStdString(write_trace(folder, "b.db").string())};
    const QString file = folder.filePath("x.elbview");
    {
      MainWindow window(application(), arguments);
      window.show();
      QVERIFY(settled(window));
      window.show_side_by_side(true);
      QCOMPARE(save_arrangement(window.arrangement(), file), QString());
    }
    MainWindow window(application(), {});
    window.show();
    for (int again = 0; again < 2; ++again) {
      window.open_files({file});
      QVERIFY(settled(window));
      QCOMPARE(window.findChildren<ViewStage*>().size(), qsizetype{2});
      QVERIFY(action(window, "Side by side")->isChecked());
      const Arrangement shown = window.arrangement();
      QVERIFY(shown.side_by_side);
      QCOMPARE(shown.current, 0);
      QCOMPARE(shown.compared, 1);
      QVERIFY2(window.minimumSizeHint().width() <= 1280,
               qPrintable(QString::number(window.minimumSizeHint().width())));
    }
    action(window, "Reset layout")->trigger();
    QCOMPARE(window.findChildren<ViewStage*>().size(), qsizetype{1});
    QVERIFY(!action(window, "Side by side")->isChecked());
  }

  // Every entry with a check mark: there and back leaves nothing behind, by hand and by the
  // program.
  void a_check_mark_set_and_taken_away_leaves_nothing_behind() {
    const QTemporaryDir folder;
    Arguments arguments;
    arguments.traces = {QString::fromStdString(write_trace(folder, "a.db").string()),
                        QString::fromStdString(write_trace(folder, "b.db").string())};
    MainWindow window(application(), arguments);
    window.show();
    window.focus().compare_with(window.traces().all()[1]);  // as side by side leaves it
    QVERIFY(settled(window));
    const auto stages = [&] { return window.findChildren<ViewStage*>().size(); };
    const auto visible = [&] {
      qsizetype count = 0;
      for (const QWidget* widget : window.findChildren<QWidget*>()) count += widget->isVisible();
      return count;
    };
    int tried = 0;
    for (const QMenu* menu : window.findChildren<QMenu*>()) {
      for (QAction* each : menu->actions()) {
        if (!each->isCheckable()) continue;
        ++tried;
        const bool checked = each->isChecked();
        const qsizetype before = visible();
        each->trigger();
        QVERIFY2(stages() <= 2, qPrintable(each->text()));
        QVERIFY(each->isChecked() != checked);
        each->trigger();
        QVERIFY(settled(window));
        QVERIFY(each->isChecked() == checked);
        QCOMPARE(stages(), qsizetype{1});
        QCOMPARE(visible(), before);
      }
    }
    QCOMPARE(tried, 3);  // the list of traces, side by side, dark
    for (const bool on : {true, true, false, false, true}) {
      window.show_side_by_side(on);
      QCOMPARE(stages(), qsizetype{on ? 2 : 1});
      QCOMPARE(action(window, "Side by side")->isChecked(), on);
    }
  }

  // By the check mark as by the program, and with the style that is there: a new one for the same
  // looks would be put on every widget.
  void a_change_of_theme_changes_colours_and_no_style() {
    MainWindow window(application(), {});
    window.show();
    window.set_tone(Tone::light);
    QCoreApplication::processEvents();
    struct Counter : QObject {
      bool eventFilter(QObject*, QEvent* event) override {
        colours += event->type() == QEvent::PaletteChange ? 1 : 0;
        styles += event->type() == QEvent::StyleChange ? 1 : 0;
        return false;
      }
      int colours = 0;
      int styles = 0;
    } counter;
    window.installEventFilter(&counter);
    window.set_tone(Tone::dark);
    QCoreApplication::processEvents();
    QVERIFY(action(window, "Dark")->isChecked());
    action(window, "Dark")->trigger();
    QCoreApplication::processEvents();
    QVERIFY(Theme::of(window.palette()).tone == Tone::light);
    window.removeEventFilter(&counter);
    QCOMPARE(counter.colours, 2);
    QCOMPARE(counter.styles, 0);
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

  // Whole windows, view by view: the one that was switched is the one that began so.
  void a_window_switched_to_a_theme_looks_like_one_that_began_with_it() {
    const QTemporaryDir folder;
    Arguments arguments;
    arguments.size = {1280, 800};
    arguments.traces = {
        QString::fromStdString(write_trace(folder, "a.db", {.connections = 50}).string())};
    const auto picture = [&](MainWindow& window, const ViewEntry& entry) {
      window.show_view(entry.name);
      window.setFocus();
      if (!settled(window)) return QImage();
      QCoreApplication::processEvents();
      return window.grab().toImage();
    };
    std::map<Tone, std::map<std::string, QImage>> wanted;
    for (const Tone tone : {Tone::light, Tone::dark}) {
      QSettings().clear();
      arguments.theme = tone;
      MainWindow window(application(), arguments);
      window.show();
      QVERIFY(settled(window));
      // The second time: by then every view has been made.
      for (int time = 0; time < 2; ++time) {
        for (const ViewEntry& entry : view_table()) {
          wanted[tone][entry.name] = picture(window, entry);
        }
      }
    }
    QSettings().clear();
    arguments.theme = Tone::light;
    MainWindow window(application(), arguments);
    window.show();
    QVERIFY(settled(window));
    for (const ViewEntry& entry : view_table()) picture(window, entry);
    for (const Tone tone : {Tone::dark, Tone::light, Tone::dark}) {
      window.set_tone(tone);
      for (const ViewEntry& entry : view_table()) {
        QVERIFY2(picture(window, entry) == wanted[tone][entry.name], entry.name);
        QVERIFY(wanted[Tone::light][entry.name] != wanted[Tone::dark][entry.name]);
      }
    }
    window.set_tone(Tone::light);
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
