// Where a logarithmic axis of times has its labels.
#pragma once

#include <QString>
#include <vector>

namespace elblab::gui {

struct AxisLabel {
  double position = 0;  // log10 of the time in ns
  QString text;         // "200 µs"
};

// Labels at 1, 2 and 5 times powers of ten within [low_ns, high_ns], thinned to powers of ten when
// there would be more than `most`; O(decades). Times below 1 ns count as 1 ns.
std::vector<AxisLabel> time_axis_labels(double low_ns, double high_ns, std::size_t most);

}  // namespace elblab::gui
