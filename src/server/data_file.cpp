// SPDX-License-Identifier: Apache-2.0
#include "server/data_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/text.h"
#include "ingest/record_splitter.h"
#include "net/compression.h"
#include "server/csv_splitter.h"

namespace garrison::server {
namespace {

constexpr std::size_t kPiece = 1 << 20;
constexpr ingest::RecordLimits kLimits{.max_bytes = 16 << 20, .max_depth = 64, .max_columns = 10'000};
// A person's own file may unpack to whatever it holds: memory does not grow with it.
constexpr net::DecompressLimits kUnpacking{std::numeric_limits<std::uint64_t>::max(),
                                           std::numeric_limits<std::uint64_t>::max()};

net::Encoding encoding_of(std::string_view head) {
  if (head.starts_with("\x1F\x8B")) return net::Encoding::kGzip;
  if (head.starts_with("\x28\xB5\x2F\xFD")) return net::Encoding::kZstd;
  return net::Encoding::kIdentity;
}

std::string_view file_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// The name in lower case without the endings of compression.
std::string plain_name(std::string_view path) {
  std::string name = text::ascii_lower(file_name(path));
  for (const std::string_view ending : {".gz", ".zst", ".zstd"}) {
    if (name.ends_with(ending)) name.resize(name.size() - ending.size());
  }
  return name;
}

// Headings as names of columns: without blanks around, each once, none empty.
std::vector<std::string> column_names(const std::vector<std::string>& headings) {
  std::vector<std::string> out;
  for (const std::string& heading : headings) {
    std::string name(text::trim(heading));
    if (name.empty()) name = fmt::format("column_{}", out.size() + 1);
    std::string unique = name;
    for (int i = 2; std::find(out.begin(), out.end(), unique) != out.end(); ++i) unique = fmt::format("{}_{}", name, i);
    out.push_back(unique);
  }
  return out;
}

}  // namespace

Result<DataFile> DataFile::open(Disk& disk, std::string path) {
  DataFile out(disk, std::move(path));
  auto file = disk.open(out.path_, OpenMode::kRead);
  auto head = file.ok() ? (*file)->read_at(0, 4) : Result<std::string>(file.error());
  if (!head.ok()) return bad_input("QUERY-0010", fmt::format("cannot read '{}': {}", out.path_, head.error().message));
  const std::string name = plain_name(out.path_);
  if (name.ends_with(".csv") || name.ends_with(".tsv")) out.format_ = DataFormat::kCsv;
  return out;
}

Result<void> DataFile::read(const Sinks& sinks) const {
  return format_ == DataFormat::kCsv ? read_csv(sinks) : read_json(sinks);
}

Result<void> DataFile::read_pieces(const Sinks& sinks,
                                   const std::function<Result<void>(std::string_view)>& take) const {
  GARRISON_ASSIGN(const auto file, disk_->open(path_, OpenMode::kRead));
  GARRISON_ASSIGN(const std::uint64_t size, file->size());
  std::unique_ptr<net::Decompressor> unpack;
  std::uint64_t offset = 0;
  for (;;) {
    const auto piece = file->read_at(offset, kPiece);
    if (!piece.ok()) return piece.error();
    if (piece->empty()) break;
    if (!unpack) unpack = net::Decompressor::create(encoding_of(*piece), kUnpacking);
    GARRISON_TRY(unpack->write(*piece, take));
    offset += piece->size();
    GARRISON_TRY(sinks.progress(
        std::min(1.0, static_cast<double>(offset) / static_cast<double>(std::max<std::uint64_t>(size, 1)))));
  }
  return unpack ? unpack->finish() : Result<void>();
}

Result<void> DataFile::read_json(const Sinks& sinks) const {
  ingest::RecordSplitter splitter(kLimits);
  ingest::JsonFields fields(kLimits);
  const auto drain = [&]() -> Result<void> {
    while (const auto record = splitter.next()) {
      if (record->is_too_long) {
        sinks.rejected({record->line, "longer than 16 MiB"});
        continue;
      }
      auto read = fields.read(record->text, 1);
      if (read.ok())
        GARRISON_TRY(sinks.record(**read));
      else
        sinks.rejected({record->line, read.error().message});
    }
    return {};
  };
  GARRISON_TRY(read_pieces(sinks, [&](std::string_view bytes) {
    splitter.append(bytes);
    return drain();
  }));
  splitter.finish();
  return drain();
}

Result<void> DataFile::read_csv(const Sinks& sinks) const {
  std::vector<std::string> names;
  std::vector<Field> fields;
  CsvSplitter splitter([&](const std::vector<std::string>& cells, std::uint64_t line) -> Result<void> {
    if (names.empty()) {
      names = column_names(cells);
      return {};
    }
    if (cells.size() > names.size()) {
      sinks.rejected({line, fmt::format("{} cells under {} headings", cells.size(), names.size())});
      return {};
    }
    fields.clear();
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (!cells[i].empty()) fields.push_back({names[i], FieldType::kText, cells[i]});
    }
    return sinks.record(fields);
  });
  GARRISON_TRY(read_pieces(sinks, [&](std::string_view bytes) { return splitter.append(bytes); }));
  return splitter.finish();
}

std::string table_name_of(std::string_view path) {
  const std::size_t length = plain_name(path).size();
  std::string name(file_name(path).substr(0, length));
  const std::string lower = text::ascii_lower(name);
  for (const std::string_view ending : {".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".log", ".txt"}) {
    if (!lower.ends_with(ending)) continue;
    name.resize(name.size() - ending.size());
    break;
  }
  for (char& c : name) {
    const bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!is_word) c = '_';
  }
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) name.insert(0, 1, '_');
  return name;
}

}  // namespace garrison::server
