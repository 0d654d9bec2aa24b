#include "gui/connections/filter_words.hpp"

namespace elblab::gui {
namespace {

bool take_name(const QStringList& known, const QString& word, std::vector<std::string>& names) {
  if (!known.contains(word, Qt::CaseInsensitive)) return false;
  for (const QString& name : known) {
    if (name.compare(word, Qt::CaseInsensitive) == 0) names.push_back(name.toStdString());
  }
  return true;
}

bool take_parts(const QStringList& known, const QString& word, std::vector<std::string>& names) {
  constexpr int kShortest = 3;
  if (word.size() < kShortest) return false;
  bool any = false;
  for (const QString& name : known) {
    if (!name.contains(word, Qt::CaseInsensitive)) continue;
    names.push_back(name.toStdString());
    any = true;
  }
  return any;
}

// Digits, hex digits, dots, colons, brackets: what addresses are written with.
bool looks_like_end(const QString& word) {
  bool has_mark = false;
  for (const QChar c : word) {
    const bool mark = c == QLatin1Char('.') || c == QLatin1Char(':');
    has_mark = has_mark || mark;
    const bool hex =
        c.isDigit() || (c.toLower() >= QLatin1Char('a') && c.toLower() <= QLatin1Char('f'));
    if (!mark && !hex && c != QLatin1Char('[') && c != QLatin1Char(']')) return false;
  }
  return has_mark;
}

bool take_count(const QString& word, std::uint64_t& least) {
  if (!word.startsWith(QLatin1Char('>'))) return false;
  bool ok = false;
  const qulonglong number = word.mid(1).toULongLong(&ok);
  if (ok) least = number + 1;
  return ok;
}

}  // namespace

WordsFilter filter_of_words(const QString& words, const KnownNames& names) {
  WordsFilter result;
  trace::ConnectionFilter& filter = result.filter;
  const QStringList parts = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
  for (const QString& word : parts) {
    if (take_name(names.roles, word, filter.roles)) continue;
    if (take_name(names.protocols, word, filter.protocols)) continue;
    if (take_name(names.objects, word, filter.objects)) continue;
    if (take_name(names.peers, word, filter.peers)) continue;
    if (take_parts(names.reasons, word, filter.reasons)) continue;
    if (take_count(word, filter.least_retransmissions)) continue;
    if (looks_like_end(word) && filter.endpoint.empty()) {
      filter.endpoint = word.toStdString();
      continue;
    }
    result.problem = word;
  }
  return result;
}

}  // namespace elblab::gui
