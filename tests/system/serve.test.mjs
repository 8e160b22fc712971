// SPDX-License-Identifier: Apache-2.0
// Starting, stopping and refusing to start.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { Client, Server, administrator, command, temporaryFolder } from './garrison.mjs';

let server;
before(async () => (server = await Server.start()));
after(async () => server.stop());

test('the first start shows a random password once, and no other opens', async () => {
  assert.match(server.password, /^\S{16,}$/);
  const client = new Client(server.url);
  assert.equal((await client.post('/api/session', { user: 'admin', password: 'admin' })).status, 401);
  assert.equal((await client.post('/api/session', { user: 'admin', password: server.password })).status, 200);
  assert.equal((await client.get('/api/workspaces')).json.items[0].name, 'main');
});

test('a password that somebody else has set must be changed before anything else', async () => {
  const admin = await administrator(server);
  await admin.post('/api/users', { name: 'ann', password: 'first password 1' });
  const ann = new Client(server.url);
  const signedIn = await ann.post('/api/session', { user: 'ann', password: 'first password 1' });
  assert.equal(signedIn.json.mustChangePassword, true);
  assert.equal((await ann.get('/api/workspaces')).json.error.code, 'API-0405');
  const changed = await ann.post('/api/session/password', { oldPassword: 'first password 1', newPassword: 'second password 2' });
  assert.equal(changed.status, 204, changed.text);
  assert.equal((await ann.get('/api/workspaces')).status, 200);
});

test('a second server on the same data folder is refused at once', async () => {
  const second = await command(['serve', '--data', server.data, '--listen', '127.0.0.1:0']);
  assert.equal(second.code, 2);
  assert.match(second.stderr, /DISK-0007.*another garrison server/);
});

test('a port in use is said', async () => {
  const taken = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const refused = await command(['serve', '--data', temporaryFolder(), '--listen', `127.0.0.1:${taken.address().port}`]);
  taken.close();
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /NET-0201/);
});

test('a data folder that is a file is said, and left alone', async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'data');
  writeFileSync(file, 'mine');
  const refused = await command(['serve', '--data', file, '--listen', '127.0.0.1:0']);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /DISK-0002/);
});

test('wrong options are exit code 2 with the way out', async () => {
  for (const args of [['serve', '--data', temporaryFolder(), '--listen', 'nowhere'], ['nosuch'], ['query', '--nosuch'], ['serve', '--port', 'x']]) {
    const refused = await command(args);
    assert.equal(refused.code, 2, args.join(' '));
    assert.notEqual(refused.stderr + refused.stdout, '');
  }
});

test('files with secrets are readable by their owner only', () => {
  for (const name of ['run/garrison.sock', 'state/garrison.db', 'tls']) {
    const mode = statSync(path.join(server.data, name)).mode & 0o077;
    assert.equal(mode, 0, `${name}: ${mode.toString(8)}`);
  }
});

test('status names what is not supported yet', async () => {
  const status = await server.garrison('status', '--unsupported');
  assert.equal(status.code, 0, status.stderr);
  assert.match(status.stdout, /parts are not supported yet/);
});

test('the server ends cleanly and starts again on its data', async () => {
  const first = await Server.start({ ownsData: false });
  const client = await administrator(first);
  assert.equal((await client.post('/api/workspaces', { name: 'second' })).status, 201);
  assert.deepEqual(await first.stop(), { code: 0, signal: null });
  const again = await Server.start({ data: first.data });
  assert.equal(again.password, undefined);
  const back = new Client(again.url);
  await back.signIn('admin', client.password);
  const names = (await back.get('/api/workspaces')).json.items.map((item) => item.name);
  assert.deepEqual(names, ['main', 'second']);
  await again.stop();
});

test('every answer carries the security headers and nobody is let in by default', async () => {
  const anonymous = new Client(server.url);
  const answer = await anonymous.get('/api/workspaces');
  assert.equal(answer.status, 401);
  assert.equal(answer.json.error.code, 'AUTH-0002');
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.match(answer.headers.get('content-security-policy'), /default-src 'none'/);
  assert.equal((await anonymous.get('/api/nosuch')).status, 404);
});

test('a session of another site changes nothing', async () => {
  const client = await administrator(await fresh());
  const foreign = await client.call('POST', '/api/workspaces', { name: 'evil' }, { Origin: 'https://evil.example' });
  assert.equal(foreign.status, 403);
  const bare = await client.call('POST', '/api/workspaces', { name: 'evil' }, { 'X-Garrison-Request': '' });
  assert.equal(bare.json.error.code, 'API-0403');
});

const started = [];
async function fresh() {
  const made = await Server.start();
  started.push(made);
  return made;
}
after(async () => Promise.all(started.map((each) => each.stop())));
