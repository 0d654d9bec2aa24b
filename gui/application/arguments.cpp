#include "gui/application/arguments.hpp"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QRegularExpression>
#include <string_view>

#include "gui/views/view_table.hpp"

namespace elblab::gui {
namespace {

constexpr int kLeastPixels = 64;
constexpr int kMostPixels = 16384;

ParsedArguments wrong(const QString& message) {
  return {std::nullopt, message + QStringLiteral("\n"), 2};
}

QString view_names() {
  QStringList names;
  for (const ViewEntry& entry : view_table()) names << QString::fromUtf8(entry.name);
  names << QStringLiteral("window");
  return names.join(QStringLiteral(", "));
}

std::optional<QSize> size_of(const QString& text) {
  static const QRegularExpression kSize(QStringLiteral("^(\\d{1,5})x(\\d{1,5})$"));
  const auto match = kSize.match(text);
  if (!match.hasMatch()) return std::nullopt;
  const QSize size(match.captured(1).toInt(), match.captured(2).toInt());
  const auto fits = [](int pixels) { return pixels >= kLeastPixels && pixels <= kMostPixels; };
  if (!fits(size.width()) || !fits(size.height())) return std::nullopt;
  return size;
}

// "10..20.5", in seconds
std::optional<TimeRange> range_of(const QString& text) {
  const QStringList ends = text.split(QStringLiteral(".."));
  if (ends.size() != 2) return std::nullopt;
  bool from_is_number = false;
  bool to_is_number = false;
  const double from = ends[0].toDouble(&from_is_number);
  const double to = ends[1].toDouble(&to_is_number);
  constexpr double kMostSeconds = 1e8;
  if (!from_is_number || !to_is_number || !(from >= 0) || !(to > from) || !(to < kMostSeconds)) {
    return std::nullopt;
  }
  return TimeRange{kStart + from_seconds(from), kStart + from_seconds(to)};
}

struct Options {
  QCommandLineOption help{{QStringLiteral("h"), QStringLiteral("help")},
                          QStringLiteral("This page.")};
  QCommandLineOption version{QStringLiteral("version"), QStringLiteral("The version.")};
  QCommandLineOption view{QStringLiteral("export"),
                          QStringLiteral("Write a view into a file, without a window: ") +
                              view_names() + QStringLiteral("."),
                          QStringLiteral("VIEW")};
  QCommandLineOption out{{QStringLiteral("o"), QStringLiteral("out")},
                         QStringLiteral("The file: .png, .svg or .csv."),
                         QStringLiteral("FILE")};
  QCommandLineOption size{QStringLiteral("size"),
                          QStringLiteral("Of the window or picture, 1200x800."),
                          QStringLiteral("WxH")};
  QCommandLineOption theme{QStringLiteral("theme"), QStringLiteral("light or dark."),
                           QStringLiteral("THEME")};
  QCommandLineOption range{QStringLiteral("range"),
                           QStringLiteral("The stretch of time on show, in seconds: 30..60."),
                           QStringLiteral("FROM..TO")};
  QCommandLineOption measure{
      QStringLiteral("measure"),
      QStringLiteral("A curve of the time series, time_wait(c1); may be repeated."),
      QStringLiteral("MEASURE")};
  QCommandLineOption connection{QStringLiteral("connection"),
                                QStringLiteral("The connection of the ladder, by its id."),
                                QStringLiteral("ID")};
};

QString complaint_about(const QCommandLineParser& parser, const Options& options,
                        Arguments& arguments) {
  if (parser.isSet(options.size)) {
    const auto size = size_of(parser.value(options.size));
    if (!size) return QStringLiteral("--size: expected WIDTHxHEIGHT, for example 1200x800");
    arguments.size = *size;
    arguments.size_given = true;
  }
  if (parser.isSet(options.theme)) {
    const QString theme = parser.value(options.theme);
    if (theme != QStringLiteral("light") && theme != QStringLiteral("dark")) {
      return QStringLiteral("--theme: expected light or dark, not '%1'").arg(theme);
    }
    arguments.theme = theme == QStringLiteral("dark") ? Tone::dark : Tone::light;
  }
  if (parser.isSet(options.range)) {
    arguments.range = range_of(parser.value(options.range));
    if (!arguments.range) {
      return QStringLiteral("--range: expected FROM..TO in seconds, for example 30..60");
    }
  }
  if (parser.isSet(options.connection)) {
    bool is_number = false;
    arguments.connection = parser.value(options.connection).toULongLong(&is_number);
    if (!is_number) return QStringLiteral("--connection: expected the id of a connection");
  }
  for (const QString& measure : parser.values(options.measure)) {
    arguments.measures.push_back(measure.toStdString());
  }
  return {};
}

QString complaint_about_export(Arguments& arguments) {
  if (!arguments.exports()) {
    return arguments.out.isEmpty()
               ? QString()
               : QStringLiteral("-o needs --export VIEW, one of: %1").arg(view_names());
  }
  if (!arguments.exports_window() && find_view(arguments.view.toStdString()) == nullptr) {
    return QStringLiteral("no view '%1' (there are: %2)").arg(arguments.view, view_names());
  }
  if (arguments.out.isEmpty()) {
    return QStringLiteral("--export needs a file: -o %1.png").arg(arguments.view);
  }
  if (arguments.traces.isEmpty()) return QStringLiteral("--export needs a trace");
  if (arguments.traces.size() > 2) {
    return QStringLiteral("--export shows one trace, or two laid over each other");
  }
  return {};
}

}  // namespace

ParsedArguments parse_arguments(const QStringList& words) {
  QCommandLineParser parser;
  parser.setApplicationDescription(QStringLiteral(
      "Looks at what runs recorded: curves, distribution, connections, causes.\n\n"
      "  elblab-gui out/TW-01.symptom.seed1.db\n"
      "  elblab-gui out/TW-01.*.db                   several; lay one over the other in the list\n"
      "  elblab-gui a.db --export timeseries -o a.png --size 1600x900 --theme dark"));
  const Options options;
  parser.addOptions({options.help, options.version, options.view, options.out, options.size,
                     options.theme, options.range, options.measure, options.connection});
  parser.addPositionalArgument(QStringLiteral("trace.db"),
                               QStringLiteral("Traces, or an arrangement (.elbview)."),
                               QStringLiteral("[trace.db...]"));
  if (!parser.parse(words)) return wrong(parser.errorText());
  if (parser.isSet(options.help)) return {std::nullopt, parser.helpText(), 0};
  if (parser.isSet(options.version)) {
    const QString version = QCoreApplication::applicationVersion();
    return {std::nullopt,
            QStringLiteral("elblab-gui %1 (Qt %2)\n").arg(version, QString::fromUtf8(qVersion())),
            0};
  }
  Arguments arguments;
  arguments.traces = parser.positionalArguments();
  arguments.view = parser.value(options.view);
  arguments.out = parser.value(options.out);
  QString complaint = complaint_about(parser, options, arguments);
  if (complaint.isEmpty()) complaint = complaint_about_export(arguments);
  if (!complaint.isEmpty()) return wrong(complaint);
  return {std::move(arguments), {}, 0};
}

bool needs_no_screen(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word(argv[i]);
    if (word == "--export" || word.starts_with("--export=") || word == "--help" || word == "-h" ||
        word == "--version") {
      return true;
    }
  }
  return false;
}

}  // namespace elblab::gui
