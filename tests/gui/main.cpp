// Runs the suites, or those named on the command line: test_gui TimelineTest.
#include <QApplication>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "suites.hpp"

int main(int argc, char** argv) {
  QApplication application(argc, argv);
  QApplication::setOrganizationName(QStringLiteral("elblab"));
  QApplication::setApplicationName(QStringLiteral("elblab-gui-test"));
  // Settings of the person who runs the tests stay as they are.
  QStandardPaths::setTestModeEnabled(true);
  const QTemporaryDir settings;
  QSettings::setDefaultFormat(QSettings::IniFormat);
  QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, settings.path());
  const QStringList named = QApplication::arguments().mid(1);
  int failed = 0;
  for (auto* suite : elblab::gui::test::suites(&application)) {
    const QString name = QString::fromUtf8(suite->metaObject()->className()).section(u':', -1);
    if (!named.isEmpty() && !named.contains(name)) continue;
    failed += QTest::qExec(suite, QStringList{QApplication::applicationFilePath()});
  }
  return failed == 0 ? 0 : 1;
}
