// SPDX-License-Identifier: Apache-2.0
// Made-up data in the shapes of the contract, the same at every start. One incident and some events carry hostile text.
let seed = 20240501;
function random() {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
}
const pick = (list) => list[Math.floor(random() * list.length)];
const between = (low, high) => low + Math.floor(random() * (high - low + 1));
export const now = Date.now();
export const ago = (minutes) => new Date(now - minutes * 60_000).toISOString().replace("Z", "0000Z");
const id = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

export const hostile = `<img src=x onerror="window.hostileRan=1">`;
export const severities = ["High", "Medium", "Low", "Informational"];
const column = (text) => text.split(" ").map((part) => ({ name: part.split(":")[0], type: part.split(":")[1] ?? "string" }));
export const tables = [
  ["SecurityEvent", true, "TimeGenerated:datetime EventID:int Activity Computer Account TargetAccount SubjectUserName LogonType:int IpAddress Process CommandLine ParentProcessName EventData:dynamic"],
  ["SigninLogs", true, "TimeGenerated:datetime UserPrincipalName UserDisplayName IPAddress Location ResultType AppDisplayName RiskLevelDuringSignIn DeviceDetail:dynamic LocationDetails:dynamic"],
  ["DeviceProcessEvents", true, "TimeGenerated:datetime DeviceName AccountName FileName FolderPath ProcessCommandLine InitiatingProcessFileName SHA256 ProcessId:long AdditionalFields:dynamic"],
  ["DeviceNetworkEvents", true, "TimeGenerated:datetime DeviceName RemoteIP RemotePort:int RemoteUrl InitiatingProcessFileName ActionType"],
  ["CommonSecurityLog", true, "TimeGenerated:datetime DeviceVendor DeviceProduct Activity SourceIP DestinationIP DestinationPort:int DeviceAction SentBytes:long"],
  ["AzureActivity", true, "TimeGenerated:datetime OperationNameValue Caller CallerIpAddress ActivityStatusValue ResourceId Properties_d:dynamic"],
  ["SecurityAlert", true, "TimeGenerated:datetime AlertName AlertSeverity Description ProviderName SystemAlertId Entities ExtendedProperties StartTime:datetime EndTime:datetime Tactics"],
  ["SecurityIncident", true, "TimeGenerated:datetime IncidentNumber:int Title Severity Status Classification Owner:dynamic CreatedTime:datetime ClosedTime:datetime AlertIds:dynamic Labels:dynamic"],
  ["Syslog", false, "TimeGenerated:datetime Computer Facility SeverityLevel ProcessName SyslogMessage HostIP"],
  ["OfficeActivity", false, "TimeGenerated:datetime Operation UserId ClientIP RecordType OfficeWorkload"],
  ["AuditLogs", false, "TimeGenerated:datetime OperationName Category Result InitiatedBy:dynamic TargetResources:dynamic"],
  ["Firewall_CL", false, "TimeGenerated:datetime Message SourceHost"],
].map(([name, hasData, columns]) => ({ name, hasData, category: "Security", description: `Events of ${name}`, columns: column(columns) }));

export const people = [
  { name: "admin", displayName: "Ada Admin", email: "ada@example.org", role: "Owner" },
  { name: "mira", displayName: "Mira Novak", email: "mira@example.org", role: "Responder" },
  { name: "jon", displayName: "Jon Okafor", email: "jon@example.org", role: "Operator" },
  { name: "li", displayName: "Li Wei", role: "Contributor" },
  { name: "reader", displayName: "Rita Reader", role: "Reader" },
];

const ruleData = [
  ["Password spray against many accounts", "High", "CredentialAccess", "T1110.003", "SigninLogs"],
  ["Sign-in from two far countries within an hour", "Medium", "InitialAccess", "T1078", "SigninLogs"],
  ["Office program starts a script host", "High", "Execution", "T1059.001", "DeviceProcessEvents"],
  ["LSASS memory read by an unusual process", "High", "CredentialAccess", "T1003.001", "SecurityEvent"],
  ["Service installed on a remote host", "Medium", "LateralMovement", "T1021.002", "SecurityEvent"],
  ["Scheduled task created by script", "Medium", "Persistence", "T1053.005", "SecurityEvent"],
  ["Event log cleared", "Medium", "DefenseEvasion", "T1070.001", "SecurityEvent"],
  ["Beacon-like connections to a rare address", "High", "CommandAndControl", "T1071.001", "DeviceNetworkEvents"],
  ["Large upload to a new destination", "High", "Exfiltration", "T1567", "CommonSecurityLog"],
  ["Role assigned to a new identity", "Medium", "PrivilegeEscalation", "T1098", "AzureActivity"],
  ["New administrator in the domain", "Medium", "Persistence", "T1136.002", "SecurityEvent"],
  ["Shadow copies deleted", "High", "Impact", "T1490", "DeviceProcessEvents"],
  ["Discovery commands in a short time", "Low", "Discovery", "T1087", "DeviceProcessEvents"],
  ["Mail forwarding rule to outside", "Medium", "Collection", "T1114.003", "OfficeActivity"],
  ["Sudo by a user who never did", "Low", "PrivilegeEscalation", "T1548.003", "Syslog"],
  ["Port scan from inside", "Low", "Discovery", "T1046", "CommonSecurityLog"],
  ["First use of remote desktop between two hosts", "Informational", "LateralMovement", "T1021.001", "SecurityEvent"],
  ["Kerberos ticket with weak encryption", "Medium", "CredentialAccess", "T1558.003", "SecurityEvent"],
];
export const rules = ruleData.map(([displayName, severity, tactic, technique, table], i) => {
  const waiting = ["OfficeActivity", "Syslog"].includes(table);
  const failing = i === 9;
  const query = `${table}\n| where TimeGenerated > ago(1h)\n// ${displayName}\n| summarize Hits = count(), TimeGenerated = max(TimeGenerated) by ${tables.find((t) => t.name === table).columns[3].name}\n| where Hits >= ${3 + i}`;
  const health = failing
    ? { state: "Failing", reason: "ENG-0159: the query ran longer than 60 s; narrow its time range or its join", lastRunTime: ago(4), lastRunMs: 60012, nextRunTime: ago(-56), consecutiveFailures: 3 }
    : waiting
      ? { state: "Waiting", reason: `Table ${table} has no data yet` }
      : i === 16
        ? { state: "Disabled" }
        : { state: "Healthy", lastRunTime: ago(between(1, 50)), lastRunMs: between(8, 240), nextRunTime: ago(-between(2, 50)), consecutiveFailures: 0 };
  return {
    id: id(1000 + i), displayName, description: `Finds: ${displayName.toLowerCase()}. Look at the account and the host first, then at what ran before.`, kind: "Scheduled", severity, enabled: i !== 16, origin: i === 17 ? "user" : "shipped", version: "1.0.0",
    tactics: [tactic], techniques: [technique], tables: [table], queryFrequency: pick(["PT5M", "PT1H", "PT1H", "P1D"]), queryPeriod: pick(["PT1H", "P1D"]), health, alertsLastWeek: waiting || i === 16 ? 0 : between(0, 40), lastModifiedTime: ago(30000), etag: `r${i}-1`,
    query, yaml: `id: ${id(1000 + i)}\nname: ${displayName}\nseverity: ${severity}\nkind: Scheduled\nqueryFrequency: 1h\nqueryPeriod: 1h\ntriggerOperator: gt\ntriggerThreshold: 0\ntactics:\n  - ${tactic}\nrelevantTechniques:\n  - ${technique}\nquery: |\n  ${query.replace(/\n/g, "\n  ")}\nversion: 1.0.0\n`,
    triggerOperator: "GreaterThan", triggerThreshold: 0, entityMappings: [{ entityType: "Host", fieldMappings: [{ identifier: "HostName", columnName: "Computer" }] }], createIncident: true,
  };
});

const hosts = ["WS-0142", "WS-0077", "SRV-FILE01", "SRV-DC01", "SRV-WEB02", "LAP-ESTELLE"];
const accounts = ["estelle.roux@contoso.example", "p.haddad@contoso.example", "svc-backup", "t.brandt@contoso.example", "CONTOSO\\administrator"];
const addresses = ["203.0.113.45", "198.51.100.7", "10.4.2.19", "10.4.7.201", "192.0.2.88"];
const entity = (kind, name, properties) => ({ id: `${kind}:${name}`.toLowerCase(), kind, name, properties });
const someEntities = () => {
  const account = pick(accounts);
  const host = pick(hosts);
  const address = pick(addresses);
  const all = [
    entity("Account", account, { Name: account.split("@")[0], UPNSuffix: account.split("@")[1] ?? "" }), entity("Host", host, { HostName: host, DnsDomain: "contoso.example" }), entity("IP", address, { Address: address }),
    entity("Process", "powershell.exe", { CommandLine: "powershell -nop -w hidden -enc SQBFAFgA", ProcessId: "4711" }),
  ];
  return all.slice(0, between(2, 4));
};

export const alerts = [];
export const incidents = [];
for (let n = 1; n <= 48; n++) {
  const rule = rules[n === 48 ? 0 : between(0, 12)];
  const created = n === 48 ? 3 : (48 - n) * 41 + between(0, 30);
  const count = n === 47 ? 7 : between(1, 4);
  const own = Array.from({ length: count }, (_, k) => {
    const source = n === 47 ? rules[[0, 1, 2, 3, 4, 7, 8][k]] : rule;
    return {
      id: `alert-${n}-${k}`, displayName: n === 46 ? `Suspicious file name ${hostile}` : source.displayName, description: source.description, severity: source.severity, ruleId: source.id, ruleName: source.displayName, productName: "Garrison",
      incidentNumber: n, createdTime: ago(created + k), startTime: ago(created + 12 + (count - k) * 9), endTime: ago(created + 6 + (count - k) * 9), tactics: source.tactics, techniques: source.techniques, entities: someEntities(),
      customDetails: { Hits: [String(between(4, 60))], Reason: ["above the usual for this account"] }, eventsCount: between(3, 40),
    };
  });
  alerts.push(...own);
  const entities = [...new Map(own.flatMap((a) => a.entities).map((e) => [e.id, e])).values()].map((e) => ({ ...e, alertsCount: own.filter((a) => a.entities.some((x) => x.id === e.id)).length }));
  const status = n > 40 ? "New" : n > 34 ? "Active" : pick(["Closed", "Closed", "Closed", "Active"]);
  const owner = status === "New" ? null : pick(people.slice(0, 4));
  incidents.push({
    id: id(n), number: n, title: n === 47 ? "Multistage attack: phished account to data upload on SRV-FILE01" : n === 46 ? `Suspicious file name ${hostile}` : `${rule.displayName} (${entities[0].name})`,
    description: `${rule.description}\n\nThe account behaved differently from its last 14 days.`, severity: n === 47 ? "High" : rule.severity, status, owner: owner && { name: owner.name, displayName: owner.displayName },
    ...(status === "Closed" ? { classification: "TruePositive", classificationReason: "SuspiciousActivity", classificationComment: "Account reset, host isolated.", closedTime: ago(Math.max(1, created - between(20, 400))) } : {}),
    labels: n % 5 === 0 ? [{ name: "vip", kind: "User" }] : [], tactics: [...new Set(own.flatMap((a) => a.tactics))], techniques: [...new Set(own.flatMap((a) => a.techniques))], alertsCount: count, commentsCount: 0,
    ruleIds: [...new Set(own.map((a) => a.ruleId))], entities: entities.slice(0, 5), allEntities: entities, firstActivityTime: ago(created + 60), lastActivityTime: ago(Math.max(1, created - 2)), createdTime: ago(created), lastModifiedTime: ago(Math.max(1, created - 1)), etag: `i${n}-1`,
    comments: [], activity: [{ id: `act-${n}-0`, time: ago(created), actor: rule.displayName, actorKind: "AnalyticsRule", action: "Created" }],
  });
}

const source = (name, kind, list, state, perDay, rejected = 0, lastReject = undefined) => ({
  id: name.toLowerCase().replace(/\W+/g, "-"), displayName: name, kind, tables: list, state, firstEventTime: ago(20_000), lastEventTime: state === "Waiting" ? undefined : ago(state === "Silent" ? 400 : 1), eventsLastDay: perDay, bytesLastDay: perDay * 940,
  rejectedLastDay: rejected, eventsPerSecond: state === "Silent" ? 0 : perDay / 86_400, lastReject,
});
export const sources = [
  source("Windows events", "logsIngestion", ["SecurityEvent", "Event"], "Healthy", 4_812_330),
  source("Endpoint processes", "logsIngestion", ["DeviceProcessEvents", "DeviceNetworkEvents"], "Healthy", 2_140_021),
  source("Sign-ins", "logsIngestion", ["SigninLogs"], "Healthy", 88_214),
  source("Firewall", "logsIngestion", ["CommonSecurityLog"], "Rejecting", 990_120, 412, { time: ago(6), reason: "INGEST-0007: line 3: member 'SentBytes' is text 'n/a' where a long is expected", sample: `{"TimeGenerated":"2024-05-01T10:00:00Z","DeviceVendor":"${hostile}","SentBytes":"n/a"}` }),
  source("Cloud activity", "logsIngestion", ["AzureActivity"], "Silent", 1203),
];

export const users = people.map((p, i) => ({
  name: p.name, displayName: p.displayName, ...(p.email ? { email: p.email } : {}), enabled: i !== 3, administrator: i === 0, mustChangePassword: false, createdTime: ago(60_000), ...(i < 4 ? { lastSignInTime: ago(40 * (i + 1)) } : {}),
  roles: [{ workspace: "main", role: p.role }], etag: `u${i}-1`,
}));
export const tokens = [{ id: "t1", name: "forwarder on srv-log01", owner: "admin", workspace: "main", role: "Contributor", createdTime: ago(20_000), expiresTime: ago(-100_000), lastUsedTime: ago(1) }];
export const audit = Array.from({ length: 60 }, (_, i) => ({
  id: `a${i}`, time: ago(i * 31 + 2), actor: pick(people).name, action: pick(["user.sign_in", "query.run", "incident.update", "incident.comment", "rule.update", "token.create", "user.sign_in_failed"]), target: pick(["incident 47", "rule Event log cleared", ""]), outcome: i % 9 === 4 ? "Denied" : "Success",
  workspace: "main", address: "127.0.0.1", detail: i % 7 === 0 ? "severity: Medium to High" : undefined, requestId: `req-${i}`,
}));
for (const entry of audit) if (entry.action === "user.sign_in_failed") entry.outcome = "Failure";
