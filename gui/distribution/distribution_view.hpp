// The view `distribution`: shares per server, expected beside actual, and per client.
#pragma once

#include "gui/distribution/shares.hpp"
#include "gui/traces/trace_answers.hpp"
#include "gui/views/view.hpp"

class QBoxLayout;
class QButtonGroup;
class QScrollArea;

namespace elblab::gui {

class Chart;
struct BarChart;

class DistributionView : public View {
  Q_OBJECT

 public:
  explicit DistributionView(ViewContext context, QWidget* parent = nullptr);

  QString empty_text() const override;
  DataTable table() const override;
  QJsonObject settings() const override;
  void restore(const QJsonObject& settings) override;

 protected:
  void traces_changed() override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void draw();
  BarChart servers_chart() const;
  BarChart clients_chart() const;
  QString headline() const;
  QString name_of(const OpenTrace* trace) const;
  Amount amount() const;

  TraceAnswers<Shares> shares_;
  QLabel* headline_;
  QButtonGroup* amounts_;
  QBoxLayout* charts_;
  Chart* servers_;
  Chart* clients_;
};

}  // namespace elblab::gui
