// SPDX-License-Identifier: Apache-2.0
// Memory of an idle server with its engine, and the time to start, with 150 tables that hold rows.
//
//   node bench/start_and_idle.mjs [--tables 150] [--starts 5]
//
// Exit code 0: resident memory of server and engine together is below 450 MB, and the median start is below 2 s.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Client, Server, administrator, root, token, until } from '../tests/system/garrison.mjs';

const { values } = parseArgs({ options: { tables: { type: 'string', default: '150' }, starts: { type: 'string', default: '5' } } });
const wantedMegabytes = 450, wantedStartMs = 2_000;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
// Of a process, in MB: resident, and of that what no other process shares.
function memory(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1000;
  return { resident: field('Rss'), proportional: field('Pss') };
}

// Processor time that a process has used, in ms: other than the time that passes it does not depend on who else works.
function processorMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

let server = await Server.start({ ownsData: false });
const admin = await administrator(server);
const secret = await token(admin, 'Contributor');
const client = new Client(server.url, { token: secret });

// Tables spread over the alphabet of content/tables.
const names = readdirSync(path.join(root, 'content/tables')).filter((name) => name.endsWith('.table')).map((name) => name.slice(0, -6)).sort();
const chosen = Array.from({ length: Number(values.tables) }, (_, index) => names[Math.floor((index * names.length) / Number(values.tables))]);
let written = 0;
for (const name of chosen) {
  const answer = await client.post(`/dataCollectionRules/dcr-main/streams/Microsoft-${name}?api-version=2023-01-01`, [{ TimeGenerated: new Date().toISOString() }]);
  if (answer.status === 204) written += 1;
  else console.log(`${name}: ${answer.status} ${answer.text.slice(0, 200)}`);
}
// Making 150 tables takes its time: 504 says that it is still going on.
await until(async () => (await client.post('/api/workspaces/main/ingest/flush')).status === 204, 300_000, () => server.output);
console.log(`${written} of ${chosen.length} tables written`);
await server.stop();

const starts = [];
for (let round = 0; round < Number(values.starts); ++round) {
  const begun = performance.now();
  server = await Server.start({ data: server.data, ownsData: false });
  const ready = performance.now() - begun;
  // Ready means that a query over a table is answered, too.
  const answer = await new Client(server.url, { token: secret }).post('/api/workspaces/main/query', { query: `${chosen[0]} | count` });
  const answered = performance.now() - begun;
  if (answer.status !== 200 || Number(answer.json.rows[0][0]) !== 1) throw new Error(`${answer.status} ${answer.text}`);
  const processor = processorMs(server.process.pid) + processorMs(server.enginePid());
  starts.push({ ready, answered, processor });
  console.log(`start: ready after ${ready.toFixed(0)} ms, first query answered after ${answered.toFixed(0)} ms, ${processor} ms of processor time`);
  if (round + 1 < Number(values.starts)) await server.stop();
}
await pause(15_000);  // start-up work ends
const of = { server: memory(server.process.pid), engine: memory(server.enginePid()) };
const together = of.server.resident + of.engine.resident;
server.ownsData = true;
await server.stop();

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const start = median(starts.map((each) => each.ready));
console.log(`idle: server ${of.server.resident.toFixed(0)} MB, engine ${of.engine.resident.toFixed(0)} MB, together ${together.toFixed(0)} MB resident, ${(of.server.proportional + of.engine.proportional).toFixed(0)} MB proportional (wanted: under ${wantedMegabytes} MB)`);
console.log(`start with ${written} tables: median ${start.toFixed(0)} ms ready, ${median(starts.map((each) => each.answered)).toFixed(0)} ms to the first answer, ${median(starts.map((each) => each.processor))} ms of processor time (wanted: ready under ${wantedStartMs} ms)`);
process.exitCode = together < wantedMegabytes && start < wantedStartMs ? 0 : 1;
