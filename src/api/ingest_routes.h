// SPDX-License-Identifier: Apache-2.0
// Routes of ingestion: the Logs Ingestion API, uploads of files, sources and the state of the ingest log.
#pragma once

#include "api/route.h"
#include "base/clock.h"
#include "ingest/ingest_log.h"
#include "ingest/receiver.h"
#include "ingest/table_writer.h"
#include "workspace/workspace_service.h"

namespace garrison::api {

struct IngestRouteParts {
  ingest::Receiver& receiver;
  ingest::IngestLog& log;
  ingest::TableWriter& writer;
  workspace::WorkspaceService& workspaces;
  const Clock& clock;
};
Routes ingest_routes(const IngestRouteParts& parts);

// Healthy, Silent, Rejecting or Waiting.
std::string_view source_state(const ingest::SourceFigures& source, DateTime now);
json::object source_shape(const ingest::SourceFigures& source, DateTime now);

}  // namespace garrison::api
