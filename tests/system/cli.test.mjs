// SPDX-License-Identifier: Apache-2.0
// The command line without a server: queries over files, and checks of queries.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { command, program, temporaryFolder } from './garrison.mjs';

let folder;
const file = (name) => path.join(folder, name);
const query = (...args) => command(['query', ...args]);
const lines = (text) => text.trimEnd().split('\n');

// Runs the program with text on standard input.
function withInput(args, input) {
  return new Promise((resolve) => {
    const child = spawn(program, args);
    const out = { stdout: '', stderr: '' };
    child.stdout.on('data', (bytes) => (out.stdout += bytes));
    child.stderr.on('data', (bytes) => (out.stderr += bytes));
    child.on('close', (code) => resolve({ code, ...out }));
    child.stdin.end(input);
  });
}

// Runs the program on a terminal of the given width.
async function onTerminal(columns, ...args) {
  const quoted = [program, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const { spawnSync } = await import('node:child_process');
  const result = spawnSync('script', ['-qec', `stty cols ${columns}; ${quoted} 2>/dev/null`, '/dev/null'], { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  return result.stdout.replaceAll('\r\n', '\n');
}

before(() => {
  folder = temporaryFolder();
  const events = [];
  for (let i = 0; i < 240; ++i) {
    events.push({
      TimeGenerated: new Date(Date.UTC(2024, 4, 6, 0, i * 6)).toISOString(),
      EventID: i % 4 === 0 ? 4625 : 4624,
      Account: ['alice', 'bob', 'Jörg 日本'][i % 3],
      Data: { ip: `10.0.0.${i % 5}` },
    });
  }
  writeFileSync(file('events.jsonl.gz'), gzipSync(events.map((event) => JSON.stringify(event)).join('\n') + '\n'));
  writeFileSync(file('users.csv'), 'Account,Department,Phone\r\nalice,"Sales, EU",+49 30 1\r\nbob,=1+1,-5\r\n');
  writeFileSync(file('more.json'), JSON.stringify([{ Account: 'carol', EventID: 1 }]));
  writeFileSync(file('hostile.jsonl'), '{"name":"\\u001b[2J\\u001b]0;owned\\u0007 \\u202egnp.exe"}\n');
  writeFileSync(file('broken.jsonl'), '{"a":1}\n{"a":\nnot json\n{"a":2}\n');
  writeFileSync(file('empty.jsonl'), '');
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('a compressed file is a table named after it', async () => {
  const result = await query('-f', file('events.jsonl.gz'), '--format', 'jsonl', 'events | summarize n=count() by EventID | sort by EventID asc');
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(lines(result.stdout).map((line) => JSON.parse(line)), [{ EventID: 4624, n: 180 }, { EventID: 4625, n: 60 }]);
  assert.match(result.stderr, /^2 rows in \d+\.\d{3} s\n$/);
});

test('kinds are inferred and dynamic values can be opened', async () => {
  const result = await query('-f', file('events.jsonl.gz'), '--format', 'csv', 'events | getschema | project ColumnName, ColumnType');
  assert.equal(result.stdout, 'ColumnName,ColumnType\r\nTimeGenerated,datetime\r\nEventID,long\r\nAccount,string\r\nData,dynamic\r\n');
  const opened = await query('-f', file('events.jsonl.gz'), '--format', 'jsonl', 'input | summarize by tostring(Data.ip) | count');
  assert.equal(opened.stdout, '{"Count":5}\n');
});

test('several files join, and files of one table add up', async () => {
  const joined = await query('-f', file('events.jsonl.gz'), '-f', `people=${file('users.csv')}`, '--format', 'csv',
    'events | summarize n=count() by Account | join kind=inner people on Account | project Account, Department, n | sort by Account asc');
  assert.equal(joined.stdout, 'Account,Department,n\r\nalice,"Sales, EU",80\r\nbob,\'=1+1,80\r\n', joined.stderr);
  const added = await query('-f', `t=${file('events.jsonl.gz')}`, '-f', `t=${file('more.json')}`, '--format', 'jsonl', 't | count');
  assert.equal(added.stdout, '{"Count":241}\n', added.stderr);
});

test('formats', async () => {
  const args = ['-f', file('users.csv'), 'users | project Account, Phone | sort by Account asc'];
  assert.equal((await query(...args)).stdout, 'Account  Phone\n-------  --------\nalice    +49 30 1\nbob      -5\n');
  assert.deepEqual(JSON.parse((await query('--format', 'json', ...args)).stdout), [{ Account: 'alice', Phone: '+49 30 1' }, { Account: 'bob', Phone: '-5' }]);
  assert.equal((await query('--format', 'csv', ...args)).stdout, "Account,Phone\r\nalice,'+49 30 1\r\nbob,'-5\r\n");
  const wrong = await query('--format', 'xml', ...args);
  assert.equal(wrong.code, 2);
});

test('tables are cut to the terminal, charts are drawn on it', async () => {
  const table = await onTerminal(40, 'query', '-f', file('events.jsonl.gz'), 'events | take 1');
  for (const line of lines(table)) assert.ok([...line].length <= 40, line);
  const chart = await onTerminal(60, 'query', '-f', file('events.jsonl.gz'), 'events | summarize count() by bin(TimeGenerated, 1h) | render timechart');
  assert.match(chart, /[\u2801-\u28ff]/);
  assert.match(chart, /2024-05-06/);
  const piped = await query('-f', file('events.jsonl.gz'), 'events | summarize count() by Account | render barchart');
  assert.match(piped.stdout, /^Account +count_\n/);
});

test('errors show the place in the query', async () => {
  const result = await query('-f', file('events.jsonl.gz'), 'events\n| where nosuch == 1');
  assert.equal(result.code, 2);
  assert.equal(result.stdout, '');
  const [message, line, caret] = lines(result.stderr);
  assert.match(message, /^garrison: KQL-0101 at 2:9: /);
  assert.equal(line, '  | where nosuch == 1');
  assert.equal(caret, '          ^');
});

test('data cannot command the terminal', async () => {
  const table = await query('-f', file('hostile.jsonl'), 'hostile');
  assert.equal(table.stdout.split('\n')[2], '\\x1b[2J\\x1b]0;owned\\x07 \\u202egnp.exe');
  const json = await query('-f', file('hostile.jsonl'), '--format', 'jsonl', 'hostile');
  assert.doesNotMatch(json.stdout, /[\u001b\u0007\u202e]/);
  assert.equal(JSON.parse(json.stdout).name, '\u001b[2J\u001b]0;owned\u0007 \u202egnp.exe');
});

test('broken lines are counted, the others are used', async () => {
  const result = await query('-f', file('broken.jsonl'), '--format', 'jsonl', 'broken | summarize sum(a)');
  assert.equal(result.code, 0);
  assert.equal(result.stdout, '{"sum_a":3}\n');
  assert.match(result.stderr, /broken\.jsonl:2: /);
  assert.match(result.stderr, /2 records read, 2 rejected/);
});

test('an empty file is a table without rows', async () => {
  const result = await query('-f', file('empty.jsonl'), '--format', 'jsonl', 'empty | count');
  assert.equal(result.stdout, '{"Count":0}\n', result.stderr);
});

test('what cannot be read is said, with exit code 2', async () => {
  for (const args of [['-f', file('none.jsonl'), 'none'], ['-f', folder, 'x'], ['--query-file', file('none.kql')], ['--timespan', 'soon', '-f', file('empty.jsonl'), 'empty'],
    ['--data', folder, 'print 1']]) {
    const result = await query(...args);
    assert.equal(result.code, 2, args.join(' '));
    assert.match(result.stderr, /^garrison: [A-Z]+-\d{4}: /, args.join(' '));
    assert.equal(result.stdout, '');
  }
});

test('the query may come from a file or from standard input', async () => {
  writeFileSync(file('q.kql'), 'empty\n| count\n');
  assert.match((await query('-f', file('empty.jsonl'), '--query-file', file('q.kql'))).stdout, /0\n$/);
  const piped = await withInput(['query', '-f', file('empty.jsonl'), '--format', 'jsonl'], 'print x = 1 + 1');
  assert.equal(piped.stdout, '{"x":2}\n', piped.stderr);
  assert.equal((await withInput(['query', '-f', file('empty.jsonl')], '  \n')).code, 2);
});

test('--timespan limits TimeGenerated, --max-rows the result', async () => {
  const limited = await query('-f', file('events.jsonl.gz'), '--timespan', '2024-05-06T00:00:00Z/2024-05-06T01:00:00Z', '--format', 'jsonl', 'events | count');
  assert.equal(limited.stdout, '{"Count":10}\n', limited.stderr);
  const cut = await query('-f', file('events.jsonl.gz'), '--max-rows', '3', '--format', 'jsonl', 'events');
  assert.equal(lines(cut.stdout).length, 3);
  assert.match(cut.stderr, /only the first 3 rows/);
});

test('--explain shows tree, SQL and what the engine reads', async () => {
  const local = await query('-f', file('events.jsonl.gz'), '--explain', 'events | where EventID == 4625 | count');
  assert.equal(local.code, 0, local.stderr);
  assert.match(local.stdout, /^sql$/m);
  assert.match(local.stdout, /ReadFromMergeTree/);
  const remote = await query('--explain', 'SecurityEvent | where EventID == 4625 | count');
  assert.equal(remote.code, 0, remote.stderr);
  assert.match(remote.stdout, /^tree$/m);
});

test('temporary folders are removed', async () => {
  const temporary = temporaryFolder();
  const result = await command(['query', '-f', file('users.csv'), 'users | count'], { env: { ...process.env, TMPDIR: temporary } });
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(readdirSync(temporary), []);
  rmSync(temporary, { recursive: true });
});

test('kql check gives one verdict a query', async () => {
  writeFileSync(file('schemas.json'), JSON.stringify({ T: { A: 'string', n: 'long' } }));
  writeFileSync(file('functions.jsonl'), JSON.stringify({ functionName: 'recent', params: [{ Name: 'least', Type: 'long', Default: 3 }], query: 'T | where n > least' }) + '\n');
  const queries = [
    { id: 'good', query: 'recent(5) | summarize count() by A' },
    { id: 2, query: 'T | where' },
    { id: 'column', query: 'T | where nosuch == 1' },
    { id: 'table', query: 'SecurityEvent | count' },
  ];
  const result = await withInput(['kql', 'check', '--schemas', file('schemas.json'), '--functions', file('functions.jsonl')],
    queries.map((one) => JSON.stringify(one)).join('\n'));
  assert.equal(result.code, 0, result.stderr);
  const verdicts = lines(result.stdout).map((line) => JSON.parse(line));
  assert.deepEqual(verdicts.map((verdict) => verdict.id), ['good', 2, 'column', 'table']);
  assert.deepEqual(verdicts[0], { id: 'good', syntax_errors: [], binding_errors: [], unsupported: [] });
  assert.equal(verdicts[1].syntax_errors[0].line, 1);
  assert.deepEqual(verdicts[1].binding_errors, []);
  assert.equal(verdicts[2].binding_errors[0].code, 'KQL-0101');
  assert.equal(verdicts[2].binding_errors[0].column, 11);
  assert.equal(verdicts[3].binding_errors[0].code, 'KQL-0102');
  const built = await withInput(['kql', 'check'], JSON.stringify({ id: 1, query: 'SecurityEvent | where EventID == 1' }));
  assert.deepEqual(JSON.parse(built.stdout).binding_errors, []);
  assert.equal((await withInput(['kql', 'check'], 'no json')).code, 2);
});

test('kql functions lists every name with its status', async () => {
  const result = await command(['kql', 'functions']);
  assert.equal(result.code, 0);
  assert.match(result.stdout, /^function +strcat +supported$/m);
  assert.match(result.stdout, /^aggregate +count +supported$/m);
});
