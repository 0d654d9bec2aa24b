#include "gui/timeline/series_chooser.hpp"

#include <QPushButton>
#include <QVBoxLayout>

namespace elblab::gui {

SeriesChooser::SeriesChooser(QWidget* parent)
    : QWidget(parent), filter_(new QLineEdit(this)), list_(new QListView(this)) {
  filtered_.setSourceModel(&model_);
  filtered_.setFilterCaseSensitivity(Qt::CaseInsensitive);
  filter_->setObjectName(QStringLiteral("series filter"));
  filter_->setPlaceholderText(tr("Filter: time_wait, b1 …"));
  filter_->setClearButtonEnabled(true);
  list_->setObjectName(QStringLiteral("series list"));
  list_->setModel(&filtered_);
  list_->setUniformItemSizes(true);
  auto* defaults = new QPushButton(tr("Those expected"), this);
  defaults->setToolTip(tr("Back to the measures that the scenario is judged by"));

  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(4, 0, 4, 4);
  layout->addWidget(filter_);
  layout->addWidget(list_);
  layout->addWidget(defaults);
  connect(filter_, &QLineEdit::textChanged, &filtered_,
          &QSortFilterProxyModel::setFilterFixedString);
  connect(&model_, &SeriesModel::chosen, this, [this] { Q_EMIT chosen(model_.checked()); });
  connect(defaults, &QPushButton::clicked, this, &SeriesChooser::defaults_wanted);
}

void SeriesChooser::focus_filter() {
  filter_->setFocus(Qt::ShortcutFocusReason);
  filter_->selectAll();
}

}  // namespace elblab::gui
