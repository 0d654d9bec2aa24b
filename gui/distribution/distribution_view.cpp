#include "gui/distribution/distribution_view.hpp"

#include <QBoxLayout>
#include <QButtonGroup>
#include <QLabel>
#include <QRadioButton>
#include <QScrollArea>
#include <algorithm>
#include <array>

#include "gui/charts/chart.hpp"

namespace elblab::gui {
namespace {

constexpr std::size_t kMostClients = 12;
constexpr int kSideBySide = 640;  // from this width on

constexpr std::array<const char*, kAmounts> kAmountNames{"connections", "requests", "bytes"};

QString text(const std::string& words) { return QString::fromStdString(words); }

QScrollArea* scrolled(Chart* chart, QWidget* parent) {
  auto* area = new QScrollArea(parent);
  area->setFrameShape(QFrame::NoFrame);
  area->setWidgetResizable(true);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->setWidget(chart);
  return area;
}

const ShareRow* row_named(const std::vector<ShareRow>& rows, const std::string& name) {
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const ShareRow& one) { return one.name == name; });
  return row == rows.end() ? nullptr : &*row;
}

// Percent of `amount`, for each category.
ChartSeries series_of(const std::vector<ShareRow>& rows, const QStringList& categories,
                      std::size_t amount) {
  ChartSeries series;
  for (const QString& name : categories) {
    const ShareRow* row = row_named(rows, name.toStdString());
    series.values.push_back(row == nullptr ? 0 : row->share[amount] * 100);
  }
  return series;
}

void add_names(QStringList& names, const std::vector<ShareRow>& rows) {
  for (const ShareRow& row : rows) {
    if (!names.contains(text(row.name))) names.push_back(text(row.name));
  }
  if (names.removeAll(QStringLiteral("others")) > 0) names.push_back(QStringLiteral("others"));
}

}  // namespace

DistributionView::DistributionView(ViewContext context, QWidget* parent)
    : View(context, parent),
      shares_(this, [this] { draw(); }),
      headline_(new QLabel(this)),
      amounts_(new QButtonGroup(this)),
      charts_(new QBoxLayout(QBoxLayout::LeftToRight)),
      servers_(new Chart(this)),
      clients_(new Chart(this)) {
  setAutoFillBackground(true);
  setBackgroundRole(QPalette::Base);
  auto* head = new QHBoxLayout;
  head->setContentsMargins(8, 4, 8, 2);
  head->addWidget(headline_, 1);
  headline_->setWordWrap(true);
  headline_->setObjectName(QStringLiteral("headline"));
  for (std::size_t i = 0; i < kAmounts; ++i) {
    auto* button = new QRadioButton(tr(kAmountNames[i]), this);
    button->setToolTip(tr("Shares of %1").arg(tr(kAmountNames[i])));
    button->setChecked(i == 0);
    amounts_->addButton(button, static_cast<int>(i));
    head->addWidget(button);
  }
  charts_->setSpacing(4);
  charts_->addWidget(scrolled(servers_, this), 1);
  charts_->addWidget(scrolled(clients_, this), 1);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(2);
  layout->addLayout(head);
  layout->addLayout(charts_, 1);
  connect(amounts_, &QButtonGroup::idToggled, this, [this](int, bool on) {
    if (on) draw();
  });
}

Amount DistributionView::amount() const { return static_cast<Amount>(amounts_->checkedId()); }

QString DistributionView::empty_text() const {
  QString general = View::empty_text();
  if (!general.isEmpty()) return general;
  const Shares* shares = shares_.find(focus().current());
  if (shares == nullptr) return tr("Counting …");
  if (!shares->servers.empty() || !shares->clients.empty()) return {};
  if (!focus().current()->facts().complete) {
    return tr("The run goes on: what fell to whom is counted when it has ended.");
  }
  return tr("Nothing passed the balancer in this run.");
}

void DistributionView::traces_changed() {
  shares_.look_at(focus(),
                  [](const trace::Reader& trace) { return read_shares(trace, kMostClients); });
  draw();
}

void DistributionView::draw() {
  if (shares_.find(focus().current()) != nullptr) {
    servers_->show_bars(servers_chart());
    clients_->show_bars(clients_chart());
    headline_->setText(headline());
    for (Chart* chart : {servers_, clients_}) {
      chart->setMinimumHeight(std::min(chart->sizeHint().height(), 4000));
    }
  }
  update_notice();
}

BarChart DistributionView::servers_chart() const {
  const auto which = static_cast<std::size_t>(amount());
  const Shares& shares = *shares_.find(focus().current());
  const Shares* other = shares_.find(focus().compared());
  BarChart chart;
  chart.title = tr("Per server");
  chart.unit = tr("% of %1").arg(tr(kAmountNames[which]));
  add_names(chart.categories, shares.servers);
  if (other != nullptr) add_names(chart.categories, other->servers);
  ChartSeries expected{tr("by weight"), {}, SeriesLook::expected};
  for (const QString& name : chart.categories) {
    const ShareRow* row = row_named(shares.servers, name.toStdString());
    expected.values.push_back(row == nullptr ? 0 : row->expected * 100);
  }
  ChartSeries actual = series_of(shares.servers, chart.categories, which);
  actual.name = name_of(focus().current());
  chart.series = {actual, expected};
  if (other != nullptr) {
    ChartSeries compared = series_of(other->servers, chart.categories, which);
    compared.name = name_of(focus().compared());
    compared.look = SeriesLook::compared;
    chart.series.insert(chart.series.begin() + 1, compared);
  }
  return chart;
}

BarChart DistributionView::clients_chart() const {
  // Requests are counted by the servers' hosts: nobody knows whose they were.
  const Amount of = amount() == Amount::requests ? Amount::connections : amount();
  const auto which = static_cast<std::size_t>(of);
  const Shares& shares = *shares_.find(focus().current());
  const Shares* other = shares_.find(focus().compared());
  BarChart chart;
  chart.title = shares.client_count > kMostClients + 1
                    ? tr("Per client, %1 of %2").arg(kMostClients).arg(shares.client_count)
                    : tr("Per client");
  chart.unit = tr("% of %1").arg(tr(kAmountNames[which]));
  add_names(chart.categories, shares.clients);
  if (other != nullptr) add_names(chart.categories, other->clients);
  ChartSeries actual = series_of(shares.clients, chart.categories, which);
  actual.name = name_of(focus().current());
  chart.series = {actual};
  if (other != nullptr) {
    ChartSeries compared = series_of(other->clients, chart.categories, which);
    compared.name = name_of(focus().compared());
    compared.look = SeriesLook::compared;
    chart.series.push_back(compared);
  }
  return chart;
}

// As short as tells the two apart: legends have little room.
QString DistributionView::name_of(const OpenTrace* trace) const {
  const OpenTrace* current = focus().current();
  const OpenTrace* other = focus().compared();
  if (other == nullptr) return tr("actual");
  const trace::RunMetadata& mine = current->facts().metadata;
  const trace::RunMetadata& theirs = other->facts().metadata;
  const trace::RunMetadata& of = trace->facts().metadata;
  if (mine.run != theirs.run) return text(of.run);
  return mine.world != theirs.world ? text(of.world) : trace->label();
}

QString DistributionView::headline() const {
  QStringList parts;
  for (const metrics::Imbalance& group : shares_.find(focus().current())->imbalances) {
    const double value = amount() == Amount::requests ? group.requests : group.connections;
    const QString figure = QString::number(value, 'f', 2);
    parts.push_back(value < 1.05
                        ? tr("%1: as weighted (IMB %2)").arg(text(group.group), figure)
                        : tr("<b>%1: the fullest server has %2 × what its weight says</b> (IMB)")
                              .arg(text(group.group).toHtmlEscaped(), figure));
  }
  return parts.join(QStringLiteral(" · "));
}

void DistributionView::resizeEvent(QResizeEvent* event) {
  View::resizeEvent(event);
  charts_->setDirection(width() >= kSideBySide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

DataTable DistributionView::table() const {
  DataTable table;
  table.columns = {"run",
                   "kind",
                   "name",
                   "group",
                   "connections",
                   "requests",
                   "bytes (B)",
                   "share of connections",
                   "share of requests",
                   "share of bytes",
                   "expected share"};
  for (const OpenTrace* trace : focus().readable()) {
    const Shares* shares = shares_.find(trace);
    if (shares == nullptr) continue;
    for (const bool servers : {true, false}) {
      for (const ShareRow& row : servers ? shares->servers : shares->clients) {
        QStringList cells{trace->label(), servers ? "server" : "client", text(row.name),
                          text(row.group)};
        for (const double value : row.amount) cells.push_back(QString::number(value, 'f', 0));
        for (const double share : row.share) cells.push_back(QString::number(share, 'f', 6));
        cells.push_back(servers ? QString::number(row.expected, 'f', 6) : QString());
        table.rows.push_back(cells);
      }
    }
  }
  return table;
}

QJsonObject DistributionView::settings() const {
  return {{"amount", QString::fromUtf8(kAmountNames[static_cast<std::size_t>(amount())])}};
}

void DistributionView::restore(const QJsonObject& settings) {
  for (std::size_t i = 0; i < kAmounts; ++i) {
    if (settings["amount"].toString() == QLatin1String(kAmountNames[i])) {
      amounts_->button(static_cast<int>(i))->setChecked(true);
    }
  }
}

}  // namespace elblab::gui
