// SPDX-License-Identifier: Apache-2.0
#include "engine/chdb_connection.h"

#include <fmt/format.h>

#include <utility>

#include "base/disk.h"
#include "engine/engine_error.h"
#include "engine/engine_sql.h"

namespace garrison::engine {
namespace {

Result<void> check_result(const ChdbApi& api, ChdbApi::ResultPtr result) {
  if (!result) return bug("the engine gave no result");
  if (const char* error = api.result_error(result); error && *error) return engine_error(error);
  return {};
}

// Frees a result when it goes out of scope.
class ResultHolder {
 public:
  ResultHolder(const ChdbApi& api, ChdbApi::ResultPtr result) : api_(api), result_(result) {}
  ~ResultHolder() {
    if (result_) api_.destroy_result(result_);
  }
  ResultHolder(const ResultHolder&) = delete;
  ResultHolder& operator=(const ResultHolder&) = delete;

  ChdbApi::ResultPtr release() { return std::exchange(result_, nullptr); }
  Result<void> check() const { return check_result(api_, result_); }

 private:
  const ChdbApi& api_;
  ChdbApi::ResultPtr result_;
};

class InsertHolder {
 public:
  InsertHolder(const ChdbApi& api, ChdbApi::Insert insert) : api_(api), insert_(insert) {}
  ~InsertHolder() {
    if (insert_) api_.destroy_insert(insert_);
  }
  InsertHolder(const InsertHolder&) = delete;
  InsertHolder& operator=(const InsertHolder&) = delete;

  ChdbApi::Insert get() const { return insert_; }
  Result<void> check() const {
    if (!insert_) return bug("the engine gave no insert stream");
    if (const char* error = api_.insert_error(insert_); error && *error) return engine_error(error);
    return {};
  }

 private:
  const ChdbApi& api_;
  ChdbApi::Insert insert_;
};

// Names and values as the arrays of pointers and lengths that the library takes.
struct ParameterArrays {
  std::vector<const char*> names, values;
  std::vector<std::size_t> name_lengths, value_lengths;

  explicit ParameterArrays(const std::vector<Statement::Parameter>& parameters) {
    for (const Statement::Parameter& parameter : parameters) {
      names.push_back(parameter.name.data());
      name_lengths.push_back(parameter.name.size());
      values.push_back(parameter.value.data());
      value_lengths.push_back(parameter.value.size());
    }
  }
};

// Without a file of ours the library takes config.xml of the current folder, which may be anybody's and can name another
// data folder.
Result<std::string> write_configuration(const std::string& folder) {
  SystemDisk disk;
  const std::string path = folder + "/garrison-engine.xml";
  if (disk.exists(path)) return path;
  GARRISON_TRY(disk.make_folder(folder));
  GARRISON_TRY(disk.write_file(path, "<clickhouse/>\n"));
  return path;
}

}  // namespace

Result<std::unique_ptr<ChdbConnection>> ChdbConnection::open(std::shared_ptr<const ChdbApi> api,
                                                             const ChdbOpenOptions& options) {
  GARRISON_ASSIGN(const std::string configuration, write_configuration(options.path));
  std::vector<std::string> arguments = {"garrison", "--path=" + options.path, "--config-file=" + configuration};
  if (options.max_memory_bytes > 0) {
    arguments.push_back(fmt::format("--max_server_memory_usage={}", options.max_memory_bytes));
  }
  for (const Setting& setting : base_settings()) arguments.push_back("--" + setting.name + "=" + setting.value);
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  ChdbApi::Connection* connection = api->connect(static_cast<int>(pointers.size()), pointers.data());
  if (!connection || !*connection) {
    return unavailable("ENGINE-0015",
                       fmt::format("the engine cannot open the data folder {}: another process uses it, or it is not "
                                   "readable and writable",
                                   options.path));
  }
  return std::unique_ptr<ChdbConnection>(new ChdbConnection(std::move(api), connection));
}

ChdbConnection::~ChdbConnection() { api_->close(connection_); }

Result<void> ChdbConnection::set(std::span<const Setting> settings, std::string_view value_for_all) {
  std::string sql = "SET ";
  for (std::size_t i = 0; i < settings.size(); ++i) {
    if (i > 0) sql += ", ";
    sql += settings[i].name + " = ";
    sql += value_for_all.empty() ? quote_literal(settings[i].value) : std::string(value_for_all);
  }
  GARRISON_TRY(run_whole(sql, RawStatement{}));
  return {};
}

Result<void> ChdbConnection::execute(const RawStatement& statement) {
  GARRISON_ASSIGN(const auto stream, start(statement));
  while (true) {
    GARRISON_ASSIGN(const std::string_view bytes, stream->next());
    if (bytes.empty()) return {};
  }
}

Result<std::unique_ptr<ChdbStream>> ChdbConnection::start(const RawStatement& statement) {
  std::vector<Setting> settings = statement.settings;
  if (is_select(statement.sql)) {
    if (!statement.log_comment.empty()) settings.push_back({"log_comment", statement.log_comment});
    // On a line of its own: the statement may end in a comment.
    return start_select(statement.sql + '\n' + settings_clause(settings), statement);
  }
  // Elsewhere a SETTINGS clause may mean the settings of a table, so the session's are set for the time of the statement.
  if (!statement.log_comment.empty()) {
    const Setting comment{"log_comment", statement.log_comment};
    GARRISON_TRY(set({&comment, 1}));
  }
  if (settings.empty()) return run_whole(statement.sql, statement);
  GARRISON_TRY(set(settings));
  auto result = run_whole(statement.sql, statement);
  GARRISON_TRY(set(settings, "DEFAULT"));
  // DEFAULT is the engine's, not ours.
  GARRISON_TRY(set(base_settings()));
  return result;
}

Result<std::unique_ptr<ChdbStream>> ChdbConnection::run_whole(std::string_view sql, const RawStatement& statement) {
  const ParameterArrays parameters(statement.parameters);
  ResultHolder result(
      *api_, api_->query(*connection_, sql.data(), sql.size(), statement.format.data(), statement.format.size(),
                         parameters.names.data(), parameters.name_lengths.data(), parameters.values.data(),
                         parameters.value_lengths.data(), parameters.names.size()));
  GARRISON_TRY(result.check());
  std::unique_ptr<ChdbStream> stream(new ChdbStream(*api_, *connection_, nullptr));
  stream->piece_ = result.release();
  return stream;
}

Result<std::unique_ptr<ChdbStream>> ChdbConnection::start_select(const std::string& sql,
                                                                 const RawStatement& statement) {
  const ParameterArrays parameters(statement.parameters);
  ResultHolder stream(
      *api_, api_->stream_query(*connection_, sql.data(), sql.size(), statement.format.data(), statement.format.size(),
                                parameters.names.data(), parameters.name_lengths.data(), parameters.values.data(),
                                parameters.value_lengths.data(), parameters.names.size()));
  GARRISON_TRY(stream.check());
  return std::unique_ptr<ChdbStream>(new ChdbStream(*api_, *connection_, stream.release()));
}

ChdbStream::~ChdbStream() {
  drop_piece();
  if (!stream_) return;
  if (!is_ended_) api_.stream_cancel(connection_, stream_);
  api_.destroy_result(stream_);
}

void ChdbStream::drop_piece() {
  if (piece_) api_.destroy_result(std::exchange(piece_, nullptr));
}

void ChdbStream::note(ChdbApi::ResultPtr result) {
  figures_.rows_read += api_.result_storage_rows_read(result);
  figures_.bytes_read += api_.result_storage_bytes_read(result);
}

Result<std::string_view> ChdbStream::next() {
  if (is_ended_) return std::string_view();
  if (!stream_ && !std::exchange(is_first_, false)) {
    is_ended_ = true;
    return std::string_view();
  }
  if (stream_) {
    drop_piece();
    piece_ = api_.stream_fetch(connection_, stream_);
  }
  if (auto checked = check_result(api_, piece_); !checked.ok()) {
    is_ended_ = true;
    return checked.error();
  }
  note(piece_);
  const std::string_view bytes(api_.result_buffer(piece_), api_.result_length(piece_));
  is_ended_ = bytes.empty();
  return bytes;
}

Result<void> ChdbConnection::insert(std::string_view sql, std::string_view format, std::span<const Setting> settings,
                                    const Producer& producer) {
  std::string text(sql);
  if (!settings.empty()) text += ' ' + settings_clause(settings);
  const InsertHolder insert(
      *api_, api_->insert_begin(*connection_, text.data(), text.size(), format.data(), format.size()));
  GARRISON_TRY(insert.check());
  bool is_refused = false;
  const auto refusal = [] { return bad_input("ENGINE-0014", "the engine stopped reading before the end of the rows"); };
  const auto produced = producer([&](std::string_view bytes) -> Result<void> {
    if (bytes.empty()) return {};
    is_refused = api_->insert_append(insert.get(), bytes.data(), bytes.size()) != 0;
    if (is_refused) return refusal();
    return {};
  });
  if (!produced.ok() && !is_refused) {
    api_->insert_cancel(insert.get());
    return produced.error();
  }
  // After a refusal this says what was wrong.
  const ResultHolder result(*api_, api_->insert_done(insert.get()));
  GARRISON_TRY(result.check());
  if (is_refused) return refusal();
  return {};
}

}  // namespace garrison::engine
