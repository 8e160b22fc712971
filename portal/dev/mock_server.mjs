// SPDX-License-Identifier: Apache-2.0
// The developers' backend: answers the contract from made-up data, and serves dist/ as the real server does, with the same
// content security policy. User admin, password from GARRISON_PASSWORD (printed at the start). Port from PORT, 5174 by default.
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import * as data from "./fixtures.mjs";
import { answer } from "./mock_query.mjs";

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const password = process.env.GARRISON_PASSWORD ?? randomUUID();
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const sessions = new Map();
const streams = new Set();
const jobs = new Map();
const workspaces = [{ name: "main", displayName: "Contoso", createdTime: data.ago(90_000), etag: "w1" }, { name: "lab", displayName: "Laboratory", createdTime: data.ago(4_000), etag: "w2" }];
const ladder = ["Reader", "Responder", "Operator", "Contributor", "Owner"];
const least = {
  "workspace.read": 0, "query.run": 0, "table.read": 0, "incident.read": 0, "alert.read": 0, "rule.read": 0, "connector.read": 0, "health.read": 0, "incident.write": 1, "rule.run": 2, "rule.write": 3, "ingest.write": 3,
  "workspace.admin": 4, "member.manage": 4, "token.manage": 4, "audit.read": 4,
};
const serverPermissions = ["workspace.create", "user.admin", "server.admin", "server.health.read", "server.audit.read"];

class Refused extends Error {
  constructor(status, kind, code, message, position = {}) {
    super(message);
    Object.assign(this, { status, kind, code, position });
  }
}
const missing = (what) => new Refused(404, "not_found", "API-0404", `${what} does not exist`);

function profileOf(name) {
  const user = data.users.find((entry) => entry.name === name);
  const held = workspaces.flatMap((workspace) => {
    const role = user.roles.find((entry) => entry.workspace === workspace.name)?.role ?? (user.administrator && workspace.name === "lab" ? "Owner" : undefined);
    return role ? [{ name: workspace.name, displayName: workspace.displayName, role, permissions: Object.keys(least).filter((p) => ladder.indexOf(role) >= least[p]) }] : [];
  });
  return { user: { name: user.name, displayName: user.displayName, email: user.email }, administrator: user.administrator, mustChangePassword: user.mustChangePassword, permissions: user.administrator ? serverPermissions : [], workspaces: held };
}

function send(event, body) {
  const message = `event: ${event}\ndata: ${JSON.stringify({ type: event, time: new Date().toISOString(), ...body })}\n\n`;
  for (const stream of streams) stream.write(message);
}

const order = { severity: (row) => data.severities.indexOf(row.severity) * -1, owner: (row) => row.owner?.displayName ?? "", health: (row) => row.health.state, lastRunTime: (row) => row.health.lastRunTime ?? "" };
function list(items, query, { searched = (row) => JSON.stringify(row), filters = {} } = {}) {
  let found = items;
  for (const [name, test] of Object.entries(filters)) {
    const wanted = query.get(name)?.split(",").filter(Boolean) ?? [];
    if (wanted.length) found = found.filter((row) => test(row, wanted));
  }
  const needle = query.get("search")?.toLowerCase();
  if (needle) found = found.filter((row) => searched(row).toLowerCase().includes(needle));
  const sort = query.get("sort");
  if (sort) {
    const name = sort.replace(/^-/, "");
    const key = order[name] ?? ((row) => row[name] ?? "");
    const sign = sort.startsWith("-") ? -1 : 1;
    found = found.toSorted((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0));
  }
  const from = Number(query.get("cursor") ?? 0);
  const limit = Number(query.get("limit") ?? 50);
  return { items: found.slice(from, from + limit), total: found.length, nextCursor: from + limit < found.length ? String(from + limit) : null };
}
const among = (field) => (row, wanted) => wanted.includes(row[field]);
const shown = ({ comments, activity, allEntities, ...incident }) => ({ ...incident, commentsCount: comments.length });

function overview(timespan) {
  const hours = timespan === "P7D" ? 168 : 24;
  const open = data.incidents.filter((i) => i.status !== "Closed");
  const count = (rows, field, names) => Object.fromEntries(names.map((name) => [name, rows.filter((row) => row[field] === name).length]));
  const steps = Array.from({ length: 24 }, (_, i) => data.now - ((24 - i) * hours * 3_600_000) / 24);
  const width = (hours * 3_600_000) / 24;
  const within = (time, start) => Date.parse(time) >= start && Date.parse(time) < start + width;
  return {
    from: data.ago(hours * 60), to: data.ago(0),
    incidents: { open: open.length, unassigned: open.filter((i) => !i.owner).length, byStatus: count(data.incidents, "status", ["New", "Active", "Closed"]), openBySeverity: count(open, "severity", data.severities), created: data.incidents.length, closed: data.incidents.filter((i) => i.status === "Closed").length, medianMinutesToClose: 94 },
    alerts: { total: data.alerts.length, series: steps.map((start) => ({ time: new Date(start).toISOString(), counts: count(data.alerts.filter((a) => within(a.createdTime, start)), "severity", data.severities) })) },
    events: { total: 8_031_888, series: steps.map((start, i) => ({ time: new Date(start).toISOString(), count: Math.round(260_000 + 120_000 * Math.sin(i / 4)) })) },
    sources: data.sources, rules: { enabled: 17, healthy: 14, failing: 1, waiting: 2 },
    topRules: data.rules.slice(0, 6).map((rule) => ({ id: rule.id, displayName: rule.displayName, severity: rule.severity, alerts: rule.alertsLastWeek, incidents: Math.ceil(rule.alertsLastWeek / 3) })).sort((a, b) => b.alerts - a.alerts),
    attention: [
      ...open.filter((i) => !i.owner && i.severity === "High").toReversed().slice(0, 4).map((i) => ({ kind: "incidentUnassigned", severity: i.severity, title: i.title, detail: `${i.alertsCount} alerts`, time: i.createdTime, target: String(i.number) })),
      { kind: "ruleFailing", severity: "Medium", title: data.rules[9].displayName, detail: data.rules[9].health.reason, time: data.ago(4), target: data.rules[9].id },
      { kind: "sourceRejecting", severity: "Medium", title: "Firewall", detail: "412 events in the last day", time: data.ago(6), target: "Firewall" },
      { kind: "sourceSilent", severity: "Low", title: "Cloud activity", detail: "usually an event every 2 min", time: data.ago(400), target: "Cloud activity" },
    ],
  };
}

function patchIncident(incident, change, who) {
  if (change.status === "Closed" && !change.classification && !incident.classification) throw new Refused(400, "bad_input", "INC-0003", "closing an incident needs a classification");
  for (const [field, value] of Object.entries(change)) {
    const before = field === "owner" ? incident.owner?.name : field === "labels" ? incident.labels.map((l) => l.name).join(", ") : incident[field];
    const next = field === "owner" ? data.people.find((p) => p.name === value) : undefined;
    if (field === "owner") incident.owner = value === null ? null : { name: next.name, displayName: next.displayName };
    else if (field === "labels") incident.labels = value.map((name) => ({ name, kind: "User" }));
    else incident[field] = value;
    incident.activity.unshift({ id: randomUUID(), time: new Date().toISOString(), actor: who, actorKind: "User", action: "Changed", field, from: before ?? null, to: Array.isArray(value) ? value.join(", ") : value });
  }
  if (change.status === "Closed") incident.closedTime = new Date().toISOString();
  else if (change.status) for (const field of ["classification", "classificationReason", "classificationComment", "closedTime"]) delete incident[field];
  incident.lastModifiedTime = new Date().toISOString();
  const [stem, version] = incident.etag.split("-");
  incident.etag = `${stem}-${Number(version) + 1}`;
  send("incident", { change: "updated", id: String(incident.number), severity: incident.severity, title: incident.title });
}

const routes = [];
const on = (method, pattern, permission, handle) => routes.push({ method, permission, handle, pattern: new RegExp(`^${pattern.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`) });
const W = "/api/workspaces/{workspace}";
const incidentOf = ({ incident }) => data.incidents.find((i) => i.number === Number(incident)) ?? (() => { throw missing(`incident ${incident}`); })();
const ruleOf = ({ rule }) => data.rules.find((r) => r.id === rule) ?? (() => { throw missing(`rule ${rule}`); })();
const checkTag = (request, object) => {
  const given = request.headers["if-match"];
  if (given && given.replaceAll('"', "") !== object.etag) throw new Refused(412, "conflict", "API-0412", "the object has changed since it was read");
};

on("GET", "/api/health", "none", () => ({ status: "ok" }));
on("GET", "/api/session", "signedIn", ({ who }) => profileOf(who));
on("DELETE", "/api/session", "signedIn", ({ session }) => void sessions.delete(session));
on("POST", "/api/session/password", "signedIn", ({ body }) => {
  if (body.oldPassword !== password) throw new Refused(400, "bad_input", "AUTH-0004", "the current password is wrong");
});
on("GET", "/api/status", "signedIn", () => ({
  version: "0.1.0", startTime: data.ago(700), uptimeSeconds: 42_000, engine: { state: "running", mode: "child", version: "26.7.3", restarts: 0 },
  unsupported: ["series_decompose_anomalies", "evaluate bag_unpack", "externaldata", "geo_distance_2points", "parse-kv"].map((name, i) => ({ kind: i === 1 ? "plugin" : "function", name, remark: "KQL" })),
}));
on("GET", "/api/audit", "server.audit.read", ({ query }) => list(data.audit, query, { filters: { outcome: among("outcome") } }));
on("GET", `${W}/audit`, "audit.read", ({ query }) => list(data.audit, query, { filters: { outcome: among("outcome") } }));
on("GET", "/api/jobs/{job}", "signedIn", ({ path }) => jobs.get(path.job) ?? (() => { throw missing("the job"); })());
on("GET", "/api/workspaces", "signedIn", ({ query, who }) => list(workspaces.map((w) => ({ ...w, role: profileOf(who).workspaces.find((e) => e.name === w.name)?.role ?? null })), query));
on("POST", "/api/workspaces", "workspace.create", ({ body }) => {
  if (workspaces.some((w) => w.name === body.name)) throw new Refused(409, "conflict", "WS-0002", `workspace '${body.name}' exists already`);
  const made = { name: body.name, displayName: body.displayName ?? body.name, createdTime: new Date().toISOString(), etag: "w1", role: "Owner" };
  workspaces.push(made);
  return made;
});
on("DELETE", W, "workspace.admin", ({ path }) => {
  workspaces.splice(workspaces.findIndex((w) => w.name === path.workspace), 1);
  return { id: "j0", kind: "deleteWorkspace", state: "Succeeded" };
});
on("GET", `${W}/members`, "workspace.read", ({ query }) => list(data.people, query));
on("GET", "/api/users", "user.admin", ({ query }) => list(data.users, query));
on("POST", "/api/users", "user.admin", ({ body }) => {
  const user = { name: body.name, enabled: true, administrator: body.administrator ?? false, mustChangePassword: true, createdTime: new Date().toISOString(), roles: [], etag: "u-1" };
  data.users.push(user);
  return user;
});
const userOf = ({ user }) => data.users.find((u) => u.name === user) ?? (() => { throw missing(`user ${user}`); })();
on("PATCH", "/api/users/{user}", "user.admin", ({ path, body }) => Object.assign(userOf(path), { ...body, password: undefined }));
on("DELETE", "/api/users/{user}", "user.admin", ({ path }) => void data.users.splice(data.users.indexOf(userOf(path)), 1));
on("POST", "/api/users/{user}/password", "user.admin", ({ path }) => (userOf(path), { password: randomUUID() }));
on("PUT", `${W}/members/{user}`, "member.manage", ({ path, body }) => {
  const user = userOf(path);
  user.roles = [...user.roles.filter((r) => r.workspace !== path.workspace), { workspace: path.workspace, role: body.role }];
  return { name: user.name, displayName: user.displayName, role: body.role };
});
on("DELETE", `${W}/members/{user}`, "member.manage", ({ path }) => {
  userOf(path).roles = userOf(path).roles.filter((r) => r.workspace !== path.workspace);
});
on("GET", `${W}/tokens`, "token.manage", ({ query, path }) => list(data.tokens.filter((t) => t.workspace === path.workspace), query));
on("POST", `${W}/tokens`, "token.manage", ({ body, who, path }) => {
  const token = { id: randomUUID(), name: body.name, owner: who, workspace: path.workspace, role: body.role, createdTime: new Date().toISOString(), expiresTime: data.ago(-body.expiresDays * 1440) };
  data.tokens.push(token);
  return { ...token, secret: `grs_${randomUUID().replaceAll("-", "")}` };
});
on("DELETE", `${W}/tokens/{token}`, "token.manage", ({ path }) => void data.tokens.splice(data.tokens.findIndex((t) => t.id === path.token), 1));
on("GET", `${W}/overview`, "workspace.read", ({ query, path }) => {
  const full = overview(query.get("timespan") ?? "P1D");
  if (path.workspace !== "lab") return full;
  const none = { High: 0, Medium: 0, Low: 0, Informational: 0 };
  return { ...full, incidents: { ...full.incidents, open: 0, unassigned: 0, byStatus: { New: 0, Active: 0, Closed: 0 }, openBySeverity: none, created: 0, closed: 0, medianMinutesToClose: null }, alerts: { total: 0, series: full.alerts.series.map((s) => ({ ...s, counts: none })) }, events: { total: 0, series: full.events.series.map((s) => ({ ...s, count: 0 })) }, sources: [], topRules: [], attention: [] };
});
on("GET", `${W}/sources`, "connector.read", ({ query, path }) => list(path.workspace === "lab" ? [] : data.sources, query, { filters: { state: among("state") } }));
on("GET", `${W}/ingest`, "connector.read", () => ({ state: "ok", logBytes: 184_320, logBatches: 3, oldestSeconds: 1.4, acknowledgedEvents: 18_400_212, insertedEvents: 18_399_104, eventsPerSecond: 93.4 }));
on("POST", `${W}/query/validate`, "query.run", () => ({ diagnostics: [] }));
on("DELETE", `${W}/query/{id}`, "query.run", () => undefined);
on("POST", `${W}/query`, "query.run", async ({ body, request }) => {
  if (/sleep/.test(body.query)) await new Promise((resolve) => { const timer = setTimeout(resolve, 20_000); request.once("close", () => { clearTimeout(timer); resolve(); }); });
  try {
    return answer(body);
  } catch (error) {
    if (!error.line) throw error;
    throw new Refused(400, "bad_input", error.code, error.message, { line: error.line, column: error.column });
  }
});
on("GET", `${W}/schema`, "query.run", ({ path }) => ({ etag: "s1", database: path.workspace, tables: data.tables, functions: [{ name: "AdminAccounts", description: "Accounts with rights over the domain", parameters: [{ name: "since", type: "timespan", defaultValue: "1d" }], body: "{ SecurityEvent | where TimeGenerated > ago(since) | distinct Account }" }] }));
on("GET", `${W}/tables`, "query.run", ({ query }) => list(data.tables.map(({ columns, ...table }) => ({ ...table, numColumns: columns.length })), query));
on("GET", `${W}/incidents`, "incident.read", ({ query, path }) =>
  list(path.workspace === "lab" ? [] : data.incidents.map(shown), query, { filters: { severity: among("severity"), status: among("status"), owner: (row, wanted) => wanted.includes(row.owner?.name ?? "none"), createdTime: () => true } }));
on("GET", `${W}/incidents/{incident}`, "incident.read", ({ path }) => shown(incidentOf(path)));
on("PATCH", `${W}/incidents/{incident}`, "incident.write", ({ path, body, who, request }) => {
  const incident = incidentOf(path);
  checkTag(request, incident);
  patchIncident(incident, body, who);
  return shown(incident);
});
on("GET", `${W}/incidents/{incident}/comments`, "incident.read", ({ path, query }) => list(incidentOf(path).comments, query));
on("POST", `${W}/incidents/{incident}/comments`, "incident.write", ({ path, body, who }) => {
  const incident = incidentOf(path);
  const comment = { id: randomUUID(), author: profileOf(who).user, message: body.message, createdTime: new Date().toISOString() };
  incident.comments.push(comment);
  incident.activity.unshift({ id: randomUUID(), time: comment.createdTime, actor: who, actorKind: "User", action: "Commented" });
  send("incident", { change: "updated", id: path.incident });
  return comment;
});
on("GET", `${W}/incidents/{incident}/alerts`, "incident.read", ({ path, query }) => list(data.alerts.filter((a) => a.incidentNumber === incidentOf(path).number).toSorted((a, b) => (a.startTime < b.startTime ? -1 : 1)), query));
on("GET", `${W}/incidents/{incident}/entities`, "incident.read", ({ path, query }) => list(incidentOf(path).allEntities, query));
on("GET", `${W}/incidents/{incident}/activity`, "incident.read", ({ path, query }) => list(incidentOf(path).activity, query));
on("GET", `${W}/alerts/{alert}`, "incident.read", ({ path }) => {
  const alert = data.alerts.find((a) => a.id === path.alert) ?? (() => { throw missing("the alert"); })();
  return { ...alert, eventsQuery: { query: `${data.rules.find((r) => r.id === alert.ruleId).tables[0]}\n| take ${alert.eventsCount}`, timespan: `${alert.startTime}/${alert.endTime}` } };
});
on("GET", `${W}/rules`, "rule.read", ({ query }) => list(data.rules.map(({ yaml, query: _, ...rule }) => rule), query, { filters: { severity: among("severity"), health: (row, wanted) => wanted.includes(row.health.state) } }));
on("POST", `${W}/rules/validate`, "rule.read", ({ body }) => {
  const id = /^id:\s*(\S+)/m.exec(body.yaml)?.[1];
  return id ? { valid: true, id, diagnostics: [] } : { valid: false, diagnostics: [{ severity: "error", code: "RULE-0002", message: "the member 'id' is missing", line: 1, column: 1 }] };
});
on("GET", `${W}/rules/{rule}`, "rule.read", ({ path }) => ruleOf(path));
on("PUT", `${W}/rules/{rule}`, "rule.write", ({ path, body }) => {
  let rule = data.rules.find((r) => r.id === path.rule);
  if (!rule) data.rules.push((rule = { ...data.rules[0], id: path.rule, origin: "user", enabled: true, health: { state: "NotRun" }, alertsLastWeek: 0 }));
  return Object.assign(rule, { yaml: body.yaml, displayName: /^name:\s*(.+)$/m.exec(body.yaml)?.[1] ?? rule.displayName, etag: randomUUID() });
});
on("PATCH", `${W}/rules/{rule}`, "rule.write", ({ path, body }) => Object.assign(ruleOf(path), { enabled: body.enabled, health: body.enabled ? { state: "NotRun" } : { state: "Disabled" } }));
on("DELETE", `${W}/rules/{rule}`, "rule.write", ({ path }) => void data.rules.splice(data.rules.indexOf(ruleOf(path)), 1));
on("POST", `${W}/rules/{rule}/run`, "rule.run", ({ path }) => {
  const job = { id: randomUUID(), kind: "runRule", state: "Running", progress: 0.4 };
  jobs.set(job.id, job);
  setTimeout(() => Object.assign(job, { state: "Succeeded", progress: 1, message: `${ruleOf(path).alertsLastWeek % 3} alerts` }), 900);
  return job;
});
on("GET", `${W}/rules/{rule}/runs`, "rule.read", ({ path, query }) => {
  const rule = ruleOf(path);
  const runs = rule.health.lastRunTime ? Array.from({ length: 30 }, (_, i) => ({ id: `run-${i}`, windowStart: data.ago(i * 60 + 70), windowEnd: data.ago(i * 60 + 10), startTime: data.ago(i * 60 + 5), state: rule.health.state === "Failing" && i < 3 ? "Failed" : "Succeeded", durationMs: 20 + ((i * 37) % 90), rows: i % 4, rowsRead: 120_000 + i * 731, alerts: i % 4, ...(rule.health.state === "Failing" && i < 3 ? { error: rule.health.reason } : {}) })) : [];
  return list(runs, query);
});

const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".ttf": "font/ttf", ".json": "application/json" };
async function serveFile(pathname, response) {
  const wanted = extname(pathname) ? normalize(pathname) : "/index.html";
  const content = await readFile(join(dist, wanted)).catch(() => undefined);
  response.writeHead(content ? 200 : 404, { "Content-Type": types[extname(wanted)] ?? "application/octet-stream", "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": wanted.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache" });
  response.end(content);
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return parts.length ? JSON.parse(Buffer.concat(parts).toString()) : undefined;
}

async function serve(request, response) {
  const url = new URL(request.url, "http://mock");
  if (!url.pathname.startsWith("/api/")) return serveFile(url.pathname, response);
  const session = /garrison_session=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
  const who = sessions.get(session);
  if (request.method !== "GET" && request.headers["x-garrison-request"] !== "1") throw new Refused(403, "denied", "API-0403", "the header X-Garrison-Request is missing");
  if (request.method === "POST" && url.pathname === "/api/session") {
    const body = await bodyOf(request);
    if (!data.users.some((u) => u.name === body.user) || body.password !== password) throw new Refused(401, "denied", "AUTH-0001", "User name or password is wrong.");
    const made = randomUUID();
    sessions.set(made, body.user);
    response.setHeader("Set-Cookie", `garrison_session=${made}; HttpOnly; SameSite=Strict; Path=/`);
    return response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(profileOf(body.user)));
  }
  if (!who && url.pathname !== "/api/health") throw new Refused(401, "denied", "AUTH-0002", "nobody is signed in");
  const events = /^\/api\/workspaces\/[^/]+\/events$/.test(url.pathname);
  if (events) {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" }).write(": hello\n\n");
    streams.add(response);
    return void request.once("close", () => streams.delete(response));
  }
  for (const route of routes) {
    const match = route.pattern.exec(decodeURIComponent(url.pathname));
    if (!match || route.method !== request.method) continue;
    const path = match.groups ?? {};
    const profile = who ? profileOf(who) : undefined;
    const held = route.permission in least ? profile.workspaces.find((w) => w.name === path.workspace) : profile;
    if (route.permission in least && !held) throw missing(`workspace ${path.workspace}`);
    if (route.permission !== "none" && route.permission !== "signedIn" && !held.permissions.includes(route.permission)) throw new Refused(403, "denied", "API-0403", `this needs the permission ${route.permission}`);
    const body = request.method === "GET" || request.method === "DELETE" ? undefined : await bodyOf(request);
    const result = await route.handle({ path, query: url.searchParams, body, who, session, request });
    return response.writeHead(result === undefined ? 204 : 200, { "Content-Type": "application/json", "Cache-Control": "no-store" }).end(result === undefined ? undefined : JSON.stringify(result));
  }
  throw missing(url.pathname);
}

const server = createServer((request, response) => {
  serve(request, response).catch((error) => {
    const refused = error instanceof Refused ? error : new Refused(500, "bug", "API-0500", String(error));
    const body = { error: { code: refused.code, kind: refused.kind, message: refused.message, ...refused.position, requestId: randomUUID().slice(0, 8) } };
    if (!response.headersSent) response.writeHead(refused.status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(body));
  });
});
server.listen(Number(process.env.PORT ?? 5174), "127.0.0.1", () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}`, user: "admin", password }));
});
