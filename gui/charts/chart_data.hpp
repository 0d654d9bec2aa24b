// What a chart shows, as plain numbers: the views fill these, Chart draws them.
#pragma once

#include <QString>
#include <QStringList>
#include <vector>

namespace elblab::gui {

enum class SeriesLook : unsigned char {
  actual,    // filled
  compared,  // of the other run: filled, the second colour
  expected,  // an outline over a pale ground: what it should be
};

struct ChartSeries {
  QString name;
  std::vector<double> values;  // one per category, or one per moment
  SeriesLook look = SeriesLook::actual;
  bool operator==(const ChartSeries&) const = default;
};

// Grouped bars, horizontal, so that long names stay readable: the first category on top.
struct BarChart {
  QString title;
  QString unit;  // of the values: "%"
  QStringList categories;
  std::vector<ChartSeries> series;
  bool operator==(const BarChart&) const = default;
};

// Layers on top of each other over the time of a run.
struct AreaChart {
  QString title;
  QString unit;
  std::vector<double> at_s;
  std::vector<ChartSeries> layers;  // the first at the bottom
  bool operator==(const AreaChart&) const = default;
};

// A distribution over an axis of times that spans decades: logarithmic, labelled 1-2-5.
struct Histogram {
  struct Marker {
    QString name;  // "p99"
    double at_ns = 0;
    bool operator==(const Marker&) const = default;
  };
  // A column per bucket: low <= x < high, in ns, ascending and disjoint; share 0 … 100 %.
  struct Column {
    double low_ns = 0;
    double high_ns = 0;
    double share = 0;
    bool operator==(const Column&) const = default;
  };
  struct Layer {
    QString name;
    std::vector<Column> columns;
    std::vector<Marker> markers;
    SeriesLook look = SeriesLook::actual;
    bool operator==(const Layer&) const = default;
  };
  QString title;
  std::vector<Layer> layers;
  bool operator==(const Histogram&) const = default;
};

}  // namespace elblab::gui
