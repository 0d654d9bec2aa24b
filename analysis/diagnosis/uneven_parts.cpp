#include "analysis/diagnosis/uneven_parts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

// Shares follow what was due when none is further from it than that, chance apart.
constexpr double kFollows = 0.05;

bool differ(const std::vector<double>& due) {
  const auto [least, most] = std::minmax_element(due.begin(), due.end());
  return *most > kUneven * *least;
}

bool follow(const Unevenness& group, const std::vector<double>& due) {
  for (std::size_t i = 0; i < due.size(); ++i) {
    const double chance = 4 * std::sqrt(std::max(1.0, due[i]));
    if (std::abs(group.connections[i] - due[i]) > kFollows * group.all + chance) return false;
  }
  return true;
}

// Half of the sum of differences, as a share of the whole.
double apart(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  double whole = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += std::abs(a[i] - b[i]);
    whole += a[i];
  }
  return ratio(sum / 2, whole);
}

class PartsReading {
 public:
  PartsReading(const Observations& seen, const Unevenness& group) : seen_(seen), group_(group) {}

  std::optional<UnevenParts> read() {
    arrivals_ = Curve(seen_.grid().columns, 0.0);
    for (const std::string& server : group_.servers) {
      const Level* weight = seen_.gauge("weight", MeasureScope::server, server);
      if (weight == nullptr) return std::nullopt;
      weights_.push_back(weight->mean);
      const Curve* scheduled = seen_.counter("scheduled", MeasureScope::server, server);
      if (scheduled != nullptr) add(arrivals_, *scheduled);
    }
    UnevenParts parts;
    parts.due = spread(weights_);
    parts.by_weight = spread(constant_weights(parts.away));
    parts.by_service = spread(service());
    judge(parts);
    return parts;
  }

 private:
  // The connections of each column, shared out by the weights of that column.
  std::vector<double> spread(const std::vector<Curve>& weights) const {
    Curve sums(arrivals_.size(), 0.0);
    for (const Curve& weight : weights) add(sums, weight);
    std::vector<double> due;
    for (const Curve& weight : weights) {
      double sum = 0;
      for (std::size_t i = 0; i < arrivals_.size(); ++i) {
        sum += arrivals_[i] * ratio(weight[i], sums[i]);
      }
      due.push_back(sum);
    }
    return due;
  }

  // The mean weight while it had one, in every column; 0: it never had.
  std::vector<Curve> constant_weights(std::vector<double>& away) const {
    std::vector<Curve> constant;
    for (const Curve& weight : weights_) {
      double came = 0;
      double sum = 0;
      double all = 0;
      for (std::size_t i = 0; i < arrivals_.size(); ++i) {
        all += arrivals_[i];
        if (weight[i] <= 0) continue;
        came += arrivals_[i];
        sum += arrivals_[i] * weight[i];
      }
      constant.emplace_back(arrivals_.size(), ratio(sum, came));
      away.push_back(1 - ratio(came, all));
    }
    return constant;
  }

  // 1 while it is in service. One that never is, is none that was away for a time.
  std::vector<Curve> service() const {
    std::vector<Curve> in_service;
    for (const Curve& weight : weights_) {
      const bool never = peak(weight) <= 0;
      Curve curve(weight.size(), 1.0);
      for (std::size_t i = 0; i < weight.size(); ++i) {
        if (!never && weight[i] <= 0) curve[i] = 0;
      }
      in_service.push_back(std::move(curve));
    }
    return in_service;
  }

  void judge(UnevenParts& parts) const {
    const double each = group_.all / static_cast<double>(group_.servers.size());
    const std::vector<double> even(group_.servers.size(), each);
    parts.weights_differ = differ(parts.by_weight);
    parts.service_differs = differ(parts.by_service);
    parts.follows = follow(group_, parts.due);
    if (parts.weights_differ) parts.skew_of_weights = apart(parts.by_weight, even);
    if (parts.service_differs) parts.skew_of_service = apart(parts.by_service, even);
    if (!parts.follows) parts.skew_of_rest = apart(group_.connections, parts.due);
  }

  const Observations& seen_;
  const Unevenness& group_;
  Curve arrivals_;
  std::vector<Curve> weights_;
};

double sum_of(const UnevenParts& parts) {
  return parts.skew_of_weights + parts.skew_of_service + parts.skew_of_rest;
}

}  // namespace

double UnevenParts::part_of_weights() const { return ratio(skew_of_weights, sum_of(*this)); }
double UnevenParts::part_of_service() const { return ratio(skew_of_service, sum_of(*this)); }
double UnevenParts::part_of_rest() const { return ratio(skew_of_rest, sum_of(*this)); }

std::optional<UnevenParts> parts_of(const Observations& seen, const Unevenness& group) {
  return PartsReading(seen, group).read();
}

std::string shares_text(const Unevenness& group, const std::vector<double>& due,
                        const std::string& due_by) {
  constexpr std::size_t kMost = 6;
  std::vector<std::string> shares;
  for (std::size_t i = 0; i < std::min(kMost, group.servers.size()); ++i) {
    shares.push_back(fmt::format("{} {} ({} {})", group.servers[i],
                                 percent_text(ratio(group.connections[i], group.all)),
                                 percent_text(ratio(due[i], group.all)), due_by));
  }
  std::string text = fmt::format("{}", fmt::join(shares, ", "));
  if (group.servers.size() > kMost) text += ", …";
  return text;
}

}  // namespace elblab::diagnosis
