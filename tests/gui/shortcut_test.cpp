// Keys: none means two things at once, wherever the keyboard is.
#include <QAbstractButton>
#include <QAction>
#include <QLabel>
#include <QListView>
#include <QSettings>
#include <QShortcut>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <semaphore>

#include "gui/application/main_window.hpp"
#include "made_trace.hpp"
#include "suites.hpp"

namespace elblab::gui::test {
namespace {

using namespace std::chrono_literals;  // NOLINT

// A key sequence, and where it is listened for.
struct Listener {
  QKeySequence keys;
  QWidget* where;
  Qt::ShortcutContext context;
  QString name;
};

std::vector<Listener> listeners_of(QWidget& window) {
  std::vector<Listener> all;
  const auto add = [&](const QKeySequence& keys, QWidget* where, Qt::ShortcutContext context,
                       const QString& name) {
    if (!keys.isEmpty()) all.push_back({keys, where, context, name});
  };
  // An action listens through every widget that has it.
  for (QWidget* widget : window.findChildren<QWidget*>() + QList<QWidget*>{&window}) {
    for (const QAction* action : widget->actions()) {
      for (const QKeySequence& keys : action->shortcuts()) {
        add(keys, widget, action->shortcutContext(), action->text());
      }
    }
  }
  for (const QShortcut* shortcut : window.findChildren<QShortcut*>()) {
    for (const QKeySequence& keys : shortcut->keys()) {
      add(keys, qobject_cast<QWidget*>(shortcut->parent()), shortcut->context(), "QShortcut");
    }
  }
  // Of a letter with an ampersand in front.
  for (const QAbstractButton* button : window.findChildren<QAbstractButton*>()) {
    add(button->shortcut(), button->window(), Qt::WindowShortcut, button->text());
  }
  return all;
}

bool hears(const Listener& listener, const QWidget& focus) {
  switch (listener.context) {
    case Qt::WidgetShortcut:
      return listener.where == &focus;
    case Qt::WidgetWithChildrenShortcut:
      return listener.where == &focus || listener.where->isAncestorOf(&focus);
    case Qt::WindowShortcut:
    case Qt::ApplicationShortcut:
      return true;
  }
  return true;
}

std::vector<QWidget*> keyboard_places(QWidget& window) {
  std::vector<QWidget*> places;
  for (QWidget* widget : window.findChildren<QWidget*>()) {
    if (widget->focusPolicy() != Qt::NoFocus && widget->focusProxy() == nullptr) {
      places.push_back(widget);
    }
  }
  return places;
}

int ambiguous = 0;  // warnings of Qt
QtMessageHandler handler_before = nullptr;

void count_ambiguous(QtMsgType type, const QMessageLogContext& context, const QString& text) {
  if (text.contains("Ambiguous shortcut")) ++ambiguous;
  handler_before(type, context, text);
}

// A window over a trace with every view made, and two stages of them.
struct FullWindow {
  FullWindow() : window(*qobject_cast<QApplication*>(QCoreApplication::instance()), arguments()) {
    window.show();
    for (const ViewEntry& entry : view_table()) window.show_view(entry.name);
    QApplication::setActiveWindow(&window);
  }
  Arguments arguments() const {
    Arguments given;
    given.size = {1600, 1000};
    for (const char* name : {"a.db", "b.db"}) {
      given.traces << QString::fromStdString(
          write_trace(folder, name, {.connections = 200}).string());
    }
    return given;
  }
  bool settle() {
    return QTest::qWaitForWindowActive(&window) &&
           QTest::qWaitFor([&] { return window.traces().pending() == 0; }, 30'000);
  }
  void point_at_evidence() {
    Highlight highlight;
    highlight.text = "evidence";
    highlight.range = TimeRange{kStart + 10s, kStart + 20s};
    window.selection().show_highlight(highlight);
  }
  QTemporaryDir folder;
  MainWindow window;
};

}  // namespace

class ShortcutTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { QSettings().clear(); }

  void no_key_means_two_things_wherever_the_keyboard_is_data() {
    QTest::addColumn<bool>("side_by_side");
    QTest::newRow("one stage") << false;
    QTest::newRow("side by side") << true;
  }

  void no_key_means_two_things_wherever_the_keyboard_is() {
    QFETCH(const bool, side_by_side);
    FullWindow full;
    full.window.show_side_by_side(side_by_side);
    QVERIFY(full.settle());
    const std::vector<Listener> listeners = listeners_of(full.window);
    const std::vector<QWidget*> places = keyboard_places(full.window);
    QVERIFY(listeners.size() > 20 && places.size() > 20);
    for (const QWidget* focus : places) {
      for (std::size_t i = 0; i < listeners.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
          const Listener& a = listeners[i];
          const Listener& b = listeners[j];
          const bool both = a.keys == b.keys && hears(a, *focus) && hears(b, *focus);
          QVERIFY2(!both, qPrintable(QStringLiteral("%1 is '%2' and '%3' with the keyboard in %4")
                                         .arg(a.keys.toString(), a.name, b.name,
                                              focus->metaObject()->className())));
        }
      }
    }
  }

  void esc_lets_go_of_the_evidence_wherever_the_keyboard_is() {
    FullWindow full;
    QVERIFY(full.settle());
    ambiguous = 0;
    handler_before = qInstallMessageHandler(&count_ambiguous);
    QStringList kept;
    int tried = 0;
    for (const ViewEntry& entry : view_table()) {
      full.window.show_view(entry.name);  // its tab to the front
      for (QWidget* focus : keyboard_places(full.window)) {
        if (!focus->isVisible() || !focus->isEnabled()) continue;
        focus->setFocus();
        full.point_at_evidence();
        QTest::keyClick(focus, Qt::Key_Escape);
        ++tried;
        if (full.window.selection().highlight()) kept << focus->metaObject()->className();
        full.window.selection().clear_highlight();
      }
    }
    qInstallMessageHandler(handler_before);
    QVERIFY(tried > 50);
    QVERIFY2(kept.isEmpty(), qPrintable(kept.join(", ")));
    QCOMPARE(ambiguous, 0);
  }

  void esc_in_the_list_stops_its_search_first_and_then_lets_go_of_the_evidence() {
    FullWindow full;
    QVERIFY(full.settle());
    full.window.show_view("connections");
    View* view = full.window.stage().find("connections");
    full.point_at_evidence();
    std::binary_semaphore release(0);
    full.window.focus().current()->ask(
        LaneKind::thorough, this,
        [&](const trace::Reader&) {
          release.acquire();
          return 0;
        },
        [](int) {});
    auto* table = view->findChild<QTableView*>();
    table->sortByColumn(1, Qt::DescendingOrder);
    table->setFocus();
    const auto says = [&](const char* text) {
      for (const QLabel* label : view->findChildren<QLabel*>()) {
        if (label->isVisible() && label->text().contains(text)) return true;
      }
      return false;
    };
    const bool searching = says("Searching");
    QTest::keyClick(table, Qt::Key_Escape);
    const bool stopped = says("Stopped");
    const bool still_pointed_at = full.window.selection().highlight().has_value();
    QTest::keyClick(table, Qt::Key_Escape);
    release.release();
    QVERIFY(searching);
    QVERIFY(stopped);
    QVERIFY(still_pointed_at);
    QVERIFY(!full.window.selection().highlight());
    QVERIFY(full.settle());
  }
};

QObject* shortcut_suite(QObject* parent) {
  auto* suite = new ShortcutTest;
  suite->setParent(parent);
  return suite;
}

}  // namespace elblab::gui::test

#include "shortcut_test.moc"
