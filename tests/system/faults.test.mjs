// SPDX-License-Identifier: Apache-2.0
// kill -9 of the server and of its engine while events arrive: nothing acknowledged is lost, nothing is there twice.
// bench/kill_ingest.mjs does the same longer and measures.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client, Server, administrator, token, until } from './garrison.mjs';
import { NumberedSenders, seededRandom } from './numbered_events.mjs';

const random = seededRandom(20);
const serverArguments = ['--no-portal', '--no-shipped-rules'];
let server, secret;

before(async () => {
  server = await Server.start({ ownsData: false, args: serverArguments });
  const admin = await administrator(server);
  secret = await token(admin, 'Contributor');
});
after(async () => {
  server.ownsData = true;
  await server.stop();
});

const reader = () => new Client(server.url, { token: secret });
const answers = async (client) => (await client.post('/api/workspaces/main/query', { query: 'Syslog | count' })).status === 200;
// A moment chosen by the seed, told by what has been acknowledged and not by a clock.
const someMoment = (senders) => {
  const goal = senders.numPosts + 5 + Math.floor(random() * 120);
  return until(() => senders.numPosts >= goal, 60_000, () => server.output);
};

test('the server is killed three times while senders post: all that was acknowledged is there, once', async () => {
  const senders = new NumberedSenders({ seed: 1 });
  senders.run(server.url, secret);
  for (let round = 0; round < 3; ++round) {
    await someMoment(senders);
    await server.kill();
    await senders.pause();
    server = await Server.start({ data: server.data, ownsData: false, args: serverArguments });
    senders.run(server.url, secret);
  }
  await someMoment(senders);
  await senders.pause();
  const account = await senders.account(reader());
  assert.deepEqual({ lost: account.lost, doubled: account.doubled }, { lost: 0, doubled: 0 });
  assert.ok(account.found >= account.acknowledged && account.acknowledged > 0, JSON.stringify(account));
});

test('the engine is killed three times while senders post: no post fails, queries come back, nothing is lost', async () => {
  const senders = new NumberedSenders({ seed: 2 });
  for (const sender of senders.senders) sender.name = `engine-${sender.name}`;
  senders.run(server.url, secret);
  for (let round = 0; round < 3; ++round) {
    await someMoment(senders);
    const killed = server.enginePid();
    assert.ok(killed, 'the engine is a child of the server');
    process.kill(killed, 'SIGKILL');
    await until(() => server.enginePid() && server.enginePid() !== killed, 30_000, () => server.output);
    await until(() => answers(reader()), 30_000, () => server.output);
  }
  await someMoment(senders);
  await senders.pause();
  assert.equal(senders.numUnanswered, 0);
  assert.equal(senders.numRefused, 0);
  const account = await senders.account(reader());
  assert.deepEqual({ lost: account.lost, doubled: account.doubled }, { lost: 0, doubled: 0 });
  assert.equal(account.found, account.acknowledged);
});

test('a server that dies with its engine away still has every acknowledged event', async () => {
  const senders = new NumberedSenders({ seed: 3 });
  for (const sender of senders.senders) sender.name = `both-${sender.name}`;
  senders.run(server.url, secret);
  await someMoment(senders);
  process.kill(server.enginePid(), 'SIGKILL');
  await someMoment(senders);
  await server.kill();
  await senders.pause();
  server = await Server.start({ data: server.data, ownsData: false, args: serverArguments });
  const account = await senders.account(reader());
  assert.deepEqual({ lost: account.lost, doubled: account.doubled }, { lost: 0, doubled: 0 });
});

test('the engine dies with the server', async () => {
  const engine = server.enginePid();
  assert.ok(engine);
  await server.kill();
  const isGone = () => {
    try {
      process.kill(engine, 0);
      return false;
    } catch {
      return true;
    }
  };
  await until(isGone, 10_000);
  server = await Server.start({ data: server.data, ownsData: false, args: serverArguments });
});
