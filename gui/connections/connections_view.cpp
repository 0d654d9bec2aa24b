#include "gui/connections/connections_view.hpp"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QShortcut>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <unordered_set>

#include "gui/connections/connection_columns.hpp"
#include "gui/connections/filter_bar.hpp"

namespace elblab::gui {
namespace {

// Neighbouring ids are read together.
std::vector<trace::ConnectionRow> read_rows(const trace::Reader& reader,
                                            const std::vector<std::uint64_t>& ids) {
  std::vector<trace::ConnectionRow> rows;
  for (std::size_t i = 0; i < ids.size();) {
    std::size_t length = 1;
    while (i + length < ids.size() && ids[i + length] == ids[i] + length) ++length;
    for (trace::ConnectionRow& row : reader.connections(ids[i], length)) {
      rows.push_back(std::move(row));
    }
    i += length;
  }
  return rows;
}

QString counted(std::uint64_t number) {
  return QLocale(QLocale::English).toString(static_cast<qulonglong>(number));
}

// Names in the order in which they come, each once.
class Names {
 public:
  void add(const trace::QueryCell& name) {
    const std::string text = trace::to_text(name);
    if (!text.empty() && known_.insert(text).second) list_ << QString::fromStdString(text);
  }
  QStringList take() { return std::move(list_); }

 private:
  std::unordered_set<std::string> known_;
  QStringList list_;
};

QTableView* make_table(QWidget* parent) {
  auto* table = new QTableView(parent);
  table->setSelectionBehavior(QAbstractItemView::SelectRows);
  table->setSelectionMode(QAbstractItemView::SingleSelection);
  table->setWordWrap(false);
  table->setShowGrid(false);
  table->setAlternatingRowColors(true);
  table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  table->setTabKeyNavigation(false);
  QHeaderView& rows = *table->verticalHeader();
  rows.hide();
  rows.setSectionResizeMode(QHeaderView::Fixed);
  rows.setDefaultSectionSize(QFontMetrics(table->font()).height() + 6);
  rows.setMinimumSectionSize(QFontMetrics(table->font()).height() + 2);
  return table;
}

}  // namespace

ConnectionsView::ConnectionsView(ViewContext context, QWidget* parent)
    : View(context, parent),
      model_(new ConnectionModel(this)),
      table_(make_table(this)),
      filter_(new FilterBar(this)),
      state_(new QLabel(this)),
      progress_(new QProgressBar(this)),
      stop_(new QToolButton(this)),
      show_all_(new QToolButton(this)) {
  table_->setModel(model_);
  QHeaderView& header = *table_->horizontalHeader();
  header.setSectionsMovable(true);
  header.setHighlightSections(false);
  header.setSortIndicator(0, Qt::AscendingOrder);
  table_->setSortingEnabled(true);
  const int letter = QFontMetrics(table_->font()).averageCharWidth();
  for (int column = 0; column < model_->columnCount(); ++column) {
    const int letters = connection_columns()[static_cast<std::size_t>(column)].width;
    table_->setColumnWidth(column, letters * letter + 14);
  }
  progress_->setRange(0, 0);
  progress_->setMaximumWidth(120);
  progress_->setMaximumHeight(14);
  stop_->setText(tr("Stop"));
  stop_->setToolTip(tr("Stop searching (Esc)"));
  show_all_->setText(tr("Show all"));
  auto* foot = new QHBoxLayout;
  foot->setContentsMargins(6, 2, 6, 2);
  foot->addWidget(state_, 1);
  for (QWidget* widget : std::initializer_list<QWidget*>{show_all_, progress_, stop_}) {
    foot->addWidget(widget);
    widget->hide();
  }
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(filter_);
  layout->addWidget(table_, 1);
  layout->addLayout(foot);
  setFocusProxy(table_);

  connect(model_, &ConnectionModel::page_wanted, this,
          [this](std::size_t page) { ask_page(page); });
  connect(model_, &ConnectionModel::sort_wanted, this, [this](int column, Qt::SortOrder order) {
    order_ = {connection_columns()[static_cast<std::size_t>(std::max(column, 0))].order,
              order == Qt::DescendingOrder};
    list_again();
  });
  connect(filter_, &FilterBar::changed, this, [this] {
    evidence_.clear();
    list_again();
  });
  connect(stop_, &QToolButton::clicked, this, [this] { stop_work(); });
  connect(show_all_, &QToolButton::clicked, filter_, &FilterBar::clear);
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this] { choose_current(); });
  auto* find = new QShortcut(QKeySequence::Find, this);
  find->setContext(Qt::WidgetWithChildrenShortcut);
  connect(find, &QShortcut::activated, filter_, &FilterBar::focus_words);
}

QString ConnectionsView::empty_text() const {
  QString general = View::empty_text();
  if (!general.isEmpty()) return general;
  if (count_ > 0 || !looked_) return {};
  return tr("No connection has ended in this run.");
}

ConnectionsView::Facts ConnectionsView::look_at(const trace::Reader& reader) {
  Facts facts;
  facts.count = reader.connection_count();
  trace::Query classes = reader.query(
      "SELECT o.name, p.name, ro.name, re.name, pt.name FROM connection_classes k"
      " LEFT JOIN objects o ON o.id = k.object LEFT JOIN objects p ON p.id = k.peer"
      " LEFT JOIN roles ro ON ro.id = k.role LEFT JOIN reasons re ON re.id = k.reason"
      " LEFT JOIN protocols pt ON pt.id = k.protocol ORDER BY k.object, k.id");
  std::array<Names, 5> names;
  while (classes.next()) {
    for (std::size_t i = 0; i < names.size(); ++i) names[i].add(classes.row()[i]);
  }
  facts.names = {names[0].take(), names[1].take(), names[2].take(), names[3].take(),
                 names[4].take()};
  facts.names.reasons.sort();
  return facts;
}

void ConnectionsView::traces_changed() {
  OpenTrace* trace = focus().current();
  const int id = trace == nullptr || !trace->readable() ? 0 : trace->id();
  const std::uint64_t generation = id == 0 ? 0 : trace->generation();
  if (id == trace_ && generation == generation_) return;
  if (id != trace_) {
    // What is found for the trace before is not of this one.
    search_.cancel();
    searching_ = false;
    stopped_ = false;
    evidence_ = evidence_on_show();
    count_ = 0;
    looked_ = false;
    show_list({});
  }
  trace_ = id;
  generation_ = generation;
  facts_.cancel();
  if (id == 0) return;
  facts_ = trace->ask(LaneKind::quick, this, &ConnectionsView::look_at,
                      [this](const Facts& facts) { take_facts(facts); });
}

void ConnectionsView::take_facts(const Facts& facts) {
  const bool first = count_ == 0;
  looked_ = true;
  count_ = facts.count;
  filter_->offer(facts.names);
  if (!first && lists_all()) {
    model_->grow(count_);
    tell_state();
  } else {
    list_again();
  }
  update_notice();
}

bool ConnectionsView::lists_all() const {
  return evidence_.empty() && !filter_->filters_anything() &&
         order_.by == trace::ConnectionColumn::id && !order_.descending;
}

void ConnectionsView::list_again() {
  OpenTrace* trace = focus().current();
  search_.cancel();
  searching_ = false;
  stopped_ = false;
  if (trace == nullptr || !trace->readable()) return;
  if (!evidence_.empty()) return show_list({count_, evidence_});
  if (lists_all()) return show_list({count_, std::nullopt});
  trace::ConnectionFilter filter = filter_->filter();
  if (filter_->follows_time() && selection().range()) {
    filter.from = selection().range()->from;
    filter.to = selection().range()->to;
  }
  search(filter);
}

void ConnectionsView::search(const trace::ConnectionFilter& filter) {
  searching_ = true;
  using Ids = std::optional<std::vector<std::uint64_t>>;
  search_ = focus().current()->ask(
      LaneKind::thorough, this,
      [filter, order = order_](const trace::Reader& reader, const CancelFlag& cancel) {
        return trace::find_connections(reader, filter, order, cancel.flag());
      },
      [this](Ids ids) {
        searching_ = false;
        if (ids) return show_list({count_, std::move(ids)});
        stopped_ = true;
        tell_state();
      });
  tell_state();
}

bool ConnectionsView::stop_work() {
  if (!searching_) return false;
  search_.cancel();
  searching_ = false;
  stopped_ = true;
  tell_state();
  return true;
}

void ConnectionsView::show_list(ConnectionList list) {
  pointing_ = true;
  model_->show_list(std::move(list));
  pointing_ = false;
  if (model_->list().size() > 0) ask_page(0);
  point_at_chosen();
  tell_state();
}

void ConnectionsView::ask_page(std::size_t page) {
  OpenTrace* trace = focus().current();
  if (trace == nullptr || !trace->readable()) return;
  trace->ask(
      LaneKind::quick, this,
      [ids = model_->ids_of_page(page)](const trace::Reader& reader) {
        return read_rows(reader, ids);
      },
      [this, page, list = model_->list_number()](ConnectionPages::Page rows) {
        model_->take_page(list, page, std::move(rows));
      });
}

void ConnectionsView::choose_current() {
  const QModelIndex current = table_->selectionModel()->currentIndex();
  if (pointing_ || !current.isValid() || focus().current() == nullptr) return;
  selection().choose_connection(ConnectionRef{
      focus().current()->id(), model_->list().at(static_cast<std::uint64_t>(current.row()))});
}

void ConnectionsView::connection_changed() { point_at_chosen(); }

void ConnectionsView::point_at_chosen() {
  const std::optional<ConnectionRef>& chosen = selection().connection();
  const OpenTrace* trace = focus().current();
  if (!chosen || trace == nullptr || chosen->trace != trace->id()) return;
  const std::optional<std::uint64_t> row = model_->list().find(chosen->id);
  if (!row || *row >= static_cast<std::uint64_t>(model_->rowCount())) return;
  if (table_->currentIndex().row() == static_cast<int>(*row)) return;
  pointing_ = true;
  table_->selectRow(static_cast<int>(*row));
  table_->scrollTo(model_->index(static_cast<int>(*row), 0));
  pointing_ = false;
}

void ConnectionsView::range_changed() {
  if (filter_->follows_time() && evidence_.empty()) list_again();
}

std::vector<std::uint64_t> ConnectionsView::evidence_on_show() const {
  const std::optional<Highlight>& highlight = selection().highlight();
  const OpenTrace* trace = focus().current();
  if (!highlight || trace == nullptr || highlight->trace != trace->id()) return {};
  return highlight->connections;
}

void ConnectionsView::highlight_changed() {
  std::vector<std::uint64_t> evidence = evidence_on_show();
  if (evidence == evidence_) return;
  evidence_ = std::move(evidence);
  list_again();
}

void ConnectionsView::tell_state() {
  QString text;
  const std::uint64_t shown = model_->list().size();
  if (searching_) {
    text = tr("Searching %1 connections …").arg(counted(count_));
  } else if (stopped_) {
    text = tr("Stopped; the list below is the one before.");
  } else if (!evidence_.empty()) {
    text = tr("%1 connections of the evidence, of %2").arg(counted(shown), counted(count_));
  } else if (shown != count_) {
    text = tr("%1 of %2 connections").arg(counted(shown), counted(count_));
  } else {
    text = tr("%1 connections").arg(counted(count_));
  }
  if (shown > ConnectionModel::kMostRows) {
    text += tr(", the first %1 can be scrolled").arg(counted(ConnectionModel::kMostRows));
  }
  state_->setText(text);
  progress_->setVisible(searching_);
  stop_->setVisible(searching_);
  show_all_->setVisible(!searching_ && shown != count_);
}

DataTable ConnectionsView::table() const {
  DataTable table;
  for (const ConnectionColumnInfo& column : connection_columns()) {
    table.columns.push_back(QString::fromUtf8(column.title));
  }
  for (std::uint64_t row = 0; row < model_->list().size(); ++row) {
    const trace::ConnectionRow* connection = model_->row_at(row);
    if (connection == nullptr) break;
    QStringList cells;
    for (const ConnectionColumnInfo& column : connection_columns()) {
      cells.push_back(column.text(*connection));
    }
    table.rows.push_back(cells);
  }
  return table;
}

QJsonObject ConnectionsView::settings() const {
  return {{"filter", filter_->settings()},
          {"columns", QString::fromLatin1(table_->horizontalHeader()->saveState().toBase64())}};
}

void ConnectionsView::restore(const QJsonObject& settings) {
  const QByteArray columns = QByteArray::fromBase64(settings["columns"].toString().toLatin1());
  if (!columns.isEmpty()) table_->horizontalHeader()->restoreState(columns);
  filter_->restore(settings["filter"].toObject());
}

}  // namespace elblab::gui
