#include "analysis/diagnosis/blame.hpp"

namespace elblab::diagnosis {
namespace {

class Division {
  // Who is answered by RST is so at once, but for the edges of columns.
  static constexpr std::size_t kAtOnce = 1;

 public:
  Division(const Case& run, const std::vector<Claims>& claims) : run_(run), columns_(columns()) {
    const std::size_t patience = run.load.patience;
    const auto over = [&](const Curve& curve) {
      return trailing(curve.empty() ? Curve(columns_, 0.0) : curve, patience);
    };
    const auto at_once = [&](const Curve& curve) {
      return trailing(curve.empty() ? Curve(columns_, 0.0) : curve, kAtOnce);
    };
    for (const Claims& claim : claims) {
      refused_.push_back(claim.refused.empty() ? Curve(columns_, 0.0) : claim.refused);
      refused_before_.push_back(over(claim.refused));
      rejected_.push_back(at_once(claim.rejected));
      reset_.push_back(at_once(claim.reset));
      disowned_.push_back(at_once(claim.disowned));
      syns_.push_back(over(claim.syns));
    }
    all_refused_ = over(run.load.failures.refused);
    rejections_ = run.load.failures.rejected;
    add(rejections_, run.load.failures.unreachable);
    all_rejected_ = at_once(rejections_);
    all_reset_ = at_once(run.load.failures.reset);
    all_disowned_ = at_once(run.load.failures.disowned);
    all_syns_ = over(run.load.syns_unanswered);
    all_unconnected_ = over(run.where.without_connection);
    share_waiting(claims);
    granted_.resize(claims.size());
    for (Granted& granted : granted_) granted.when.assign(columns_, 0.0);
  }

  std::vector<Granted> divide(bool with_slow) {
    const Failures& failures = run_.load.failures;
    for (std::size_t i = 0; i < columns_; ++i) {
      grant(failures.refused[i], i, &Granted::refused, refused_, failures.refused[i]);
      grant(failures.unanswered[i], i, &Granted::unanswered, syns_, all_syns_[i]);
      grant(rejections_[i], i, &Granted::rejected, rejected_, all_rejected_[i]);
      grant(failures.reset[i], i, &Granted::reset, reset_, all_reset_[i]);
      grant(failures.disowned[i], i, &Granted::disowned, disowned_, all_disowned_[i]);
      const bool without = !run_.load.connection_per_request;
      grant_requests(failures.broken[i], i, &Granted::broken, without);
      if (with_slow) grant_requests(run_.load.slow[i], i, &Granted::slow, true);
    }
    grant_requests(failures.left, columns_ - 1, &Granted::left, true);
    weigh(with_slow);
    return std::move(granted_);
  }

 private:
  std::size_t columns() const { return run_.seen.grid().columns; }

  // A request that failed stood somewhere at every moment of its time: each moment counts alike, by
  // the shares it had, however many stood there. (Those before it may have been more, and in
  // trouble of their own.) Moments at which less than one request stood anywhere count less.
  void share_waiting(const std::vector<Claims>& claims) {
    Curve stuck = run_.where.in_accept_queues;
    add(stuck, run_.where.at_busy_cpus);
    add(stuck, run_.where.on_the_network);
    Curve claimed(columns_, 0.0);
    for (const Claims& claim : claims) add(claimed, claim.waiting);
    Curve weight(columns_, 0.0);
    for (std::size_t i = 0; i < columns_; ++i) {
      stuck[i] = std::max(stuck[i], claimed[i]);
      weight[i] = stuck[i] / (1 + stuck[i]);
    }
    for (const Claims& claim : claims) {
      Curve shares(columns_, 0.0);
      for (std::size_t i = 0; i < claim.waiting.size(); ++i) {
        shares[i] = weight[i] * ratio(claim.waiting[i], stuck[i]);
      }
      waiting_.push_back(trailing(shares, run_.load.patience));
    }
    all_waiting_ = trailing(weight, run_.load.patience);
    all_stuck_ = trailing(stuck, run_.load.patience);
  }

  void grant(double amount, std::size_t column, double Granted::*kind,
             const std::vector<Curve>& claims, double whole) {
    if (amount <= 0) return;
    double claimed = 0;
    for (const Curve& claim : claims) claimed += claim[column];
    for (std::size_t i = 0; i < claims.size(); ++i) {
      const double part = amount * ratio(claims[i][column], std::max(claimed, whole));
      granted_[i].*kind += part;
      granted_[i].when[column] += part;
    }
  }

  // By where requests stood: those without a connection by what happened to their SYNs.
  void grant_requests(double amount, std::size_t column, double Granted::*kind,
                      bool with_unconnected) {
    if (amount <= 0) return;
    const double unconnected = with_unconnected ? all_unconnected_[column] : 0;
    const double part = ratio(unconnected, unconnected + all_stuck_[column]);
    grant(amount * (1 - part), column, kind, waiting_, all_waiting_[column]);
    const double refused = all_refused_[column];
    const double syns = all_syns_[column];
    const double by_refusal = ratio(refused, refused + syns);
    grant(amount * part * by_refusal, column, kind, refused_before_, refused);
    grant(amount * part * (1 - by_refusal), column, kind, syns_, syns);
  }

  void weigh(bool with_slow) {
    const Failures& failures = run_.load.failures;
    const double slow = with_slow ? total(run_.load.slow) : 0;
    const double all = failures.total() + slow;
    const double least = kSymptomShare * total(run_.load.wanted);
    const auto dominates = [&](double part, double whole) {
      return whole >= least && part > 0 && part >= kLeastOfKind * whole;
    };
    for (Granted& granted : granted_) {
      granted.share = ratio(granted.total(), all);
      granted.material = (all > 0 && granted.share >= kLeastShare) ||
                         dominates(granted.refused, total(failures.refused)) ||
                         dominates(granted.unanswered, total(failures.unanswered)) ||
                         dominates(granted.rejected, total(rejections_)) ||
                         dominates(granted.reset, total(failures.reset)) ||
                         dominates(granted.disowned, total(failures.disowned)) ||
                         dominates(granted.broken, total(failures.broken)) ||
                         dominates(granted.slow, slow);
    }
  }

  const Case& run_;
  std::size_t columns_;
  // Per claim; refused_ as it is, rejected_, reset_ and disowned_ with the column before, the
  // others summed over the time of patience. waiting_: sums of shares.
  std::vector<Curve> refused_, refused_before_, rejected_, reset_, disowned_, syns_, waiting_;
  Curve rejections_;  // of either kind
  Curve all_refused_, all_rejected_, all_reset_, all_disowned_, all_syns_, all_unconnected_,
      all_waiting_, all_stuck_;
  std::vector<Granted> granted_;
};

}  // namespace

std::vector<Granted> divide(const Case& run, const std::vector<Claims>& claims, bool with_slow) {
  return Division(run, claims).divide(with_slow);
}

}  // namespace elblab::diagnosis
