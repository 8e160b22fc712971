// SPDX-License-Identifier: Apache-2.0
// A browser on the portal, for the browser tests: signed-in pages that watch for what must never happen (content security
// policy violations, requests to another server, script errors), and screenshots kept in test-output/portal.
// The server is GARRISON_URL with GARRISON_USER and GARRISON_PASSWORD; without it the developers' mock server is started.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { chromium } = createRequire(join(root, "portal/package.json"))("playwright-core");
const shots = join(root, "test-output/portal");

async function startMock() {
  assert.ok(existsSync(join(root, "portal/dist/index.html")), "portal/dist is missing: run `npm run build` in portal/, or set GARRISON_URL");
  const child = spawn(process.execPath, [join(root, "portal/dev/mock_server.mjs")], { env: { ...process.env, PORT: "0" }, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) return { ...JSON.parse(line), stop: () => child.kill() };
  throw new Error("the mock server ended at once");
}

export async function openPortal() {
  mkdirSync(shots, { recursive: true });
  const server = process.env.GARRISON_URL
    ? { url: process.env.GARRISON_URL.replace(/\/$/, ""), user: process.env.GARRISON_USER ?? "admin", password: process.env.GARRISON_PASSWORD, stop: () => undefined }
    : await startMock();
  const browser = await chromium.launch({ executablePath: process.env.GARRISON_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  const portal = new Portal(server, browser);
  await portal.signInOnce();
  return portal;
}

class Portal {
  constructor(server, browser) {
    this.server = server;
    this.browser = browser;
  }

  // Signs in through the form and keeps the cookie for all later pages.
  async signInOnce() {
    const page = await this.page({ signedIn: false });
    await page.goto(this.server.url);
    await this.fillSignIn(page, this.server.password);
    await page.waitForURL(/\/w\/[^/]+\/overview/);
    this.workspace = decodeURIComponent(/\/w\/([^/]+)\//.exec(page.url())[1]);
    this.stored = await page.context().storageState();
    await page.context().close();
  }

  async fillSignIn(page, password) {
    await page.locator("input[name=user]").fill(this.server.user);
    await page.locator("input[name=password]").fill(password);
    await page.locator("button[type=submit]").click();
  }

  async page({ signedIn = true, width = 1280, height = 800, theme = "light", permissions = [] } = {}) {
    const context = await this.browser.newContext({ ignoreHTTPSErrors: true, viewport: { width, height }, colorScheme: theme, storageState: signedIn ? this.stored : undefined, reducedMotion: "reduce", permissions });
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    page.wrong = [];
    page.on("pageerror", (error) => page.wrong.push(`script error: ${error.message}`));
    page.on("console", (message) => /Content Security Policy|Refused to/.test(message.text()) && page.wrong.push(message.text()));
    page.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol.startsWith("http") && origin !== new URL(this.server.url).origin) page.wrong.push(`request to ${request.url()}`);
    });
    await page.addInitScript(() => {
      window.violations = [];
      document.addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`));
    });
    return page;
  }

  at(path) {
    return `${this.server.url}/w/${encodeURIComponent(this.workspace)}/${path}`;
  }

  logs(query, more = {}) {
    return this.at(`logs?${new URLSearchParams({ q: query, run: "1", ...more })}`);
  }

  // A call as the page itself would make it.
  async api(page, method, path, body) {
    return page.evaluate(
      async ([how, where, what]) => {
        const answer = await fetch(where, { method: how, headers: { "Content-Type": "application/json", "X-Garrison-Request": "1" }, body: what && JSON.stringify(what) });
        const words = await answer.text();
        return { status: answer.status, body: words ? JSON.parse(words) : undefined };
      },
      [method, `/api/workspaces/${encodeURIComponent(this.workspace)}/${path}`, body],
    );
  }

  async shot(page, name) {
    await page.screenshot({ path: join(shots, `${name}.png`) });
  }

  // Every test ends here: nothing forbidden has happened on this page.
  async finish(page) {
    assert.deepEqual(await page.evaluate(() => window.violations), [], "content security policy");
    assert.deepEqual(page.wrong, []);
    assert.equal(await page.evaluate(() => window.hostileRan), undefined, "hostile text ran");
    await page.context().close();
  }

  async close() {
    await this.browser.close();
    this.server.stop();
  }
}
