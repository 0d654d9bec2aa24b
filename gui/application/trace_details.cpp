#include "gui/application/trace_details.hpp"

#include "analysis/expectations/text.hpp"

namespace elblab::gui {
namespace {

QString escaped(const std::string& text) { return QString::fromStdString(text).toHtmlEscaped(); }

QString row(const QString& name, const QString& value, const Theme& theme) {
  if (value.isEmpty()) return {};
  return QStringLiteral("<tr><td style='color:%1; padding-right:8px'>%2</td><td>%3</td></tr>")
      .arg(theme.faint.name(), name, value);
}

QString run_table(const OpenTrace& trace, const Theme& theme) {
  const TraceFacts& facts = trace.facts();
  const auto& run = facts.metadata;
  QString duration = QString::fromStdString(expectations::duration_text(run.duration));
  if (!facts.complete) {
    duration =
        QObject::tr("%1 of %2")
            .arg(QString::number(to_seconds(facts.end_of_run), 'f', 1) + QStringLiteral(" s"),
                 duration);
  }
  return QStringLiteral("<table>") + row(QObject::tr("run"), escaped(run.run), theme) +
         row(QObject::tr("profile"), escaped(facts.scenario.profile), theme) +
         row(QObject::tr("world"), escaped(run.world), theme) +
         row(QObject::tr("seed"), QString::number(run.seed), theme) +
         row(QObject::tr("duration"), duration, theme) +
         row(QObject::tr("made by"),
             escaped(run.program_version.empty() ? run.world_version
                                                 : run.program_version + ", " + run.world_version),
             theme) +
         QStringLiteral("</table>");
}

QString verdict_row(const expectations::Verdict& verdict, const Theme& theme) {
  const QColor& colour = verdict.holds ? theme.good : theme.bad;
  const QString shown =
      verdict.problem.empty() ? escaped(verdict.measured_text) : escaped(verdict.problem);
  return QStringLiteral(
             "<p style='margin:4px 0'><span style='color:%1'>%2</span> <b>%3</b><br>%4"
             "<br><span style='color:%5'>%6 %7</span></p>")
      .arg(colour.name(), verdict.holds ? QStringLiteral("✓") : QStringLiteral("✗"),
           escaped(verdict.expectation.measure.to_string()), shown, theme.faint.name(),
           QObject::tr("expected"), escaped(verdict.expected_text));
}

}  // namespace

QString details_page(const OpenTrace& trace, const Theme& theme) {
  if (!trace.readable()) {
    return QStringLiteral("<p>%1</p>").arg(trace.message().toHtmlEscaped());
  }
  const auto& run = trace.facts().metadata;
  QString page =
      QStringLiteral("<p><b>%1</b> %2</p>").arg(escaped(run.scenario), escaped(run.title)) +
      run_table(trace, theme);
  if (trace.state() == OpenTrace::State::growing) {
    page += QStringLiteral("<p style='color:%1'>%2</p>")
                .arg(theme.warning.name(),
                     QObject::tr("The run goes on, or was cut off. What it wrote so far is shown "
                                 "and kept up to date."));
  }
  if (!trace.judgement()) return page;
  for (const auto& verdict : trace.judgement()->verdicts) page += verdict_row(verdict, theme);
  if (!trace.judgement()->remark.empty()) {
    page += QStringLiteral("<p style='color:%1'>%2</p>")
                .arg(theme.faint.name(), escaped(trace.judgement()->remark));
  }
  return page;
}

}  // namespace elblab::gui
