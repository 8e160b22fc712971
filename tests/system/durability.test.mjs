// SPDX-License-Identifier: Apache-2.0
// The kernel's view of an acknowledgement: the ingest log is synchronised to the disk before 204 goes to the socket.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Client, Server, administrator, token, until } from './garrison.mjs';

const strace = spawnSync('strace', ['--version']).status === 0;
let server, client;

before(async () => {
  if (!strace) return;
  server = await Server.start({ args: ['--no-portal', '--no-shipped-rules'] });
  client = new Client(server.url, { token: await token(await administrator(server), 'Contributor') });
});
after(async () => server?.stop());

// Lines of strace by their process id: a call that another thread interrupts is put together again.
function calls(text) {
  const open = new Map();
  const list = [];
  for (const line of text.split('\n')) {
    const found = /^(\d+)\s+([\d.]+)\s+(.*)$/.exec(line);
    if (!found) continue;
    const [, thread, time, rest] = found;
    const call = { begun: Number(time), ended: Number(time), text: rest };
    if (rest.endsWith('<unfinished ...>')) {
      open.set(thread, call);
    } else if (rest.startsWith('<...')) {
      const begun = open.get(thread);
      if (!begun) continue;
      open.delete(thread);
      list.push({ begun: begun.begun, ended: Number(time), text: begun.text.replace('<unfinished ...>', '') + rest });
    } else {
      list.push(call);
    }
  }
  return list;
}

test('fsync of the ingest log ends before 204 is written to the socket', { skip: strace ? false : 'strace is not installed' }, async () => {
  const trace = path.join(server.data, 'trace');
  const tracer = spawn('strace', ['-f', '-y', '-ttt', '-s', '64', '-e', 'trace=fsync,fdatasync,write,writev,pwrite64,send,sendto,sendmsg', '-o', trace, '-p', String(server.process.pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  tracer.stderr.on('data', (bytes) => (said += bytes));
  await until(() => said.includes('attached') || tracer.exitCode !== null, 30_000, () => said);
  if (tracer.exitCode !== null) assert.fail(`strace could not attach: ${said}`);

  const mark = 'durability-mark';
  const answer = await client.post('/dataCollectionRules/dcr-main/streams/Microsoft-Syslog?api-version=2023-01-01',
    [{ TimeGenerated: new Date().toISOString(), ProcessName: mark, SyslogMessage: 'one event' }]);
  assert.equal(answer.status, 204, answer.text);
  await until(() => existsSync(trace) && /HTTP\/1\.1 204/.test(readFileSync(trace, 'utf8')), 30_000);
  tracer.kill('SIGINT');
  await new Promise((resolve) => tracer.on('exit', resolve));

  const list = calls(readFileSync(trace, 'utf8'));
  const acknowledged = list.find((call) => call.text.includes('HTTP/1.1 204'));
  const isLog = (call) => /ingest[^>]*>/.test(call.text) && !/\/engine\//.test(call.text);
  const written = list.filter((call) => /^(pwrite64|write|writev)\(/.test(call.text) && isLog(call) && call.begun < acknowledged.begun);
  const synced = list.filter((call) => /^f(data)?sync\(/.test(call.text) && isLog(call) && call.ended <= acknowledged.begun && /= 0$/.test(call.text));
  const shown = list.map((call) => `${call.begun} ${call.text}`).join('\n');
  assert.ok(written.length > 0, `no write to the ingest log before the answer\n${shown}`);
  assert.ok(synced.length > 0, `no fsync of the ingest log before the answer\n${shown}`);
  // What carries the event is itself followed by a sync, not only preceded by one.
  assert.ok(synced.some((sync) => sync.begun >= written.at(-1).ended - 1e-6), `the last write to the log is not synchronised\n${shown}`);
});
