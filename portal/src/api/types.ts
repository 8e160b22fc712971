// SPDX-License-Identifier: Apache-2.0
// Short names for the shapes of the contract.
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Profile = Schemas["Profile"];
export type Person = Schemas["Person"];
export type Member = Schemas["Member"];
export type Role = Schemas["Role"];
export type Severity = Schemas["Severity"];
export type Incident = Schemas["Incident"];
export type IncidentUpdate = Schemas["IncidentUpdate"];
export type IncidentStatus = Schemas["IncidentStatus"];
export type Classification = Schemas["Classification"];
export type ClassificationReason = Schemas["ClassificationReason"];
export type Alert = Schemas["Alert"];
export type Comment = Schemas["Comment"];
export type Activity = Schemas["Activity"];
export type Entity = Schemas["Entity"];
export type Overview = Schemas["Overview"];
export type Source = Schemas["Source"];
export type SourceState = Schemas["SourceState"];
export type IngestStatus = Schemas["IngestStatus"];
export type Rule = Schemas["Rule"];
export type RuleDetail = Schemas["RuleDetail"];
export type RuleHealth = Schemas["RuleHealth"];
export type RuleHealthState = Schemas["RuleHealthState"];
export type RuleRun = Schemas["RuleRun"];
export type QueryResult = Schemas["QueryResult"];
export type Column = Schemas["Column"];
export type KqlType = Schemas["KqlType"];
export type Render = Schemas["Render"];
export type Diagnostic = Schemas["Diagnostic"];
export type KqlSchema = Schemas["Schema"];
export type User = Schemas["User"];
export type Token = Schemas["Token"];
export type TokenCreated = Schemas["TokenCreated"];
export type Workspace = Schemas["Workspace"];
export type AuditEntry = Schemas["AuditEntry"];
export type Status = Schemas["Status"];
export type Job = Schemas["Job"];
export type LiveEvent = Schemas["LiveEvent"];

export const severities: Severity[] = ["High", "Medium", "Low", "Informational"];
export const incidentStatuses: IncidentStatus[] = ["New", "Active", "Closed"];
export const roles: Role[] = ["Reader", "Responder", "Operator", "Contributor", "Owner"];
