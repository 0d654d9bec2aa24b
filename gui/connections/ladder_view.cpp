#include "gui/connections/ladder_view.hpp"

#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

#include "gui/connections/hop_details.hpp"
#include "gui/connections/ladder_canvas.hpp"
#include "gui/connections/ladder_layout.hpp"

namespace elblab::gui {
namespace {

QLabel* line_of_text(QWidget* parent, const char* name) {
  auto* label = new QLabel(parent);
  label->setObjectName(QString::fromUtf8(name));
  label->setWordWrap(true);
  label->setMargin(4);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  return label;
}

QString time_text(Instant at) {
  return QStringLiteral("%1 s").arg(std::chrono::duration<double>(at.time_since_epoch()).count(), 0,
                                    'f', 3);
}

}  // namespace

LadderView::LadderView(ViewContext context, QWidget* parent)
    : View(context, parent),
      canvas_(new LadderCanvas(this)),
      title_(line_of_text(this, "title")),
      choice_(line_of_text(this, "choice")),
      remark_(line_of_text(this, "remark")),
      details_(line_of_text(this, "details")) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(title_);
  layout->addWidget(choice_);
  layout->addWidget(remark_);
  layout->addWidget(canvas_, 1);
  layout->addWidget(details_);
  choice_->setTextFormat(Qt::PlainText);
  choice_->hide();
  remark_->hide();
  details_->hide();
  setFocusProxy(canvas_);
  connect(canvas_, &LadderCanvas::hop_selected, this, [this] { tell_hop(); });
}

QString LadderView::empty_text() const {
  QString general = View::empty_text();
  if (!general.isEmpty()) return general;
  if (story_) return {};
  if (asked_) return tr("Looking for the connection …");
  return tr("There is no connection to show: none was opened in this run, or none has ended yet.");
}

void LadderView::traces_changed() {
  OpenTrace* trace = focus().current();
  const int id = trace == nullptr ? 0 : trace->id();
  const std::uint64_t generation = trace == nullptr ? 0 : trace->generation();
  if (id == trace_ && generation == generation_) return;
  trace_ = id;
  generation_ = generation;
  ask();
}

void LadderView::connection_changed() { ask(); }

void LadderView::ask() {
  OpenTrace* trace = focus().current();
  const std::optional<ConnectionRef>& chosen = selection().connection();
  if (chosen) {
    // Of the trace it is laid over with as well.
    if (OpenTrace* other = focus().traces().find(chosen->trace)) trace = other;
  }
  request_.cancel();
  if (trace == nullptr || !trace->readable()) {
    story_.reset();
    canvas_->show_ladder({});
    return;
  }
  const std::uint64_t wanted = chosen && chosen->trace == trace->id() ? chosen->id : 0;
  asked_ = true;
  request_ = trace->ask(
      LaneKind::quick, this,
      [wanted](const trace::Reader& reader, const CancelFlag& cancel) {
        const std::uint64_t id = wanted == 0 ? first_worth_showing(reader, cancel.flag()) : wanted;
        return tell_connection(reader, id, cancel.flag());
      },
      [this](std::optional<ConnectionStory> story) { take(std::move(story)); });
}

void LadderView::take(std::optional<ConnectionStory> story) {
  asked_ = false;
  story_ = std::move(story);
  canvas_->show_ladder(story_ ? story_->ladder : Ladder());
  title_->setText(title());
  choice_->setText(choice());
  choice_->setVisible(!choice_->text().isEmpty());
  remark_->setText(remark());
  remark_->setVisible(!remark_->text().isEmpty());
  update_notice();
}

QString LadderView::title() const {
  if (!story_) return {};
  const trace::ConnectionRow& record = story_->record;
  return tr("<b>Connection #%1</b> · %2 → %3 · opened at %4 · %5")
      .arg(record.id)
      .arg(QString::fromStdString(record.source).toHtmlEscaped(),
           QString::fromStdString(record.destination).toHtmlEscaped(), time_text(record.opened_at),
           QString::fromStdString(record.reason).replace(QLatin1Char('_'), QLatin1Char(' ')));
}

QString LadderView::choice() const {
  if (!story_) return {};
  QStringList lines;
  for (const trace::DecisionRow& decision : story_->decisions) {
    lines.append(tr("chosen by %1: %2")
                     .arg(QString::fromStdString(decision.object),
                          QString::fromStdString(trace::decision_text(decision))));
  }
  return lines.join(QLatin1Char('\n'));
}

QString LadderView::remark() const {
  if (!story_) return {};
  if (story_->never_sent) {
    return tr("No packet left the host: it had no free local port towards this destination.");
  }
  if (!story_->has_packets) {
    return tr(
        "The packets of this connection were not kept; these are the moments its records "
        "tell. To keep the packets of all connections, run with --packets all.");
  }
  if (story_->ladder.left_out > 0) {
    return tr("%1 observations in the middle were not kept or are not shown.")
        .arg(story_->ladder.left_out);
  }
  return {};
}

void LadderView::tell_hop() {
  const std::optional<std::size_t>& hop = canvas_->selected_hop();
  details_->setVisible(hop.has_value());
  if (hop) {
    const Ladder& ladder = canvas_->ladder();
    details_->setText(hop_details(ladder, ladder.hops[*hop]));
  }
}

void LadderView::paint(QPainter& painter, QSize size) {
  if (!empty_text().isEmpty()) return View::paint(painter, size);
  painter.fillRect(QRect(QPoint(), size), theme().panel);
  const QFontMetricsF metrics(font());
  painter.setFont(font());
  painter.setPen(theme().text);
  QString text = title_->text();
  text.remove(QStringLiteral("<b>")).remove(QStringLiteral("</b>"));
  const double line = metrics.height() + 4;
  painter.drawText(QRectF(8, 4, size.width() - 16, line), Qt::AlignVCenter,
                   metrics.elidedText(text, Qt::ElideRight, size.width() - 16));
  double top = line + 8;
  for (const QString& each : choice().split(QLatin1Char('\n'), Qt::SkipEmptyParts)) {
    painter.drawText(QRectF(8, top, size.width() - 16, line), Qt::AlignVCenter,
                     metrics.elidedText(each, Qt::ElideRight, size.width() - 16));
    top += line;
  }
  if (!remark().isEmpty()) {
    painter.setPen(theme().faint);
    const QRectF room(8, top, size.width() - 16, 2 * line);
    painter.drawText(room, Qt::TextWordWrap, remark());
    top += 2 * line;
  }
  canvas_->paint_picture(painter, QRectF(0, top, size.width(), size.height() - top));
}

DataTable LadderView::table() const {
  if (!story_) return {};
  DataTable table;
  if (!story_->has_packets) {
    table.columns = {"lane", "at (ns)", "what"};
    for (const LadderMark& mark : story_->ladder.marks) {
      table.rows.push_back({QString::fromStdString(story_->ladder.lanes[mark.lane].object),
                            QString::number(mark.at.time_since_epoch().count()),
                            QString::fromStdString(mark.text)});
    }
    return table;
  }
  table.columns = hop_columns();
  for (const LadderHop& hop : story_->ladder.hops)
    table.rows.push_back(hop_row(story_->ladder, hop));
  return table;
}

}  // namespace elblab::gui
