// SPDX-License-Identifier: Apache-2.0
import { call } from "@/api/client";
import type { Classification, ClassificationReason, Incident, IncidentUpdate } from "@/api/types";

export const changeIncident = (workspace: string, incident: Incident, body: IncidentUpdate): Promise<Incident> =>
  call("patch", "/api/workspaces/{workspace}/incidents/{incident}", { path: { workspace, incident: incident.number }, body, ifMatch: incident.etag });

// The pairs that make sense; only these are offered.
export const closings: { classification: Classification; reason?: ClassificationReason }[] = [
  { classification: "TruePositive", reason: "SuspiciousActivity" },
  { classification: "BenignPositive", reason: "SuspiciousButExpected" },
  { classification: "FalsePositive", reason: "IncorrectAlertLogic" },
  { classification: "FalsePositive", reason: "InaccurateData" },
  { classification: "Undetermined" },
];
