// The view `connections`: every connection of the trace, filtered and sorted by a worker; choosing
// one shows its ladder.
#pragma once

#include <optional>

#include "gui/connections/connection_model.hpp"
#include "gui/connections/filter_words.hpp"
#include "gui/views/view.hpp"

class QProgressBar;
class QTableView;
class QToolButton;

namespace elblab::gui {

class FilterBar;

class ConnectionsView : public View {
  Q_OBJECT

 public:
  explicit ConnectionsView(ViewContext context, QWidget* parent = nullptr);

  QString empty_text() const override;
  // The rows from the first on that are in memory, at least the first page.
  DataTable table() const override;
  QJsonObject settings() const override;
  void restore(const QJsonObject& settings) override;

  ConnectionModel& model() { return *model_; }

 protected:
  bool stop_work() override;
  void traces_changed() override;
  void range_changed() override;
  void connection_changed() override;
  void highlight_changed() override;

 private:
  struct Facts {
    std::uint64_t count = 0;
    KnownNames names;
  };
  static Facts look_at(const trace::Reader& reader);

  void take_facts(const Facts& facts);
  // A new list: all, those of the evidence, or those a search finds.
  void list_again();
  void search(const trace::ConnectionFilter& filter);
  void show_list(ConnectionList list);
  void ask_page(std::size_t page);
  void choose_current();
  void point_at_chosen();
  void tell_state();
  bool lists_all() const;
  // Of the highlight, as far as it is of the trace on show.
  std::vector<std::uint64_t> evidence_on_show() const;

  ConnectionModel* model_;
  QTableView* table_;
  FilterBar* filter_;
  QLabel* state_;
  QProgressBar* progress_;
  QToolButton* stop_;
  QToolButton* show_all_;
  trace::ConnectionOrder order_;
  LatestRequest search_;
  LatestRequest facts_;
  // Ids of a piece of evidence; empty: not limited to them.
  std::vector<std::uint64_t> evidence_;
  std::uint64_t count_ = 0;
  int trace_ = 0;
  std::uint64_t generation_ = 0;
  bool looked_ = false;  // count_ is known
  bool searching_ = false;
  bool stopped_ = false;
  bool pointing_ = false;  // the current row is being set, not chosen by a person
};

}  // namespace elblab::gui
