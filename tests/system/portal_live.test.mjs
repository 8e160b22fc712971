// SPDX-License-Identifier: Apache-2.0
// The portal's browser tests once more, against a real server with the demo; and the demo itself through the command line.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { Server } from './garrison.mjs';

const server = await Server.start();
after(() => server.stop());
const loaded = await server.garrison('demo', 'load');

test('the demo loads through the receivers, and every stage of its attack has an incident', async () => {
  assert.equal(loaded.code, 0, loaded.stderr);
  const verified = await server.garrison('demo', 'verify');
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
});

process.env.GARRISON_URL = server.url;
process.env.GARRISON_USER = 'admin';
process.env.GARRISON_PASSWORD = server.password;
await import('./portal.test.mjs');
