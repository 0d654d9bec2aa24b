#include "gui/distribution/distribution_view.hpp"

#include <QBoxLayout>
#include <QButtonGroup>
#include <QHash>
#include <QLabel>
#include <QRadioButton>
#include <QScrollArea>
#include <QSet>
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

// A value of each category's row, in percent; 0 where there is no such row.
template <class ValueOf>
std::vector<double> percents(const std::vector<ShareRow>& rows, const QStringList& categories,
                             ValueOf value_of) {
  QHash<QString, double> by_name;
  // The first of a name, as the categories.
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    by_name.insert(text(row->name), value_of(*row) * 100);
  }
  std::vector<double> values;
  for (const QString& name : categories) values.push_back(by_name.value(name, 0));
  return values;
}

ChartSeries series_of(const std::vector<ShareRow>& rows, const QStringList& categories,
                      std::size_t amount) {
  return {{}, percents(rows, categories, [&](const ShareRow& row) { return row.share[amount]; })};
}

void add_names(QStringList& names, const std::vector<ShareRow>& rows) {
  QSet<QString> known(names.begin(), names.end());
  for (const ShareRow& row : rows) {
    const QString name = text(row.name);
    if (known.contains(name)) continue;
    known.insert(name);
    names.push_back(name);
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
  const ChartSeries expected{
      tr("by weight"),
      percents(shares.servers, chart.categories, [](const ShareRow& row) { return row.expected; }),
      SeriesLook::expected};
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
