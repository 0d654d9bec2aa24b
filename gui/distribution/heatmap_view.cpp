#include "gui/distribution/heatmap_view.hpp"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "analysis/metrics/metrics.hpp"

namespace elblab::gui {
namespace {

constexpr std::size_t kMostCells = 200'000;
constexpr std::size_t kMostRows = 1000;

struct Row {
  std::string client;
  double connections = 0;
  std::map<std::string, metrics::TrafficCell> cells;  // by server
};

std::vector<Row> rows_of(const std::vector<metrics::TrafficCell>& cells) {
  std::map<std::string, Row> by_client;
  for (const metrics::TrafficCell& cell : cells) {
    Row& row = by_client[cell.client];
    row.client = cell.client;
    row.connections += static_cast<double>(cell.connections);
    row.cells[cell.server] = cell;
  }
  std::vector<Row> rows;
  rows.reserve(by_client.size());
  for (auto& [client, row] : by_client) rows.push_back(std::move(row));
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    if ((a.client == "others") != (b.client == "others")) return b.client == "others";
    return a.connections > b.connections;
  });
  return rows;
}

// What is beyond the longest map anybody scrolls through, in one row.
void sum_up(std::vector<Row>& rows) {
  if (rows.size() <= kMostRows + 1) return;
  Row others;
  others.client = "others";
  for (std::size_t i = kMostRows; i < rows.size(); ++i) {
    for (const auto& [server, cell] : rows[i].cells) {
      metrics::TrafficCell& sum = others.cells[server];
      sum.connections += cell.connections;
      sum.bytes += cell.bytes;
    }
  }
  rows.resize(kMostRows);
  rows.push_back(std::move(others));
}

}  // namespace

HeatmapView::HeatmapView(ViewContext context, QWidget* parent)
    : View(context, parent),
      traffic_(this, [this] { draw(); }),
      map_(new HeatMap(this)),
      amount_(new QComboBox(this)),
      state_(new QLabel(this)) {
  setAutoFillBackground(true);
  setBackgroundRole(QPalette::Base);
  amount_->addItems({tr("connections"), tr("bytes")});
  amount_->setToolTip(tr("What the cells count"));
  auto* head = new QHBoxLayout;
  head->setContentsMargins(8, 4, 8, 2);
  head->addWidget(state_, 1);
  head->addWidget(amount_);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(2);
  layout->addLayout(head);
  layout->addWidget(map_, 1);
  setFocusProxy(map_);
  connect(amount_, &QComboBox::currentIndexChanged, this, [this] { draw(); });
  connect(map_, &HeatMap::cell_chosen, this, [this] { state_->setText(state_text()); });
}

HeatmapView::Traffic HeatmapView::read(const trace::Reader& trace) {
  std::vector<Row> rows = rows_of(metrics::traffic_matrix(trace, kMostCells));
  Traffic traffic;
  traffic.clients = rows.size();
  sum_up(rows);
  std::set<QString> names;
  for (const Row& row : rows) {
    for (const auto& [server, cell] : row.cells) names.insert(QString::fromStdString(server));
  }
  const QStringList servers(names.begin(), names.end());
  for (HeatCells* cells : {&traffic.connections, &traffic.bytes}) {
    cells->unit = cells == &traffic.connections ? tr("connections") : tr("B");
    cells->columns = servers;
    for (const Row& row : rows) {
      cells->rows.push_back(QString::fromStdString(row.client));
      for (const QString& server : servers) {
        const auto cell = row.cells.find(server.toStdString());
        double value = 0;
        if (cell != row.cells.end()) {
          value = static_cast<double>(cells == &traffic.connections ? cell->second.connections
                                                                    : cell->second.bytes);
        }
        cells->values.push_back(value);
        cells->most = std::max(cells->most, value);
      }
    }
    for (QString& server : cells->columns) {
      if (server.isEmpty()) server = tr("(no server)");
    }
  }
  return traffic;
}

const HeatCells* HeatmapView::cells() const {
  const Traffic* traffic = traffic_.find(focus().current());
  if (traffic == nullptr) return nullptr;
  return amount_->currentIndex() == 0 ? &traffic->connections : &traffic->bytes;
}

QString HeatmapView::empty_text() const {
  QString general = View::empty_text();
  if (!general.isEmpty()) return general;
  const HeatCells* known = cells();
  if (known == nullptr) return tr("Counting …");
  if (!known->values.empty()) return {};
  if (!focus().current()->facts().complete) {
    return tr("The run goes on: who had what from whom is counted when it has ended.");
  }
  return tr("Nothing passed the balancer in this run.");
}

void HeatmapView::traces_changed() {
  traffic_.look_at(focus(), &HeatmapView::read);
  draw();
}

void HeatmapView::draw() {
  if (const HeatCells* known = cells()) map_->show_cells(*known);
  state_->setText(state_text());
  update_notice();
}

QString HeatmapView::state_text() const {
  if (map_->chosen()) return map_->text_of(*map_->chosen());
  const Traffic* traffic = traffic_.find(focus().current());
  if (traffic == nullptr) return {};
  const auto counted = [](qsizetype count, const char* one, const char* many) {
    return QStringLiteral("%1 %2").arg(count).arg(tr(count == 1 ? one : many));
  };
  return tr("%1 × %2, most connections first")
      .arg(counted(static_cast<qsizetype>(traffic->clients), "client", "clients"),
           counted(traffic->connections.columns.size(), "server", "servers"));
}

void HeatmapView::paint(QPainter& painter, QSize size) {
  if (!empty_text().isEmpty()) return View::paint(painter, size);
  const QFontMetricsF metrics(font());
  const double head = metrics.height() + 10;
  painter.fillRect(QRect(QPoint(), size), theme().ground);
  painter.setFont(font());
  painter.setPen(theme().text);
  painter.drawText(QRectF(8, 0, size.width() - 16, head), Qt::AlignVCenter,
                   state_text() + QStringLiteral(" · ") + amount_->currentText());
  map_->paint_picture(painter, QRectF(0, head, size.width(), size.height() - head));
}

DataTable HeatmapView::table() const {
  DataTable table;
  table.columns = {"client", "server", "connections", "bytes (B)"};
  const Traffic* traffic = traffic_.find(focus().current());
  if (traffic == nullptr) return table;
  const HeatCells& connections = traffic->connections;
  for (int row = 0; row < connections.rows.size(); ++row) {
    for (int column = 0; column < connections.columns.size(); ++column) {
      if (connections.at(row, column) <= 0) continue;
      table.rows.push_back({connections.rows[row], connections.columns[column],
                            QString::number(connections.at(row, column), 'f', 0),
                            QString::number(traffic->bytes.at(row, column), 'f', 0)});
    }
  }
  return table;
}

QJsonObject HeatmapView::settings() const {
  return {{"amount", amount_->currentIndex() == 0 ? "connections" : "bytes"}};
}

void HeatmapView::restore(const QJsonObject& settings) {
  amount_->setCurrentIndex(settings["amount"].toString() == QLatin1String("bytes") ? 1 : 0);
}

}  // namespace elblab::gui
