// SPDX-License-Identifier: Apache-2.0
// HTTP handlers of ingestion, as functions: the API layer finds the workspace, checks the permission and registers
// them. They run on worker threads.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"
#include "ingest/receiver.h"
#include "net/compression.h"
#include "net/http.h"

namespace garrison::ingest {

struct IngestHttpLimits {
  net::DecompressLimits body{64 << 20, 1'000};  // logs repeat themselves: a higher ratio than elsewhere
  RecordLimits record;
};

// POST /dataCollectionRules/{rule}/streams/{stream}?api-version=2023-01-01 (Azure's Logs Ingestion API). The stream is
// Custom-TABLE or Microsoft-TABLE; Custom-X means X_CL where X is no table. 204 once the rows are durable; nothing is
// stored when one record is refused. Errors are {"error":{"code","message"}} with Azure's codes: 400, 404, 413, 415,
// 429 with Retry-After, 503.
net::Response handle_stream(Receiver& receiver, const WorkspaceId& workspace, std::string_view stream,
                            std::string_view source, net::Request& request, const IngestHttpLimits& limits = {});

// POST /api/workspaces/{workspace}/ingest?table=T&format=auto&mode=backfill|live: a piece of a file. Refused records
// are skipped and told: 200 {"records":n,"rows":n,"rejected":n,"rejects":[{"line","code","reason","text"}]}.
net::Response handle_upload(Receiver& receiver, const WorkspaceId& workspace, std::string_view source,
                            net::Request& request, const IngestHttpLimits& limits = {});

}  // namespace garrison::ingest
