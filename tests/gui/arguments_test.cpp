#include "gui/application/arguments.hpp"

#include <QImage>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "gui/application/scenario_run.hpp"
#include "made_trace.hpp"
#include "suites.hpp"

namespace elblab::gui::test {
namespace {

ParsedArguments parse(const QStringList& words) {
  return parse_arguments(QStringList{QStringLiteral("elblab-gui")} + words);
}

// The program itself, as a CI job starts it.
struct Ended {
  int code = -1;
  QString out;
  QString err;
};
Ended start(const QStringList& words) {
  QProcess process;
  process.start(QStringLiteral(ELBLAB_GUI_PROGRAM), words);
  if (!process.waitForFinished(120'000)) return {};
  return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
          QString::fromUtf8(process.readAllStandardError())};
}

}  // namespace

class ArgumentsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void mistakes_are_told_with_what_to_do() {
    for (const auto& [words, part] : {
             std::pair<QStringList, const char*>{{"--size", "big"}, "1200x800"},
             {{"--size", "0x0"}, "1200x800"},
             {{"--theme", "pink"}, "light or dark"},
             {{"a.db", "--export", "nothing", "-o", "x.png"}, "timeseries"},
             {{"a.db", "--export", "timeseries"}, "-o timeseries.png"},
             {{"--export", "timeseries", "-o", "x.png"}, "needs a trace"},
             {{"a.db", "-o", "x.png"}, "--export"},
             {{"--range", "9..3"}, "FROM..TO"},
             {{"--range", "nan..3"}, "FROM..TO"},
             {{"--connection", "-1"}, "id of a connection"},
             {{"--bogus"}, "bogus"},
         }) {
      const auto parsed = parse(words);
      QVERIFY2(!parsed.arguments, part);
      QCOMPARE(parsed.code, 2);
      QVERIFY2(parsed.message.contains(part), qPrintable(parsed.message));
    }
  }

  void what_is_right_is_understood() {
    const auto parsed = parse({"a.db", "b.db", "--export", "timeseries", "-o", "x.svg", "--size",
                               "640x480", "--theme", "dark", "--range", "10..20.5", "--measure",
                               "time_wait(c1)", "--measure", "connected(c1)"});
    QVERIFY(parsed.arguments);
    const Arguments& arguments = *parsed.arguments;
    QCOMPARE(arguments.traces, (QStringList{"a.db", "b.db"}));
    QCOMPARE(arguments.size, QSize(640, 480));
    QVERIFY(arguments.theme == Tone::dark);
    QCOMPARE(arguments.range->length(), Duration(10'500'000'000));
    QCOMPARE(arguments.measures.size(), std::size_t{2});
  }

  void the_program_exports_without_a_screen() {
    const QTemporaryDir folder;
    const QString trace = QString::fromStdString(write_trace(folder, "a.db").string());
    const QString png = folder.filePath("a.png");
    const Ended ended = start({trace, "--export", "timeseries", "-o", png, "--size", "800x500"});
    QVERIFY2(ended.code == 0, qPrintable(ended.err));
    QCOMPARE(QImage(png).size(), QSize(800, 500));
  }

  void the_program_says_what_is_wrong_and_ends() {
    const QTemporaryDir folder;
    const Ended missing = start({"/no/such.db", "--export", "timeseries", "-o", "/tmp/x.png"});
    QCOMPARE(missing.code, 2);
    QVERIFY2(missing.err.contains("no such file"), qPrintable(missing.err));
    const QString trace = QString::fromStdString(write_trace(folder, "a.db").string());
    const Ended unwritable = start({trace, "--export", "timeseries", "-o", "/no/folder/x.png"});
    QCOMPARE(unwritable.code, 4);
    const Ended format = start({trace, "--export", "timeseries", "-o", folder.filePath("x.gif")});
    QCOMPARE(format.code, 4);
    QVERIFY2(format.err.contains(".png, .svg or .csv"), qPrintable(format.err));
    QCOMPARE(start({"--help"}).code, 0);
    QVERIFY(start({"--version"}).out.startsWith("elblab-gui "));
  }

  void a_run_names_its_traces_as_the_command_does() {
    const RunOrder order{"TW-01", {}, 2, "/out"};
    QCOMPARE(traces_of(order, {"symptom", "remedy"}),
             (QStringList{"/out/TW-01.symptom.seed1.db", "/out/TW-01.symptom.seed2.db",
                          "/out/TW-01.remedy.seed1.db", "/out/TW-01.remedy.seed2.db"}));
  }
};

QObject* arguments_suite(QObject* parent) {
  auto* suite = new ArgumentsTest;
  suite->setParent(parent);
  return suite;
}

}  // namespace elblab::gui::test

#include "arguments_test.moc"
