#include "gui/overview/overview_page.hpp"

#include <QLocale>
#include <QUrl>

namespace elblab::gui {
namespace {

QString text(const std::string& words) { return QString::fromStdString(words); }
QString escaped(const std::string& words) { return text(words).toHtmlEscaped(); }

QString counted(std::uint64_t number) {
  return QLocale(QLocale::English).toString(static_cast<qulonglong>(number));
}

QString seconds(Duration time) {
  return QStringLiteral("%1 s").arg(std::chrono::duration<double>(time).count(), 0, 'g', 5);
}

QString words(const std::string& name) {
  return text(name).replace(QLatin1Char('_'), QLatin1Char(' ')).toHtmlEscaped();
}

std::string measure_name(const expectations::Verdict& verdict) {
  return verdict.expectation.measure.to_string();
}

class Writer {
 public:
  explicit Writer(const Theme& theme) : theme_(theme) {}

  QString write(const RunOverview& run) {
    heading(run);
    expectations(run);
    symptoms(run);
    if (run.totals != nullptr) totals(*run.totals);
    return html_;
  }

 private:
  void heading(const RunOverview& run) {
    const trace::RunMetadata& of = run.trace->facts().metadata;
    html_ += QStringLiteral("<h2>%1 <span class='faint'>%2</span></h2><p><b>%3</b></p>")
                 .arg(escaped(of.scenario), escaped(of.run), escaped(of.title));
    QStringList facts{escaped(of.world), QStringLiteral("seed %1").arg(of.seed),
                      seconds(run.trace->facts().end_of_run - kStart)};
    if (!run.trace->facts().complete) {
      facts.push_back(QStringLiteral("<span class='warning'>goes on, or was cut off</span>"));
    }
    facts.push_back(QStringLiteral("elblab %1").arg(escaped(of.program_version)));
    if (!of.world_version.empty()) facts.push_back(escaped(of.world_version));
    html_ += QStringLiteral("<p class='faint'>%1<br>%2</p>")
                 .arg(facts.join(QStringLiteral(" · ")),
                      QString::fromStdString(run.trace->path().string()).toHtmlEscaped());
  }

  void expectations(const RunOverview& run) {
    const auto& judgement = run.trace->judgement();
    if (!judgement) return;
    if (!judgement->verdicts.empty()) {
      const std::size_t all = judgement->verdicts.size();
      const bool holds = judgement->holds();
      html_ += QStringLiteral("<h3>Expectations <span class='%1'>%2</span></h3>")
                   .arg(holds ? "good" : "bad", holds ? QStringLiteral("all %1 hold").arg(all)
                                                      : QStringLiteral("%1 of %2 do not hold")
                                                            .arg(all - judgement->holding())
                                                            .arg(all));
      html_ += QStringLiteral("<table width='100%' cellspacing='0' cellpadding='3'>");
      for (const expectations::Verdict& verdict : judgement->verdicts) expectation(verdict);
      html_ += QStringLiteral("</table>");
    }
    if (!judgement->remark.empty()) {
      html_ += QStringLiteral("<p class='faint'>%1</p>").arg(escaped(judgement->remark));
    }
  }

  void expectation(const expectations::Verdict& verdict) {
    const std::string measure = measure_name(verdict);
    const QString target = QString::fromLatin1(QUrl::toPercentEncoding(text(measure)));
    html_ += QStringLiteral(
                 "<tr bgcolor='%1'><td width='16' class='%2'>%3</td>"
                 "<td><a href='measure:%4'>%5</a></td><td>%6</td>"
                 "<td class='faint'>expected %7</td></tr>")
                 .arg((row_++ % 2) == 0 ? theme_.panel.name() : theme_.ground.name(),
                      verdict.holds ? "good" : "bad", verdict.holds ? "✓" : "✗", target,
                      escaped(measure),
                      escaped(verdict.problem.empty() ? verdict.measured_text : verdict.problem),
                      escaped(verdict.expected_text));
  }

  void symptoms(const RunOverview& run) {
    html_ += QStringLiteral("<h3>What went wrong</h3>");
    if (!run.diagnosis) {
      html_ += QStringLiteral("<p class='faint'>Looking for what is wrong …</p>");
      return;
    }
    const diagnosis::Diagnosis& known = *run.diagnosis;
    for (std::size_t i = 0; i < known.symptoms.size(); ++i) {
      html_ += QStringLiteral("<p>▷ <a href='symptom:%1/%2'>%3</a></p>")
                   .arg(run.trace->id())
                   .arg(i)
                   .arg(escaped(known.symptoms[i].text));
    }
    for (const diagnosis::Finding& finding : known.found) {
      html_ += QStringLiteral("<p><b class='bad'>because: %1</b></p>").arg(escaped(finding.title));
      for (std::size_t i = 0; i < finding.evidence.size(); ++i) {
        html_ += QStringLiteral("<p>▷ <a href='evidence:%1/%2/%3'>%4</a></p>")
                     .arg(run.trace->id())
                     .arg(text(finding.cause))
                     .arg(i)
                     .arg(escaped(finding.evidence[i].text));
      }
    }
    if (known.found.empty() && !known.verdict.empty()) {
      html_ += QStringLiteral("<p class='%1'>%2</p>")
                   .arg(known.nothing_wrong() ? "good" : "warning", escaped(known.verdict));
    }
  }

  void totals(const RunTotals& totals) {
    if (!totals.requests.empty()) {
      html_ += QStringLiteral(
          "<h3>Requests</h3><table cellspacing='0' cellpadding='3'><tr class='faint'><td></td>"
          "<td align='right'>requests</td><td align='right'>answered</td>"
          "<td align='right'>failed</td><td align='right'>slow</td>"
          "<td align='right'>longest gap</td></tr>");
      for (const metrics::RequestSummary& of : totals.requests) requests(of, totals);
      html_ += QStringLiteral("</table>");
    }
    for (const TotalsTable& of : totals.tables) table(of);
    if (totals.drops.empty()) return;
    html_ += QStringLiteral("<h3>Packets dropped</h3><table cellspacing='0' cellpadding='3'>");
    for (const metrics::DropCount& drop : totals.drops) {
      html_ += QStringLiteral("<tr><td>%1</td><td>%2</td><td align='right'>%3</td></tr>")
                   .arg(escaped(drop.object), words(drop.reason), counted(drop.packets));
    }
    html_ += QStringLiteral("</table>");
  }

  void table(const TotalsTable& of) {
    html_ += QStringLiteral("<h3>%1</h3><table cellspacing='0' cellpadding='3'><tr class='faint'>")
                 .arg(escaped(of.title));
    for (const std::string& column : of.columns) {
      html_ += QStringLiteral("<td>%1</td>").arg(escaped(column));
    }
    html_ += QStringLiteral("</tr>");
    for (const auto& row : of.rows) {
      html_ += QStringLiteral("<tr>");
      for (const std::string& cell : row) html_ += QStringLiteral("<td>%1</td>").arg(escaped(cell));
      html_ += QStringLiteral("</tr>");
    }
    html_ += QStringLiteral("</table>");
  }

  void requests(const metrics::RequestSummary& of, const RunTotals& totals) {
    QString gap = QStringLiteral("–");
    for (const metrics::Gap& one : totals.gaps) {
      if (one.workload == of.workload) gap = seconds(one.to - one.from);
    }
    html_ += QStringLiteral(
                 "<tr><td><b>%1</b></td><td align='right'>%2</td><td align='right'>%3</td>"
                 "<td align='right' class='%4'>%5</td><td align='right'>%6</td>"
                 "<td align='right'>%7</td></tr>")
                 .arg(escaped(of.workload), counted(of.requests), counted(of.responses),
                      of.failures > 0 ? "bad" : "", counted(of.failures), counted(of.slow), gap);
  }

  const Theme& theme_;
  int row_ = 0;
  QString html_;
};

}  // namespace

QString overview_page(const std::vector<RunOverview>& runs, const Theme& theme) {
  if (runs.size() == 1) return Writer(theme).write(runs.front());
  QString html = QStringLiteral("<table width='100%' cellspacing='0' cellpadding='4'><tr>");
  for (const RunOverview& run : runs) {
    html += QStringLiteral("<td width='50%' valign='top'>%1</td>").arg(Writer(theme).write(run));
  }
  return html + QStringLiteral("</tr></table>");
}

DataTable overview_table(const std::vector<RunOverview>& runs) {
  DataTable table;
  table.columns = {"run", "kind", "name", "measured", "expected", "verdict"};
  for (const RunOverview& run : runs) {
    const QString label = run.trace->label();
    if (run.trace->judgement()) {
      for (const expectations::Verdict& verdict : run.trace->judgement()->verdicts) {
        table.rows.push_back({label, "expectation", text(measure_name(verdict)),
                              text(verdict.measured_text), text(verdict.expected_text),
                              verdict.holds ? "holds" : "does not hold"});
      }
    }
    if (run.totals == nullptr) continue;
    for (const metrics::RequestSummary& of : run.totals->requests) {
      const auto add = [&](const char* kind, std::uint64_t count) {
        table.rows.push_back({label, kind, text(of.workload), QString::number(count), {}, {}});
      };
      add("requests", of.requests);
      add("responses", of.responses);
      add("failures", of.failures);
      add("slow", of.slow);
    }
    for (const TotalsTable& of : run.totals->tables) {
      for (const auto& row : of.rows) {
        QStringList rest;
        for (std::size_t i = 1; i < row.size(); ++i) {
          rest << text(of.columns[i]) + QLatin1Char(' ') + text(row[i]);
        }
        table.rows.push_back(
            {label, text(of.kind), text(row.front()), rest.join(QStringLiteral(", ")), {}, {}});
      }
    }
    for (const metrics::DropCount& drop : run.totals->drops) {
      table.rows.push_back({label,
                            "dropped",
                            text(drop.object + " " + drop.reason),
                            QString::number(drop.packets),
                            {},
                            {}});
    }
  }
  return table;
}

}  // namespace elblab::gui
