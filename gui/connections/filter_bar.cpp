#include "gui/connections/filter_bar.hpp"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QStyle>
#include <QTimer>
#include <QToolButton>

#include "gui/theme/theme.hpp"

namespace elblab::gui {
namespace {

constexpr int kTypingPause = 250;  // ms without a key before a search begins

QComboBox* choice(QWidget* parent, const QString& none, const QString& tip) {
  auto* box = new QComboBox(parent);
  box->addItem(none);
  box->setToolTip(tip);
  box->setSizeAdjustPolicy(QComboBox::AdjustToContentsOnFirstShow);
  box->setMinimumContentsLength(8);
  return box;
}

bool offers(const QComboBox& box, const QStringList& names) {
  if (box.count() != names.size() + 1) return false;
  for (int i = 0; i < names.size(); ++i) {
    if (box.itemData(i + 1).toString() != names[i]) return false;
  }
  return true;
}

void refill(QComboBox& box, const QStringList& names) {
  if (offers(box, names)) return;  // one that is open stays as it is
  const QSignalBlocker silent(box);
  const QString chosen = box.currentIndex() > 0 ? box.currentData().toString() : QString();
  while (box.count() > 1) box.removeItem(1);
  for (const QString& name : names) {
    box.addItem(QString(name).replace(QLatin1Char('_'), QLatin1Char(' ')), name);
  }
  const int at = chosen.isEmpty() ? 0 : box.findData(chosen);
  box.setCurrentIndex(at < 0 ? 0 : at);
}

std::string chosen_name(const QComboBox& box) {
  return box.currentIndex() > 0 ? box.currentData().toString().toStdString() : std::string();
}

}  // namespace

FilterBar::FilterBar(QWidget* parent)
    : QWidget(parent),
      words_(new QLineEdit(this)),
      object_(choice(this, tr("seen by anyone"), tr("Who saw the connection"))),
      reason_(choice(this, tr("however ended"), tr("How the connection ended"))),
      in_time_(new QCheckBox(tr("in time shown"), this)),
      with_packets_(new QCheckBox(tr("with packets"), this)),
      typing_(new QTimer(this)) {
  words_->setObjectName(QStringLiteral("words"));
  words_->setPlaceholderText(tr("Find: address, :port, c1, reset, >0 …"));
  words_->setToolTip(
      tr("Words, all of which must hold: an address or 10.0.0.1:80 or :80, a host, a "
         "server, how it ended (or a part of it), client, server, session, tcp, "
         "udp, >0 (more than so many retransmissions)"));
  words_->setClearButtonEnabled(true);
  words_->setMinimumWidth(120);
  in_time_->setToolTip(tr("Only connections open at some moment of the stretch of time shown"));
  with_packets_->setToolTip(
      tr("Only connections whose packets were kept: their ladder is complete"));
  auto* clear_all = new QToolButton(this);
  clear_all->setText(tr("Clear"));
  clear_all->setToolTip(tr("Show all connections"));
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(4, 4, 4, 4);
  layout->addWidget(words_, 1);
  for (QWidget* widget :
       std::initializer_list<QWidget*>{object_, reason_, in_time_, with_packets_, clear_all}) {
    layout->addWidget(widget);
  }
  typing_->setSingleShot(true);
  typing_->setInterval(kTypingPause);
  connect(words_, &QLineEdit::textChanged, typing_, [this] { typing_->start(); });
  connect(words_, &QLineEdit::returnPressed, this, [this] {
    typing_->stop();
    Q_EMIT changed();
  });
  connect(typing_, &QTimer::timeout, this, &FilterBar::changed);
  connect(this, &FilterBar::changed, this, [this] { tell_problem(); });
  for (QComboBox* box : {object_, reason_}) {
    connect(box, &QComboBox::currentIndexChanged, this, &FilterBar::changed);
  }
  for (QCheckBox* box : {in_time_, with_packets_}) {
    connect(box, &QCheckBox::toggled, this, &FilterBar::changed);
  }
  connect(clear_all, &QToolButton::clicked, this, &FilterBar::clear);
}

void FilterBar::offer(const KnownNames& names) {
  names_ = names;
  refill(*object_, names.objects);
  refill(*reason_, names.reasons);
  tell_problem();
}

void FilterBar::tell_problem() {
  const QString problem = filter_of_words(words_->text(), names_).problem;
  // Nothing but this colour: a whole palette would stay when the theme goes.
  QPalette colours;
  if (!problem.isEmpty()) colours.setColor(QPalette::Text, Theme::of(palette()).bad);
  words_->setPalette(colours);
}

void FilterBar::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) tell_problem();
}

trace::ConnectionFilter FilterBar::filter() const {
  trace::ConnectionFilter filter = filter_of_words(words_->text(), names_).filter;
  if (std::string object = chosen_name(*object_); !object.empty()) filter.objects = {object};
  if (std::string reason = chosen_name(*reason_); !reason.empty()) filter.reasons = {reason};
  filter.with_packets = with_packets_->isChecked();
  return filter;
}

bool FilterBar::follows_time() const { return in_time_->isChecked(); }

bool FilterBar::filters_anything() const {
  return !words_->text().trimmed().isEmpty() || object_->currentIndex() > 0 ||
         reason_->currentIndex() > 0 || in_time_->isChecked() || with_packets_->isChecked();
}

void FilterBar::clear() {
  {
    const QSignalBlocker silent(this);
    words_->clear();
    object_->setCurrentIndex(0);
    reason_->setCurrentIndex(0);
    in_time_->setChecked(false);
    with_packets_->setChecked(false);
    typing_->stop();
  }
  Q_EMIT changed();
}

void FilterBar::focus_words() {
  words_->setFocus(Qt::ShortcutFocusReason);
  words_->selectAll();
}

QJsonObject FilterBar::settings() const {
  return {{"words", words_->text()},
          {"object", QString::fromStdString(chosen_name(*object_))},
          {"reason", QString::fromStdString(chosen_name(*reason_))},
          {"in_time", in_time_->isChecked()},
          {"with_packets", with_packets_->isChecked()}};
}

void FilterBar::restore(const QJsonObject& settings) {
  {
    const QSignalBlocker silent(this);
    words_->setText(settings["words"].toString());
    typing_->stop();
    for (auto& [box, key] : {std::pair{object_, "object"}, std::pair{reason_, "reason"}}) {
      const QString name = settings[QLatin1String(key)].toString();
      if (name.isEmpty()) continue;
      // The trace may not have been read yet: offer() keeps what still exists.
      if (box->findData(name) < 0) box->addItem(name, name);
      box->setCurrentIndex(box->findData(name));
    }
    in_time_->setChecked(settings["in_time"].toBool());
    with_packets_->setChecked(settings["with_packets"].toBool());
  }
  Q_EMIT changed();
}

}  // namespace elblab::gui
