// The diagnosis panel: what a click on evidence does, and that text from traces stays text.
#include <QTemporaryDir>
#include <QTest>
#include <QTextBlock>

#include "gui/diagnosis/diagnosis_view.hpp"
#include "gui/page/page.hpp"
#include "tests/gui_views/made_run.hpp"
#include "tests/gui_views/shown.hpp"
#include "tests/gui_views/suites.hpp"

namespace elblab::gui::test {
namespace {

// Where the first link that begins so stands in the page's viewport.
QPoint link_position(Page& page, const QString& beginning) {
  for (QTextBlock block = page.document()->begin(); block.isValid(); block = block.next()) {
    for (auto part = block.begin(); !part.atEnd(); ++part) {
      const QTextFragment fragment = part.fragment();
      if (!fragment.charFormat().anchorHref().startsWith(beginning)) continue;
      if (fragment.length() < 8) continue;  // the arrow in front
      QTextCursor cursor(page.document());
      cursor.setPosition(fragment.position() + 3);
      page.setTextCursor(cursor);
      page.ensureCursorVisible();
      return page.cursorRect(cursor).center();
    }
  }
  return {-1, -1};
}

std::vector<TraceDiagnosis> made_diagnosis() {
  TraceDiagnosis made;
  made.trace = 3;
  made.label = QStringLiteral("a <b> run");
  made.diagnosis.symptoms = {{"70 of 670 requests failed", "failed_requests"}};
  diagnosis::Finding finding;
  finding.cause = "client_ports";
  finding.title = "ports <used> up";
  finding.standing = diagnosis::Standing::found;
  finding.evidence.resize(2);
  finding.evidence[1].text = "time_wait <&> ports";
  finding.evidence[1].measures = {"time_wait(c1)"};
  finding.evidence[1].from = kStart + from_seconds(30);
  finding.evidence[1].to = kStart + from_seconds(40);
  finding.evidence[1].connections = {12, 13};
  made.diagnosis.found = {finding};
  return {made};
}

class DiagnosisTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { path_ = write_run(folder_); }

  void a_link_points_at_time_curves_and_connections() {
    const auto highlight = highlight_of(made_diagnosis(), QUrl("evidence:3/client_ports/1"));
    QVERIFY(highlight.has_value());
    QCOMPARE(highlight->trace, 3);
    QVERIFY((highlight->range == TimeRange{kStart + from_seconds(30), kStart + from_seconds(40)}));
    QVERIFY((highlight->measures == std::vector<std::string>{"time_wait(c1)"}));
    QVERIFY((highlight->connections == std::vector<std::uint64_t>{12, 13}));
  }

  void links_that_lead_nowhere_do_nothing() {
    for (const char* link : {"evidence:3/client_ports/2", "evidence:4/client_ports/0",
                             "evidence:3/bandwidth/0", "symptom:3/1", "evidence:", "x:3/0", ""}) {
      QVERIFY2(!highlight_of(made_diagnosis(), QUrl(link)).has_value(), link);
    }
  }

  void text_of_traces_is_never_taken_for_markup() {
    const QString page = diagnosis_page(made_diagnosis(), Theme::of(Tone::light), {});
    QVERIFY(page.contains(QStringLiteral("ports &lt;used&gt; up")));
    QVERIFY(page.contains(QStringLiteral("time_wait &lt;&amp;&gt; ports")));
  }

  void a_click_on_evidence_moves_every_view_there() {
    Shown shown("diagnosis", {path_}, {420, 640});
    QVERIFY(shown.view->empty_text().isEmpty());
    auto& page = *shown.view->findChild<Page*>();
    QVERIFY(page.toPlainText().contains(QStringLiteral("client ports exhausted by TIME_WAIT")));
    const QPoint where = link_position(page, QStringLiteral("evidence:"));
    QVERIFY(page.viewport()->rect().contains(where));
    QTest::mouseClick(page.viewport(), Qt::LeftButton, {}, where);
    QVERIFY(shown.selection.highlight().has_value());
    QVERIFY(!shown.selection.measures().empty());
    QVERIFY(shown.selection.range().has_value());
    QTest::keyClick(shown.view.get(), Qt::Key_Escape);
    QVERIFY(!shown.selection.highlight().has_value());
  }

  void the_evidence_pointed_at_is_marked() {
    Shown shown("diagnosis", {path_}, {420, 640});
    auto& page = *shown.view->findChild<Page*>();
    QVERIFY(!page.toPlainText().contains(QStringLiteral("▶")));
    QTest::mouseClick(page.viewport(), Qt::LeftButton, {},
                      link_position(page, QStringLiteral("evidence:")));
    QCOMPARE(page.toPlainText().count(QStringLiteral("▶")), 1);
  }

  void two_traces_have_a_diagnosis_each() {
    Shown shown("diagnosis", {path_, write_run(folder_, "other.db")}, {420, 640});
    QCOMPARE(shown.view->findChild<Page*>()->toPlainText().count(
                 QStringLiteral("client ports exhausted by TIME_WAIT")),
             4);  // the verdict and the cause of each
  }

 private:
  QTemporaryDir folder_;
  std::filesystem::path path_;
};

}  // namespace

QObject* diagnosis_suite(QObject* parent) {
  auto* suite = new DiagnosisTest;
  suite->setParent(parent);
  return suite;
}

}  // namespace elblab::gui::test

#include "diagnosis_test.moc"
