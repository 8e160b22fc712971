// SPDX-License-Identifier: Apache-2.0
// Senders of numbered events, and the account afterwards: every acknowledged event is there once, and none twice.
// Used by the fault tests and by bench/kill_ingest.mjs.
import { Client } from './garrison.mjs';

// Numbers in [0, 1) that a seed repeats (mulberry32).
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export class NumberedSenders {
  // Posts of 1 to maxEvents events; a number is never sent again, so what is there twice was doubled by the server.
  constructor({ count = 3, seed = 1, maxEvents = 40, workspace = 'main' } = {}) {
    this.maxEvents = maxEvents;
    this.target = `/dataCollectionRules/dcr-${workspace}/streams/Microsoft-Syslog?api-version=2023-01-01`;
    this.senders = Array.from({ length: count }, (_, index) => ({ name: `sender-${index}`, next: 0, random: seededRandom(seed * 1000 + index), acknowledged: [] }));
    this.numPosts = 0;        // acknowledged
    this.numUnanswered = 0;   // cut by a crash: their events may be there or not
    this.numRefused = 0;      // answered, but not with 204
    this.isStopped = false;
    this.longestWaitMs = 0;   // of an acknowledged post
  }

  // Sends to the server until pause(); call it again with the next address after a restart.
  run(url, token) {
    this.isStopped = false;
    const client = new Client(url, { token });
    this.working = this.senders.map((sender) => this.send(sender, client));
  }

  async pause() {
    this.isStopped = true;
    await Promise.all(this.working ?? []);
  }

  async send(sender, client) {
    while (!this.isStopped) {
      const count = 1 + Math.floor(sender.random() * this.maxEvents);
      const first = sender.next;
      sender.next += count;
      const now = new Date().toISOString();
      const events = Array.from({ length: count }, (_, index) => ({
        TimeGenerated: now, HostName: sender.name, ProcessName: 'numbered', ProcessID: first + index, SyslogMessage: `event ${first + index} of ${sender.name}`,
      }));
      const start = performance.now();
      let answer;
      try {
        answer = await client.post(this.target, events);
      } catch {
        this.numUnanswered += 1;
        return;  // the connection is gone; run() starts anew
      }
      if (answer.status === 204) {
        sender.acknowledged.push([first, count]);
        this.numPosts += 1;
        this.longestWaitMs = Math.max(this.longestWaitMs, performance.now() - start);
      } else if ([429, 503].includes(answer.status)) {
        this.numRefused += 1;
      } else {
        throw new Error(`the server answered ${answer.status} to a post: ${answer.text}`);
      }
    }
  }

  get numAcknowledged() {
    return this.senders.reduce((sum, sender) => sum + sender.acknowledged.reduce((part, [, count]) => part + count, 0), 0);
  }

  // Asks KQL for every event: {acknowledged, found, lost, doubled}.
  async account(client, workspace = 'main') {
    const flushed = await client.post(`/api/workspaces/${workspace}/ingest/flush`);
    if (flushed.status !== 204) throw new Error(`flush: ${flushed.status} ${flushed.text}`);
    const result = { acknowledged: this.numAcknowledged, found: 0, lost: 0, doubled: 0 };
    const chunk = 100_000;
    for (const sender of this.senders) {
      const seen = new Uint8Array(sender.next);
      for (let first = 0; first < sender.next; first += chunk) {
        const answer = await client.query(
          `Syslog | where HostName == "${sender.name}" and ProcessID >= ${first} and ProcessID < ${first + chunk} | summarize Count = count() by ProcessID`,
          workspace, { maxRows: chunk });
        for (const [number, count] of answer.rows) {
          seen[number] = 1;
          result.found += Number(count);
          result.doubled += Number(count) - 1;
        }
      }
      for (const [first, count] of sender.acknowledged) {
        for (let number = first; number < first + count; ++number) result.lost += 1 - seen[number];
      }
    }
    return result;
  }
}
