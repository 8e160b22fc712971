// SPDX-License-Identifier: Apache-2.0
// The command line against a running server: events in, questions out, and Ctrl-C.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { program, Server, until } from './garrison.mjs';

let server;
before(async () => { server = await Server.start(); });
after(() => server?.stop());

test('events of a file come back in every format', async () => {
  const file = path.join(server.data, 'events.jsonl.gz');
  const events = [0, 1, 2].map((i) => ({ TimeGenerated: `2024-05-06T0${i}:00:00Z`, Name: ['a', 'b,"', 'Jörg 日本'][i], Size: 2 ** 60 + i, Part: i / 2, Bag: { n: i } }));
  writeFileSync(file, gzipSync(events.map((event) => JSON.stringify(event)).join('\n') + '\nno json\n'));
  const stored = await server.garrison('ingest', '--table', 'Test_CL', file);
  assert.equal(stored.code, 1, stored.stdout + stored.stderr);
  assert.match(stored.stdout, /3 rows stored, 1 rejected/);
  const rejects = /rejected records are in (\S+)/.exec(stored.stdout)[1];
  assert.match(readFileSync(rejects, 'utf8'), /no json/);

  const text = 'Test_CL | sort by TimeGenerated asc | project Name, Part, Bag';
  await until(async () => (await server.garrison('query', '--format', 'jsonl', 'Test_CL | count')).stdout === '{"Count":3}\n');
  const lines = await server.garrison('query', '--format', 'jsonl', text);
  assert.deepEqual(lines.stdout.trimEnd().split('\n').map((line) => JSON.parse(line)),
    events.map(({ Name, Part, Bag }) => ({ Name, Part, Bag })), lines.stderr);
  const csv = await server.garrison('query', '--format', 'csv', text);
  assert.equal(csv.stdout, 'Name,Part,Bag\r\na,0.0,"{""n"":0}"\r\n"b,""",0.5,"{""n"":1}"\r\nJörg 日本,1.0,"{""n"":2}"\r\n');
  const large = await server.garrison('query', '--format', 'csv', 'print x = 9223372036854775807, d = time(1.02:03:04)');
  assert.equal(large.stdout, 'x,d\r\n9223372036854775807,1.02:03:04\r\n', large.stderr);
});

test('an error of the server points into the query', async () => {
  const result = await server.garrison('query', 'Test_CL\n| where nosuch == 1');
  assert.equal(result.code, 2);
  assert.match(result.stderr, /^garrison: KQL-0101 at 2:9: .*\n  \| where nosuch == 1\n {10}\^\n$/);
});

test('more rows than asked for are said', async () => {
  const result = await server.garrison('query', '--max-rows', '5', '--format', 'csv', 'range x from 1 to 100 step 1');
  assert.equal(result.stdout.split('\r\n').length, 7);
  assert.match(result.stderr, /only the first 5 rows/);
});

test('Ctrl-C ends the query on the server as well', async () => {
  const child = spawn(program, ['query', '--data', server.data, 'range x from 1 to 100000000000 step 1 | summarize sum(x * x % 7)']);
  let errors = '';
  child.stderr.on('data', (bytes) => (errors += bytes));
  const ended = new Promise((resolve) => child.on('close', resolve));
  // The program has taken over the signal once it blocks it.
  const blocksInterrupt = () => (Number.parseInt(/SigBlk:\s+[0-9a-f]*([0-9a-f])/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1], 16) & 2) !== 0;
  await until(blocksInterrupt);
  child.kill('SIGINT');
  assert.equal(await ended, 2);
  assert.match(errors, /CLI-0006: interrupted/);
});
