#include "gui/diagnosis/diagnosis_page.hpp"

#include <QStringList>
#include <algorithm>

namespace elblab::gui {
namespace {

using diagnosis::Confidence;
using diagnosis::Evidence;
using diagnosis::Finding;
using diagnosis::Symptom;

QString text(const std::string& words) { return QString::fromStdString(words); }
QString escaped(const std::string& words) { return text(words).toHtmlEscaped(); }

QString confidence_text(Confidence confidence) {
  switch (confidence) {
    case Confidence::possible:
      return QStringLiteral("possible");
    case Confidence::likely:
      return QStringLiteral("likely");
    case Confidence::certain:
      return QStringLiteral("certain");
  }
  return {};
}

const QColor& colour_of(Confidence confidence, const Theme& theme) {
  return confidence == Confidence::possible ? theme.warning : theme.bad;
}

QString seconds(Instant at) {
  return QString::number(std::chrono::duration<double>(at.time_since_epoch()).count(), 'f', 1);
}

bool has_time(Instant from, Instant to) { return from != kStart || to != kNever; }

QString time_text(Instant from, Instant to) {
  if (to == kNever) return QStringLiteral("from %1 s on").arg(seconds(from));
  return QStringLiteral("%1 – %2 s").arg(seconds(from), seconds(to));
}

Highlight highlight_of_evidence(const Evidence& evidence, int trace) {
  Highlight highlight;
  highlight.text = text(evidence.text);
  if (has_time(evidence.from, evidence.to)) highlight.range = TimeRange{evidence.from, evidence.to};
  highlight.measures = evidence.measures;
  highlight.trace = trace;
  highlight.connections = evidence.connections;
  return highlight;
}

Highlight highlight_of_symptom(const Symptom& symptom, int trace) {
  Highlight highlight;
  highlight.text = text(symptom.text);
  if (has_time(symptom.from, symptom.to)) highlight.range = TimeRange{symptom.from, symptom.to};
  highlight.trace = trace;
  return highlight;
}

// Where a click leads, in few words.
QString shows_text(const Evidence& evidence) {
  QStringList parts;
  for (const std::string& measure : evidence.measures) parts.push_back(escaped(measure));
  if (has_time(evidence.from, evidence.to)) parts.push_back(time_text(evidence.from, evidence.to));
  if (!evidence.connections.empty()) {
    parts.push_back(QStringLiteral("%1 connections").arg(evidence.connections.size()));
  }
  return parts.join(QStringLiteral(" · "));
}

class Writer {
 public:
  Writer(const Theme& theme, const std::optional<Highlight>& pointed_at)
      : theme_(theme), pointed_at_(pointed_at) {}

  QString write(const TraceDiagnosis& of, bool with_label) {
    const diagnosis::Diagnosis& known = of.diagnosis;
    if (with_label) html_ += QStringLiteral("<h2>%1</h2>").arg(of.label.toHtmlEscaped());
    if (!known.verdict.empty()) {
      html_ += QStringLiteral("<h2 class='%1'>%2</h2>")
                   .arg(known.nothing_wrong() ? "good" : "bad", escaped(known.verdict));
    }
    if (!known.symptoms.empty()) heading("What is wrong");
    for (std::size_t i = 0; i < known.symptoms.size(); ++i) {
      link(QStringLiteral("symptom:%1/%2").arg(of.trace).arg(i), escaped(known.symptoms[i].text),
           {}, highlight_of_symptom(known.symptoms[i], of.trace));
    }
    if (!known.found.empty()) heading(known.found.size() == 1 ? "Why" : "Why, most likely first");
    int rank = 0;
    for (const Finding& finding : known.found) cause(finding, ++rank, of.trace);
    others("Ruled out", known.ruled_out);
    others("Cannot be told from this trace", known.not_observable);
    return html_;
  }

 private:
  void heading(const char* words) {
    html_ += QStringLiteral("<h3>%1</h3>").arg(QString::fromUtf8(words));
  }

  // A line that is a link as a whole; the one the views point at has a ground of its own.
  void link(const QString& target, const QString& words, const QString& shows,
            const Highlight& highlight) {
    const bool chosen = pointed_at_ == highlight;
    html_ +=
        QStringLiteral(
            "<table width='100%' cellpadding='3' cellspacing='0'%1><tr>"
            "<td width='12'><a href='%2'>%3</a></td><td><a href='%2'>%4</a>")
            .arg(chosen ? QStringLiteral(" bgcolor='%1'").arg(theme_.highlight.name()) : QString(),
                 target, chosen ? QStringLiteral("▶") : QStringLiteral("▷"), words);
    if (!shows.isEmpty()) html_ += QStringLiteral("<br><span class='faint'>%1</span>").arg(shows);
    html_ += QStringLiteral("</td></tr></table>");
  }

  void cause(const Finding& finding, int rank, int trace) {
    html_ += QStringLiteral(
                 "<table width='100%' cellpadding='5' cellspacing='0' bgcolor='%1'><tr>"
                 "<td><b>%2 &nbsp;%3</b><br><span style='color:%4'><b>%5</b></span>%6</td>"
                 "</tr></table>")
                 .arg(theme_.panel.name())
                 .arg(rank)
                 .arg(escaped(finding.title), colour_of(finding.confidence, theme_).name(),
                      confidence_text(finding.confidence), explains(finding));
    for (std::size_t i = 0; i < finding.evidence.size(); ++i) {
      const Evidence& evidence = finding.evidence[i];
      link(QStringLiteral("evidence:%1/%2/%3").arg(trace).arg(text(finding.cause)).arg(i),
           escaped(evidence.text), shows_text(evidence), highlight_of_evidence(evidence, trace));
    }
    if (!finding.remedies.empty()) {
      html_ += QStringLiteral(
          "<p style='margin-top:10px'><b class='good'>What helps</b></p><ul "
          "style='margin-left:12px; "
          "-qt-list-indent:0'>");
      for (const std::string& remedy : finding.remedies) {
        html_ += QStringLiteral("<li>%1</li>").arg(escaped(remedy));
      }
      html_ += QStringLiteral("</ul>");
    }
    if (finding.facts.empty()) return;
    QStringList facts;
    for (const std::string& fact : finding.facts) facts.push_back(escaped(fact));
    html_ += QStringLiteral("<p class='faint'>See %1</p>").arg(facts.join(QStringLiteral(", ")));
  }

  static QString explains(const Finding& finding) {
    if (finding.explains <= 0) return {};
    return QStringLiteral("<span class='faint'> · explains %1&nbsp;%</span>")
        .arg(finding.explains * 100, 0, 'f', finding.explains < 0.1 ? 1 : 0);
  }

  void others(const char* title, const std::vector<Finding>& findings) {
    if (findings.empty()) return;
    heading(title);
    for (const Finding& finding : findings) {
      html_ += QStringLiteral("<p>%1 <span class='faint'>– %2</span></p>")
                   .arg(escaped(finding.title), escaped(finding.because));
    }
  }

  const Theme& theme_;
  const std::optional<Highlight>& pointed_at_;
  QString html_;
};

const TraceDiagnosis* find(const std::vector<TraceDiagnosis>& all, int trace) {
  const auto found = std::find_if(
      all.begin(), all.end(), [trace](const TraceDiagnosis& one) { return one.trace == trace; });
  return found == all.end() ? nullptr : &*found;
}

QStringList row_of(const TraceDiagnosis& of, const Finding& finding, const char* standing,
                   const Evidence* evidence) {
  QStringList connections;
  QStringList measures;
  if (evidence != nullptr) {
    for (const auto id : evidence->connections) connections.push_back(QString::number(id));
    for (const std::string& measure : evidence->measures) measures.push_back(text(measure));
  }
  const bool found = finding.standing == diagnosis::Standing::found;
  return {of.label,
          QString::fromUtf8(standing),
          text(finding.cause),
          text(finding.title),
          found ? confidence_text(finding.confidence) : QString(),
          found ? QString::number(finding.explains, 'f', 3) : QString(),
          evidence != nullptr ? text(evidence->text) : text(finding.because),
          measures.join(QLatin1Char(' ')),
          connections.join(QLatin1Char(' ')),
          evidence != nullptr ? text(evidence->query) : QString()};
}

}  // namespace

QString diagnosis_page(const std::vector<TraceDiagnosis>& all, const Theme& theme,
                       const std::optional<Highlight>& pointed_at) {
  QString html;
  for (const TraceDiagnosis& one : all) {
    html += Writer(theme, pointed_at).write(one, all.size() > 1);
  }
  return html;
}

std::optional<Highlight> highlight_of(const std::vector<TraceDiagnosis>& all, const QUrl& link) {
  const QStringList parts = link.path().split(QLatin1Char('/'));
  const TraceDiagnosis* of = find(all, parts.value(0).toInt());
  if (of == nullptr) return std::nullopt;
  const std::size_t index = parts.back().toUInt();
  if (link.scheme() == QLatin1String("symptom") && index < of->diagnosis.symptoms.size()) {
    return highlight_of_symptom(of->diagnosis.symptoms[index], of->trace);
  }
  if (link.scheme() != QLatin1String("evidence")) return std::nullopt;
  for (const Finding& finding : of->diagnosis.found) {
    if (text(finding.cause) != parts.value(1) || index >= finding.evidence.size()) continue;
    return highlight_of_evidence(finding.evidence[index], of->trace);
  }
  return std::nullopt;
}

DataTable diagnosis_table(const std::vector<TraceDiagnosis>& all) {
  DataTable table;
  table.columns = {"run",      "standing", "cause",    "title",       "confidence",
                   "explains", "text",     "measures", "connections", "query"};
  for (const TraceDiagnosis& of : all) {
    for (const Symptom& symptom : of.diagnosis.symptoms) {
      table.rows.push_back(
          {of.label, "symptom", text(symptom.name), {}, {}, {}, text(symptom.text), {}, {}, {}});
    }
    for (const Finding& finding : of.diagnosis.found) {
      for (const Evidence& evidence : finding.evidence) {
        table.rows.push_back(row_of(of, finding, "found", &evidence));
      }
      if (finding.evidence.empty()) table.rows.push_back(row_of(of, finding, "found", nullptr));
    }
    for (const Finding& finding : of.diagnosis.ruled_out) {
      table.rows.push_back(row_of(of, finding, "ruled out", nullptr));
    }
    for (const Finding& finding : of.diagnosis.not_observable) {
      table.rows.push_back(row_of(of, finding, "not observable", nullptr));
    }
    if (!of.diagnosis.verdict.empty()) {
      table.rows.push_back(
          {of.label, "verdict", {}, {}, {}, {}, text(of.diagnosis.verdict), {}, {}, {}});
    }
  }
  return table;
}

}  // namespace elblab::gui
