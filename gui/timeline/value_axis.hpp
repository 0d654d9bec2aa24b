// A vertical axis of values: a round top, round steps, labels a person reads.
#pragma once

#include <QString>
#include <vector>

namespace elblab::gui {

class ValueAxis {
 public:
  // Holds low … high and 0, widened to round numbers; bottom > top in pixels.
  ValueAxis(double low, double high, double top, double bottom);

  double low() const { return low_; }
  double high() const { return high_; }
  double y_of(double value) const;
  std::vector<double> ticks() const;
  QString label(double tick) const;

 private:
  double low_;
  double high_;
  double step_;
  double top_;
  double bottom_;
};

// "28,232", "470.4", "12.3 M" from a million on.
QString value_text(double value);

}  // namespace elblab::gui
