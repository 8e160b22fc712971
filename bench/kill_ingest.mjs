// SPDX-License-Identifier: Apache-2.0
// kill -9 of the server (half of the kills) and of the engine (the other half) at random, seeded moments while senders
// post numbered events through the Logs Ingestion API; then every event is looked for with KQL.
//
//   node bench/kill_ingest.mjs [--kills 20] [--senders 4] [--seed 1]
//
// Exit code 0: nothing acknowledged was lost, nothing is there twice, and after each kill of the engine queries were
// answered again within 2 s.
import { parseArgs } from 'node:util';
import { Client, Server, administrator, token, until } from '../tests/system/garrison.mjs';
import { NumberedSenders, seededRandom } from '../tests/system/numbered_events.mjs';

const { values } = parseArgs({ options: { kills: { type: 'string', default: '20' }, senders: { type: 'string', default: '4' }, seed: { type: 'string', default: '1' } } });
const wantedRecoveryMs = 2_000;
const random = seededRandom(Number(values.seed));
const serverArguments = ['--no-portal', '--no-shipped-rules'];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let server = await Server.start({ ownsData: false, args: serverArguments });
const secret = await token(await administrator(server), 'Contributor');
const senders = new NumberedSenders({ count: Number(values.senders), seed: Number(values.seed) });
const reader = () => new Client(server.url, { token: secret });
senders.run(server.url, secret);

const kinds = Array.from({ length: Number(values.kills) }, (_, index) => (index % 2 === 0 ? 'server' : 'engine'));
const recoveries = { server: [], engine: [] };
for (const kind of kinds) {
  await pause(200 + random() * 3_000);
  const before = senders.numAcknowledged;
  const start = performance.now();
  if (kind === 'server') {
    await server.kill();
    await senders.pause();
    server = await Server.start({ data: server.data, ownsData: false, args: serverArguments });
    senders.run(server.url, secret);
  } else {
    process.kill(server.enginePid(), 'SIGKILL');
  }
  const client = reader();
  await until(async () => (await client.post('/api/workspaces/main/query', { query: 'Syslog | summarize count() by HostName' })).status === 200, 60_000, () => server.output);
  const took = performance.now() - start;
  recoveries[kind].push(took);
  console.log(`${kind} killed after ${before} acknowledged events; queries answered again after ${took.toFixed(0)} ms`);
}
await pause(500);
await senders.pause();
const account = await senders.account(reader());
server.ownsData = true;
await server.stop();

const worst = (list) => (list.length === 0 ? 0 : Math.max(...list));
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
console.log(`${values.kills} kills, ${account.acknowledged} events acknowledged in ${senders.numPosts} posts, ${senders.numUnanswered} posts without an answer, ${senders.numRefused} refused; longest acknowledged post ${senders.longestWaitMs.toFixed(0)} ms`);
console.log(`found ${account.found}, lost ${account.lost}, doubled ${account.doubled} (wanted: 0 and 0)`);
for (const kind of ['engine', 'server']) console.log(`queries after a kill of the ${kind}: median ${median(recoveries[kind]).toFixed(0)} ms, longest ${worst(recoveries[kind]).toFixed(0)} ms${kind === 'engine' ? ` (wanted: within ${wantedRecoveryMs} ms)` : ''}`);
process.exitCode = account.lost === 0 && account.doubled === 0 && worst(recoveries.engine) <= wantedRecoveryMs ? 0 : 1;
