#include "analysis/diagnosis/uneven_parts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

// A server's share follows what it was due when it is no further from it than that part of it, or
// than chance. Less than what makes a group of equal servers uneven (kUneven): one of them is then
// a fifth off, or by 2.83 standard deviations; so no uneven group follows equal dues.
constexpr double kFollows = 0.15;
constexpr double kChance = 2.8;

// Of all connections: what weights or absences must move to be worth a word beside others.
constexpr double kSlight = 0.05;

bool differ(const std::vector<double>& due) {
  const auto [least, most] = std::minmax_element(due.begin(), due.end());
  return *most > kUneven * *least;
}

// What servers got and were due in some columns.
struct Shares {
  std::vector<double> got;
  std::vector<double> due;
  double all = 0;

  bool follow() const {
    for (std::size_t i = 0; i < got.size(); ++i) {
      const double chance = kChance * std::sqrt(std::max(1.0, due[i]));
      if (std::abs(got[i] - due[i]) > std::max(kFollows * due[i], chance)) return false;
    }
    return true;
  }
  // Connections that would have to go elsewhere.
  double misplaced() const {
    double sum = 0;
    for (std::size_t i = 0; i < got.size(); ++i) sum += std::abs(got[i] - due[i]);
    return sum / 2;
  }
};

double apart(const std::vector<double>& got, const std::vector<double>& due, double all) {
  return ratio(Shares{got, due, all}.misplaced(), all);
}

class PartsReading {
 public:
  PartsReading(const Observations& seen, const Unevenness& group) : seen_(seen), group_(group) {}

  std::optional<UnevenParts> read() {
    const std::size_t columns = seen_.grid().columns;
    arrivals_ = Curve(columns, 0.0);
    for (const std::string& server : group_.servers) {
      const Level* weight = seen_.gauge("weight", MeasureScope::server, server);
      const Curve* scheduled = seen_.counter("scheduled", MeasureScope::server, server);
      if (weight == nullptr || scheduled == nullptr) return std::nullopt;
      levels_.push_back(weight);
      scheduled_.push_back(scheduled);
      add(arrivals_, *scheduled);
    }
    UnevenParts parts;
    parts.rules = rules_of(seen_, group_.group, arrivals_);
    weigh(parts.rules);
    const Curve everything(columns, 1.0);
    parts.due = spread(weights_, everything);
    parts.by_weight = spread(constant_weights(parts), everything);
    parts.by_service = spread(service(), everything);
    judge(parts);
    return parts;
  }

 private:
  // As they count.
  void weigh(const GroupRules& rules) {
    for (const Level* level : levels_) {
      Curve weight = level->mean;
      for (std::size_t i = 0; i < weight.size(); ++i) {
        if (rules.hashed[i] > 0) weight[i] = weight[i] > 0 ? 1 : 0;
      }
      weights_.push_back(std::move(weight));
    }
  }

  // The connections of each column of those that count, shared out by the weights of that column.
  std::vector<double> spread(const std::vector<Curve>& weights, const Curve& counts) const {
    Curve sums(arrivals_.size(), 0.0);
    for (const Curve& weight : weights) add(sums, weight);
    std::vector<double> due;
    for (const Curve& weight : weights) {
      double sum = 0;
      for (std::size_t i = 0; i < arrivals_.size(); ++i) {
        sum += counts[i] * arrivals_[i] * ratio(weight[i], sums[i]);
      }
      due.push_back(sum);
    }
    return due;
  }

  // The mean weight while it had one, in every column; 0: it never had.
  std::vector<Curve> constant_weights(UnevenParts& parts) const {
    std::vector<Curve> constant;
    for (const Level* level : levels_) {
      double came = 0;
      double sum = 0;
      for (std::size_t i = 0; i < arrivals_.size(); ++i) {
        if (level->mean[i] <= 0) continue;
        came += arrivals_[i];
        sum += arrivals_[i] * level->mean[i];
      }
      const double mean = ratio(sum, came);
      Curve weight(arrivals_.size(), mean);
      for (std::size_t i = 0; i < weight.size(); ++i) {
        if (parts.rules.hashed[i] > 0) weight[i] = mean > 0 ? 1 : 0;
      }
      constant.push_back(std::move(weight));
      parts.away.push_back(1 - ratio(came, total(arrivals_)));
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

  // Columns in which nothing changed, unless most connections came in the others.
  Curve clear_columns(const GroupRules& rules) const {
    Curve clear(arrivals_.size(), 1.0);
    double came = 0;
    for (std::size_t i = 0; i < clear.size(); ++i) {
      if (rules.changes(i)) clear[i] = 0;
      for (const Level* level : levels_) {
        const bool moved =
            level->low[i] < level->high[i] || (i > 0 && level->high[i - 1] != level->high[i]);
        if (moved) clear[i] = 0;
      }
      came += clear[i] * arrivals_[i];
    }
    return came < total(arrivals_) / 2 ? Curve(arrivals_.size(), 1.0) : clear;
  }

  Shares shares_in(const Curve& columns) const {
    Shares shares;
    shares.due = spread(weights_, columns);
    for (const Curve* scheduled : scheduled_) {
      double got = 0;
      for (std::size_t i = 0; i < columns.size(); ++i) got += columns[i] * (*scheduled)[i];
      shares.got.push_back(got);
      shares.all += got;
    }
    return shares;
  }

  void judge(UnevenParts& parts) const {
    const Curve clear = clear_columns(parts.rules);
    parts.follows = shares_in(clear).follow();
    judge_weights_and_service(parts);
    if (parts.follows) return;
    parts.skew_of_rest = apart(group_.connections, parts.due, group_.all);
    Curve bound = clear;
    Curve free = clear;
    double decided = 0;
    for (std::size_t i = 0; i < clear.size(); ++i) {
      (parts.rules.by_address(i) ? free : bound)[i] = 0;
      decided += bound[i] * parts.rules.decided[i];
    }
    const Shares where_bound = shares_in(bound);
    parts.is_of_addresses =
        !where_bound.follow() && where_bound.misplaced() <= decided && shares_in(free).follow();
  }

  // Enough to make the group uneven, or, where shares follow and the other one alone does not make
  // it so, enough to be its part of it.
  void judge_weights_and_service(UnevenParts& parts) const {
    const double each = group_.all / static_cast<double>(group_.servers.size());
    const std::vector<double> even(group_.servers.size(), each);
    const double of_weights = apart(parts.by_weight, even, group_.all);
    const double of_service = apart(parts.by_service, even, group_.all);
    const bool by_weight = differ(parts.by_weight);
    const bool by_service = differ(parts.by_service);
    parts.weights_differ = by_weight || (parts.follows && !by_service && of_weights > kSlight);
    parts.service_differs = by_service || (parts.follows && !by_weight && of_service > kSlight);
    if (parts.weights_differ) parts.skew_of_weights = of_weights;
    if (parts.service_differs) parts.skew_of_service = of_service;
  }

  const Observations& seen_;
  const Unevenness& group_;
  Curve arrivals_;
  std::vector<const Level*> levels_;
  std::vector<const Curve*> scheduled_;
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

std::vector<std::string> scheduled_measures(const Unevenness& group) {
  std::vector<std::string> measures{measure_text("scheduled", group.most),
                                    measure_text("scheduled", group.least)};
  for (const std::string& server : group.servers) {
    if (server == group.most || server == group.least) continue;
    measures.push_back(measure_text("scheduled", server));
  }
  return measures;
}

std::string shares_text(const Unevenness& group, const std::vector<double>& due) {
  constexpr std::size_t kMost = 6;
  std::vector<std::string> shares;
  for (std::size_t i = 0; i < std::min(kMost, group.servers.size()); ++i) {
    shares.push_back(fmt::format("{} {:.3g} % ({:.3g} % due)", group.servers[i],
                                 100 * ratio(group.connections[i], group.all),
                                 100 * ratio(due[i], group.all)));
  }
  std::string text = fmt::format("{}", fmt::join(shares, ", "));
  if (group.servers.size() > kMost) text += ", …";
  return text;
}

}  // namespace elblab::diagnosis
