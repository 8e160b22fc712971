// SPDX-License-Identifier: Apache-2.0
// Starts a real server on a fresh data folder and talks to it, for whole-program tests.
import { spawn, execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const root = path.resolve(import.meta.dirname, '../..');
export const program = path.join(process.env.GARRISON_BIN ?? path.join(root, 'build/bin'), 'garrison');

export function temporaryFolder() {
  return mkdtempSync(path.join(os.tmpdir(), 'garrison-test-'));
}

// Runs the program to its end: {code, stdout, stderr}; never throws for an exit code.
export async function command(args, options = {}) {
  try {
    const pending = run(program, args, { maxBuffer: 1 << 28, ...options });
    // A command that reads standard input finds it empty instead of waiting for ever.
    pending.child.stdin?.end();
    const { stdout, stderr } = await pending;
    return { code: 0, stdout, stderr };
  } catch (failure) {
    if (typeof failure.code !== 'number') throw failure;
    return { code: failure.code, stdout: failure.stdout, stderr: failure.stderr };
  }
}

// A running server. `password` is the first administrator's, when the data folder was new.
export class Server {
  static async start({ data = temporaryFolder(), args = [], wrapper = [], ownsData = true } = {}) {
    const server = new Server();
    server.data = data;
    server.ownsData = ownsData;
    const ready = path.join(data, 'ready');
    rmSync(ready, { force: true });
    const words = [...wrapper, program, 'serve', '--data', data, '--listen', '127.0.0.1:0', '--ready-file', ready, ...args];
    server.process = spawn(words[0], words.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    server.output = '';
    server.process.stdout.on('data', (bytes) => (server.output += bytes));
    server.process.stderr.on('data', (bytes) => (server.output += bytes));
    server.exited = new Promise((resolve) => server.process.on('exit', (code, signal) => resolve({ code, signal })));
    await until(() => existsSync(ready) || server.process.exitCode !== null, 60_000, () => server.output);
    if (server.process.exitCode !== null) throw new Error(`the server ended: ${server.output}`);
    server.url = readFileSync(ready, 'utf8').trim();
    await until(() => server.output.includes('Garrison is running'), 10_000, () => server.output);
    server.password = /with the password (\S+)/.exec(server.output)?.[1];
    return server;
  }

  async stop() {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill('SIGTERM');
    const result = await this.exited;
    if (this.ownsData) rmSync(this.data, { recursive: true, force: true });
    return result;
  }

  // Ends the server as a crash would.
  async kill() {
    this.process.kill('SIGKILL');
    await this.exited;
  }

  enginePid() {
    // A child stands under the thread that started it.
    const tasks = `/proc/${this.process.pid}/task`;
    const children = readdirSync(tasks).flatMap((thread) => readFileSync(`${tasks}/${thread}/children`, 'utf8').trim().split(' '));
    return children.map(Number).find((pid) => pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0engine\0'));
  }

  // The command line against this server, as its operator.
  garrison(...args) {
    const [first, ...rest] = args;
    const withSub = ['rules', 'demo', 'workspace', 'kql'].includes(first) ? [first, rest[0], '--data', this.data, ...rest.slice(1)] : [first, '--data', this.data, ...rest];
    // The data folder says which server is meant, whatever the environment of the tests names.
    const { GARRISON_URL: url, ...env } = process.env;
    return command(withSub, { env });
  }
}

// Waits for a condition, polling; a safety limit ends a test that would hang.
export async function until(condition, limit = 30_000, describe = () => '') {
  const end = Date.now() + limit;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${limit} ms in vain for ${condition}\n${describe()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// One client of the REST interface: a session (cookie) or a token.
export class Client {
  constructor(url, { token } = {}) {
    this.url = url;
    this.token = token;
    this.cookie = undefined;
  }

  async call(method, target, body, headers = {}) {
    const all = { ...headers };
    if (this.token) all.Authorization = `Bearer ${this.token}`;
    if (this.cookie) {
      all.Cookie = this.cookie;
      all['X-Garrison-Request'] ??= '1';
    }
    let payload = body;
    if (body !== undefined && !(body instanceof Uint8Array) && typeof body !== 'string') {
      payload = JSON.stringify(body);
      all['Content-Type'] ??= 'application/json';
    }
    const response = await fetch(this.url + target, { method, headers: all, body: payload });
    const cookie = response.headers.get('set-cookie');
    if (cookie) this.cookie = cookie.split(';')[0];
    const text = await response.text();
    let json;
    try {
      json = text ? JSON.parse(text) : undefined;
    } catch {
      json = undefined;
    }
    return { status: response.status, headers: response.headers, text, json };
  }

  get(target) { return this.call('GET', target); }
  post(target, body, headers) { return this.call('POST', target, body, headers); }

  // Signs in; a first password is changed on the way.
  async signIn(user, password, newPassword = 'correct horse battery') {
    const answer = await this.post('/api/session', { user, password });
    if (answer.status === 200 && answer.json.mustChangePassword) {
      await this.post('/api/session/password', { oldPassword: password, newPassword });
      this.password = newPassword;
    } else {
      this.password = password;
    }
    return answer;
  }

  async query(text, workspace = 'main', extra = {}) {
    const answer = await this.post(`/api/workspaces/${workspace}/query`, { query: text, ...extra });
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
    return answer.json;
  }

  // First row of the first column.
  async value(text, workspace = 'main') {
    return (await this.query(text, workspace)).rows[0]?.[0];
  }
}

// A signed-in administrator of a fresh server.
export async function administrator(server) {
  const client = new Client(server.url);
  await client.signIn('admin', server.password);
  return client;
}

// A token for the workspace with the role.
export async function token(client, role = 'Contributor', workspace = 'main') {
  const answer = await client.post(`/api/workspaces/${workspace}/tokens`, { name: `test ${role}`, role, expiresDays: 1 });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.json.secret;
}

export async function ingest(url, secret, table, events, { workspace = 'main', headers = {}, body } = {}) {
  return fetch(`${url}/dataCollectionRules/dcr-${workspace}/streams/Custom-${table}?api-version=2023-01-01`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json', ...headers },
    body: body ?? JSON.stringify(events),
  });
}
