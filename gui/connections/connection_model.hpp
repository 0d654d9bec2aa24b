// The list of connections as Qt's tables want it: millions of rows of which a few pages are in
// memory; the others are asked for when they come into view.
//
// Which connections stand in it, and in which order, is a list of ids that a worker made
// (ConnectionList), or simply all of them. A row whose page is not here yet shows "…" and
// page_wanted() is sent once; take_page() brings it.
#pragma once

#include <QAbstractTableModel>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "gui/connections/connection_pages.hpp"

namespace elblab::gui {

// The ids of the rows, in order: those of `ids`, or without a list 1 … `all`.
struct ConnectionList {
  std::uint64_t all = 0;
  std::optional<std::vector<std::uint64_t>> ids;

  std::uint64_t size() const { return ids ? ids->size() : all; }
  std::uint64_t at(std::uint64_t row) const { return ids ? (*ids)[row] : row + 1; }
  // O(size) with a list.
  std::optional<std::uint64_t> find(std::uint64_t id) const;
};

class ConnectionModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  // A view cannot scroll through more: its coordinates are 32 bits.
  static constexpr std::uint64_t kMostRows = 50'000'000;

  using QAbstractTableModel::QAbstractTableModel;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  // Only tells it to sort_wanted(): the view that asks the trace answers with show_list().
  void sort(int column, Qt::SortOrder order) override;

  void show_list(ConnectionList list);
  // Others were added at the end of the same list: a growing trace. Only without ids.
  void grow(std::uint64_t all);
  const ConnectionList& list() const { return list_; }
  // Counts up with each show_list(): answers that belong to an older list are left out.
  std::uint64_t list_number() const { return list_number_; }

  std::vector<std::uint64_t> ids_of_page(std::size_t page) const;
  void take_page(std::uint64_t list_number, std::size_t page, ConnectionPages::Page rows);
  // The row when its page is here; does not ask for it.
  const trace::ConnectionRow* row_at(std::uint64_t row) const;

 Q_SIGNALS:
  void page_wanted(std::size_t page);
  void sort_wanted(int column, Qt::SortOrder order);

 private:
  const trace::ConnectionRow* wanted_row(std::uint64_t row) const;

  ConnectionList list_;
  std::uint64_t list_number_ = 0;
  // What data() touches although it changes nothing that can be seen.
  mutable ConnectionPages pages_;
  mutable std::set<std::size_t> asked_;
};

}  // namespace elblab::gui
