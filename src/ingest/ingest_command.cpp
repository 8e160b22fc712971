// SPDX-License-Identifier: Apache-2.0
#include "ingest/ingest_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "base/json.h"
#include "base/text.h"
#include "ingest/record_splitter.h"
#include "net/compression.h"

namespace garrison::ingest {
namespace {

constexpr std::size_t kReadBytes = 1 << 20;

net::Encoding encoding_of(std::string_view start) {
  if (start.starts_with("\x1f\x8b")) return net::Encoding::kGzip;
  return start.starts_with("\x28\xb5\x2f\xfd") ? net::Encoding::kZstd : net::Encoding::kIdentity;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    if (is_plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

// One input, read in pieces.
class Input {
 public:
  static Result<Input> open(Disk& disk, const std::string& path) {
    Input input;
    if (path == "-") return input;
    auto file = disk.open(path, OpenMode::kRead);
    if (!file) return bad_input("INGEST-0060", fmt::format("{}: {}", path, file.error().message));
    input.file_ = std::move(*file);
    GARRISON_ASSIGN(input.size_, input.file_->size());
    return input;
  }
  Result<std::string> read() {
    std::string bytes;
    if (file_ != nullptr) {
      GARRISON_ASSIGN(bytes, file_->read_at(position_, kReadBytes));
    } else {
      bytes.resize(kReadBytes);
      bytes.resize(std::fread(bytes.data(), 1, bytes.size(), stdin));
      if (bytes.empty() && std::ferror(stdin) != 0) return unavailable("INGEST-0060", "standard input cannot be read");
    }
    position_ += bytes.size();
    return bytes;
  }
  std::uint64_t position() const { return position_; }
  std::uint64_t size() const { return size_; }  // 0: unknown

 private:
  std::unique_ptr<DiskFile> file_;
  std::uint64_t position_ = 0;
  std::uint64_t size_ = 0;
};

// Sends the records of one input.
class Sender {
 public:
  Sender(Disk& disk, const IngestCommandOptions& options, const UploadCall& upload, IngestSummary& summary,
         std::string name)
      : disk_(disk),
        options_(options),
        upload_(upload),
        summary_(summary),
        name_(std::move(name)),
        splitter_(options.limits) {
    reject_path_ = !options.reject_file.empty() ? options.reject_file : (name_ == "-" ? "stdin" : name_) + ".rejects";
    path_ = fmt::format("/api/workspaces/{}/ingest?table={}&format={}&mode={}", percent_encoded(options.workspace),
                        percent_encoded(options.table), percent_encoded(options.format),
                        options.is_live ? "live" : "backfill");
  }

  Result<void> run() {
    GARRISON_ASSIGN(Input input, Input::open(disk_, name_));
    GARRISON_ASSIGN(std::string bytes, input.read());
    const auto unpacker = net::Decompressor::create(encoding_of(bytes), {UINT64_MAX, UINT64_MAX});
    const net::Decompressor::Sink sink = [&](std::string_view unpacked) { return take(unpacked); };
    while (!bytes.empty()) {
      const Result<void> done = unpacker->write(bytes, sink);
      if (!done) return named(done.error());
      show(input);
      GARRISON_ASSIGN(bytes, input.read());
    }
    if (const Result<void> done = unpacker->finish(); !done) return named(done.error());
    splitter_.finish();
    GARRISON_TRY(drain());
    GARRISON_TRY(send());
    GARRISON_TRY(write_rejects());
    if (options_.shows_progress) fmt::print(stderr, "\r\033[K");
    return {};
  }

 private:
  Error named(Error error) const {
    error.message = name_ + ": " + error.message;
    return error;
  }

  Result<void> take(std::string_view unpacked) {
    summary_.num_bytes += unpacked.size();
    splitter_.append(unpacked);
    return drain();
  }

  // Pieces are JSON lines, so that a damaged record cannot damage its neighbours.
  Result<void> drain() {
    while (const auto record = splitter_.next()) {
      if (record->is_too_long) {
        ++summary_.num_records;
        reject(record->line, "INGEST-0012", fmt::format("longer than {} bytes", options_.limits.max_bytes),
               record->text);
        continue;
      }
      const std::size_t start = piece_.size();
      piece_ += record->text;
      // A line break inside of a record is a blank between its parts.
      std::replace(piece_.begin() + static_cast<std::ptrdiff_t>(start), piece_.end(), '\n', ' ');
      piece_ += '\n';
      lines_.push_back(record->line);
      if (piece_.size() < options_.piece_bytes) continue;
      GARRISON_TRY(send());
    }
    return {};
  }

  Result<void> send() {
    if (lines_.empty()) return {};
    std::string piece;
    piece.swap(piece_);
    const auto answer = upload_(path_, std::move(piece));
    if (!answer) return named(answer.error());
    GARRISON_ASSIGN(const json::value body, json::parse(*answer));
    summary_.num_records += static_cast<std::uint64_t>(json::integer_at(body, "records").value_or(0));
    summary_.num_rows += static_cast<std::uint64_t>(json::integer_at(body, "rows").value_or(0));
    const auto rejected = static_cast<std::uint64_t>(json::integer_at(body, "rejected").value_or(0));
    const json::value* rejects = json::find(body, "rejects");
    std::uint64_t told = 0;
    if (rejects != nullptr && rejects->is_array()) {
      for (const json::value& item : rejects->as_array()) {
        const auto line = static_cast<std::size_t>(json::integer_at(item, "line").value_or(0));
        reject(line >= 1 && line <= lines_.size() ? lines_[line - 1] : 0, json::string_at(item, "code").value_or(""),
               json::string_at(item, "reason").value_or(""), json::string_at(item, "text").value_or(""));
        ++told;
      }
    }
    summary_.num_rejected += rejected - std::min(rejected, told);
    lines_.clear();
    return {};
  }

  void reject(std::uint64_t line, std::string_view code, std::string_view reason, std::string_view text) {
    ++summary_.num_rejected;
    const std::string shown = text::to_valid_utf8(text.substr(0, 500));
    rejects_ += json::print(json::object{{"line", line}, {"code", code}, {"reason", reason}, {"text", shown}}) + '\n';
  }

  Result<void> write_rejects() {
    if (rejects_.empty()) return {};
    const bool is_shared = !options_.reject_file.empty() &&
                           std::find(summary_.reject_files.begin(), summary_.reject_files.end(), reject_path_) !=
                               summary_.reject_files.end();
    std::string content = std::move(rejects_);
    if (is_shared) {
      GARRISON_ASSIGN(const std::string before, disk_.read_file(reject_path_, std::size_t{1} << 30));
      content = before + content;
    } else {
      summary_.reject_files.push_back(reject_path_);
    }
    return disk_.write_file(reject_path_, content);
  }

  void show(const Input& input) const {
    if (!options_.shows_progress) return;
    constexpr int kWidth = 40;
    const double part =
        input.size() == 0 ? 0 : static_cast<double>(input.position()) / static_cast<double>(input.size());
    const int filled = static_cast<int>(part * kWidth);
    fmt::print(stderr, "\r\033[K{} [{:#<{}}{:.<{}}] {:3.0f} %  {} rows", text::escape_control(name_), "", filled, "",
               kWidth - filled, part * 100, summary_.num_rows);
    std::fflush(stderr);
  }

  Disk& disk_;
  const IngestCommandOptions& options_;
  const UploadCall& upload_;
  IngestSummary& summary_;
  const std::string name_;
  std::string reject_path_;
  std::string path_;
  RecordSplitter splitter_;
  std::string piece_;
  std::vector<std::uint64_t> lines_;  // where each record of the piece stands in the input
  std::string rejects_;
};

}  // namespace

Result<void> run_ingest(Disk& disk, const IngestCommandOptions& options, const UploadCall& upload,
                        IngestSummary& summary) {
  for (const std::string& file : options.files) {
    Sender sender(disk, options, upload, summary, file);
    GARRISON_TRY(sender.run());
    ++summary.num_files;
  }
  return {};
}

}  // namespace garrison::ingest
