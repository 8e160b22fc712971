// SPDX-License-Identifier: Apache-2.0
// Every route of the table x every role x own and foreign workspace x nobody. A route without an expectation fails.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client, Server, administrator, root } from './garrison.mjs';

const roles = ['Reader', 'Responder', 'Operator', 'Contributor', 'Owner'];
let server, admin, routes;
const clients = {};

before(async () => {
  server = await Server.start();
  admin = await administrator(server);
  await admin.post('/api/workspaces', { name: 'other' });
  for (const role of roles) {
    const name = role.toLowerCase();
    await admin.post('/api/users', { name, password: 'first password 1' });
    await admin.call('PUT', `/api/workspaces/main/members/${name}`, { role });
    clients[role] = new Client(server.url);
    await clients[role].signIn(name, 'first password 1');
  }
  routes = (await admin.get('/api/routes')).json.items;
});
after(async () => server.stop());

// The least role of each permission of the contract, as this test expects it.
const least = {
  'workspace.read': 'Reader', 'query.run': 'Reader', 'table.read': 'Reader', 'incident.read': 'Reader', 'alert.read': 'Reader', 'rule.read': 'Reader',
  'connector.read': 'Reader', 'health.read': 'Reader', 'incident.write': 'Responder', 'rule.run': 'Operator', 'rule.write': 'Contributor',
  'ingest.write': 'Contributor', 'workspace.admin': 'Owner', 'member.manage': 'Owner', 'token.manage': 'Owner', 'audit.read': 'Owner',
};
const serverPermissions = new Set(['workspace.create', 'user.admin', 'server.admin', 'server.audit.read']);
// What each operation demands.
const expected = {
  signIn: 'none', getHealth: 'none',
  getSession: 'signedIn', signOut: 'signedIn', changePassword: 'signedIn', getStatus: 'signedIn', listJobs: 'signedIn', getJob: 'signedIn',
  cancelJob: 'signedIn', listWorkspaces: 'signedIn', ingestStream: 'signedIn',
  listServerAudit: 'server.audit.read', createWorkspace: 'workspace.create', listRoutes: 'server.admin',
  listUsers: 'user.admin', createUser: 'user.admin', getUser: 'user.admin', updateUser: 'user.admin', deleteUser: 'user.admin', resetPassword: 'user.admin',
  getWorkspace: 'workspace.read', listMembers: 'workspace.read', streamEvents: 'workspace.read', getOverview: 'workspace.read',
  deleteWorkspace: 'workspace.admin', assignRole: 'member.manage', removeRole: 'member.manage',
  listTokens: 'token.manage', createToken: 'token.manage', deleteToken: 'token.manage', listWorkspaceAudit: 'audit.read',
  listSources: 'connector.read', getIngestStatus: 'health.read', flushIngest: 'ingest.write', uploadEvents: 'ingest.write',
  runQuery: 'query.run', validateQuery: 'query.run', cancelQuery: 'query.run', getSchema: 'table.read', listTables: 'table.read', getTable: 'table.read',
  listIncidents: 'incident.read', getIncident: 'incident.read', listIncidentComments: 'incident.read', listIncidentAlerts: 'alert.read',
  listIncidentEntities: 'incident.read', listIncidentActivity: 'incident.read', listAlerts: 'alert.read', getAlert: 'alert.read',
  updateIncident: 'incident.write', addIncidentComment: 'incident.write',
  listRules: 'rule.read', validateRule: 'rule.read', getRule: 'rule.read', listRuleRuns: 'rule.read', runRule: 'rule.run',
  putRule: 'rule.write', updateRule: 'rule.write', deleteRule: 'rule.write',
};
// Routes whose call would end the caller's own session or hang; their authorisation is seen without calling them.
const notCalled = new Set(['signOut', 'changePassword', 'streamEvents', 'signIn', 'deleteWorkspace']);

function fill(route, workspace) {
  return route.path.replace('{workspace}', workspace).replace('{rule}', route.operation === 'ingestStream' ? `dcr-${workspace}` : 'nosuch')
    .replace('{incident}', '999999').replace('{stream}', 'Custom-Syslog').replace(/\{[a-zA-Z]+\*?\}/g, 'nosuch') +
    (route.operation === 'ingestStream' ? '?api-version=2023-01-01' : '');
}
const call = (client, route, workspace) => client.call(route.method, fill(route, workspace), route.method === 'GET' ? undefined : '{}');
const isDenied = (answer) => [401, 403].includes(answer.status);

test('every route has an expectation, and its permission is the expected one', () => {
  assert.ok(routes.length >= 45, `${routes.length} routes`);
  for (const route of routes) assert.equal(route.permission, expected[route.operation], `${route.method} ${route.path} (${route.operation})`);
});

test('the route table and openapi.yaml agree', () => {
  // The contract's own lines are enough: path, method, operation, permission, scope.
  const contract = [];
  let where, method;
  for (const line of readFileSync(path.join(root, 'src/api/openapi.yaml'), 'utf8').split('\n')) {
    const found = /^  (\/\S+):$/.exec(line) ?? /^    (get|post|put|patch|delete):$/.exec(line);
    if (found && line.startsWith('  /')) where = found[1];
    else if (found) method = found[1].toUpperCase();
    const operation = /^      operationId: (\w+)$/.exec(line)?.[1];
    if (operation) contract.push({ path: where, method, operation });
    const permission = /^      x-garrison-permission: ([\w.]+)$/.exec(line)?.[1];
    if (permission) contract.at(-1).permission = permission;
    const scope = /^      x-garrison-scope: (\w+)$/.exec(line)?.[1];
    if (scope) contract.at(-1).scope = scope;
  }
  const shown = (list) => list.map((r) => `${r.method} ${r.path} ${r.operation} ${r.permission} ${r.scope}`).sort();
  assert.deepEqual(shown(routes), shown(contract));
});

test('nobody is let in anywhere but to the public routes', async () => {
  const anonymous = new Client(server.url);
  for (const route of routes) {
    if (route.permission === 'none') continue;
    for (const workspace of ['main', 'other', 'absent']) {
      const answer = await call(anonymous, route, workspace);
      assert.equal(answer.status, 401, `${route.operation} in ${workspace}: ${answer.status} ${answer.text}`);
    }
  }
});

for (const [rank, role] of roles.entries()) {
  test(`${role}: own workspace as its role says, foreign and absent ones not at all`, async () => {
    const client = clients[role];
    for (const route of routes) {
      if (route.permission === 'none' || notCalled.has(route.operation)) continue;
      const own = await call(client, route, 'main');
      const label = `${route.operation}: ${own.status} ${own.text.slice(0, 200)}`;
      // The handler of ingestStream checks the permission in the workspace that the rule names.
      if (route.operation === 'ingestStream') assert.equal(own.status === 403, rank < roles.indexOf('Contributor'), label);
      else if (route.permission === 'signedIn') assert.ok(!isDenied(own), label);
      else if (serverPermissions.has(route.permission)) assert.equal(own.status, 403, label);
      else if (rank >= roles.indexOf(least[route.permission])) assert.ok(!isDenied(own), label);
      else assert.equal(own.status, 403, label);
      if (route.scope !== 'workspace' && route.operation !== 'ingestStream') continue;
      const foreign = await call(client, route, 'other');
      const absent = await call(client, route, 'absent');
      assert.equal(foreign.status, 404, `${route.operation} in a foreign workspace: ${foreign.status} ${foreign.text.slice(0, 200)}`);
      assert.equal(absent.status, 404, `${route.operation} in an absent workspace: ${absent.status}`);
    }
  });
}

test('an administrator of the server holds nothing in a workspace without a role', async () => {
  await admin.call('DELETE', '/api/workspaces/other/members/admin');
  await admin.post('/api/session', { user: 'admin', password: admin.password });
  for (const route of routes.filter((each) => each.scope === 'workspace' && each.method === 'GET' && !notCalled.has(each.operation))) {
    assert.equal((await call(admin, route, 'other')).status, 404, route.operation);
  }
});

test('sessions end with sign-out, a change of role and a change of password', async () => {
  await admin.post('/api/users', { name: 'eve', password: 'first password 1' });
  await admin.call('PUT', '/api/workspaces/main/members/eve', { role: 'Reader' });
  const eve = new Client(server.url);
  await eve.signIn('eve', 'first password 1');
  assert.equal((await eve.get('/api/session')).status, 200);
  await admin.call('PUT', '/api/workspaces/main/members/eve', { role: 'Owner' });
  assert.equal((await eve.get('/api/session')).status, 401);
  await eve.post('/api/session', { user: 'eve', password: eve.password });
  const stolen = eve.cookie;
  await eve.call('DELETE', '/api/session');
  eve.cookie = stolen;
  assert.equal((await eve.get('/api/session')).status, 401);
});

test('a token is bound to its workspace and role, and dies when it is withdrawn', async () => {
  const made = await clients.Owner.post('/api/workspaces/main/tokens', { name: 't', role: 'Reader', expiresDays: 1 });
  assert.equal(made.status, 201, made.text);
  const reader = new Client(server.url, { token: made.json.secret });
  assert.equal((await reader.get('/api/workspaces/main/rules')).status, 200);
  assert.equal((await reader.get('/api/workspaces/other/rules')).status, 404);
  assert.equal((await reader.call('PATCH', '/api/workspaces/main/incidents/1', { status: 'Active' })).status, 403);
  const narrow = await clients.Owner.post('/api/workspaces/main/tokens', { name: 'n', role: 'Owner', permissions: ['query.run'], expiresDays: 1 });
  assert.equal((await new Client(server.url, { token: narrow.json.secret }).get('/api/workspaces/main/rules')).status, 403);
  assert.equal((await clients.Owner.call('DELETE', `/api/workspaces/main/tokens/${made.json.id}`)).status, 204);
  assert.equal((await reader.get('/api/workspaces/main/rules')).status, 401);
});
