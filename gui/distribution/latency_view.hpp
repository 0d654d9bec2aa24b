// The view `latency`: how long responses took, as a distribution and as quantiles, in the stretch
// of time shown.
#pragma once

#include "analysis/metrics/metrics.hpp"
#include "gui/traces/trace_answers.hpp"
#include "gui/views/view.hpp"

class QComboBox;

namespace elblab::gui {

class Chart;
struct Histogram;

class LatencyView : public View {
  Q_OBJECT

 public:
  explicit LatencyView(ViewContext context, QWidget* parent = nullptr);

  QString empty_text() const override;
  DataTable table() const override;
  QJsonObject settings() const override;
  void restore(const QJsonObject& settings) override;

 protected:
  void traces_changed() override;
  void range_changed() override;

 private:
  struct Times {
    std::vector<trace::LatencyBucket> buckets;         // of the workload chosen
    std::vector<metrics::LatencyQuantiles> quantiles;  // of every workload
  };
  struct Question {
    TimeRange range;
    std::string workload;
    bool operator==(const Question&) const = default;
  };
  void ask();
  void draw();
  void offer_workloads(const Times& times);
  Histogram histogram() const;
  QString quantiles_html() const;
  const metrics::LatencyQuantiles* quantiles_of(const Times& times) const;
  std::string workload() const;

  TraceAnswers<Times, Question> answers_;
  Chart* chart_;
  QComboBox* workload_;
  QLabel* state_;
  QLabel* quantiles_;
};

}  // namespace elblab::gui
