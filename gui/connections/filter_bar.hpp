// The line above the list of connections: what to look for.
#pragma once

#include <QJsonObject>
#include <QWidget>

#include "gui/connections/filter_words.hpp"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QTimer;

namespace elblab::gui {

class FilterBar : public QWidget {
  Q_OBJECT

 public:
  explicit FilterBar(QWidget* parent = nullptr);

  // What the trace has; the choice is kept as far as it still exists.
  void offer(const KnownNames& names);
  // Without the time: whoever owns the bar knows the range. See follows_time().
  trace::ConnectionFilter filter() const;
  bool follows_time() const;
  bool filters_anything() const;

  QJsonObject settings() const;
  void restore(const QJsonObject& settings);

 public Q_SLOTS:
  void clear();
  void focus_words();

 Q_SIGNALS:
  void changed();

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void tell_problem();

  KnownNames names_;
  QLineEdit* words_;
  QComboBox* object_;
  QComboBox* reason_;
  QCheckBox* in_time_;
  QCheckBox* with_packets_;
  QTimer* typing_;
};

}  // namespace elblab::gui
