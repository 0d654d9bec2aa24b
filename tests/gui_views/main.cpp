// Runs the suites, or those named on the command line: test_gui_views LadderTest.
#include <QApplication>
#include <QTest>

#include "gui/theme/theme.hpp"
#include "tests/gui_views/suites.hpp"

int main(int argc, char** argv) {
  QApplication application(argc, argv);
  elblab::gui::apply_theme(application, elblab::gui::Tone::light);
  const QStringList named = QApplication::arguments().mid(1);
  int failed = 0;
  for (auto* suite : elblab::gui::test::suites(&application)) {
    const QString name = QString::fromUtf8(suite->metaObject()->className()).section(u':', -1);
    if (!named.isEmpty() && !named.contains(name)) continue;
    failed += QTest::qExec(suite, QStringList{QApplication::applicationFilePath()});
  }
  return failed == 0 ? 0 : 1;
}
