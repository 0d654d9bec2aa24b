// The view `ladder`: the packets of the chosen connection, from the client to the server.
#pragma once

#include <optional>

#include "gui/connections/connection_story.hpp"
#include "gui/views/view.hpp"

namespace elblab::gui {

class LadderCanvas;

class LadderView : public View {
  Q_OBJECT

 public:
  explicit LadderView(ViewContext context, QWidget* parent = nullptr);

  QString empty_text() const override;
  void paint(QPainter& painter, QSize size) override;
  DataTable table() const override;

 protected:
  void traces_changed() override;
  void connection_changed() override;

 private:
  // The connection to show: the chosen one, or the first of the trace that has packets.
  void ask();
  void take(std::optional<ConnectionStory> story);
  QString title() const;
  // "chosen by lvs1: app/b2 of 4, …", a line for each decision.
  QString choice() const;
  QString remark() const;
  void tell_hop();

  LadderCanvas* canvas_;
  QLabel* title_;
  QLabel* choice_;
  QLabel* remark_;
  QLabel* details_;
  LatestRequest request_;
  std::optional<ConnectionStory> story_;
  int trace_ = 0;
  std::uint64_t generation_ = 0;
  bool asked_ = false;
};

}  // namespace elblab::gui
