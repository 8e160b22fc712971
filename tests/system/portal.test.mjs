// SPDX-License-Identifier: Apache-2.0
// The portal in a real browser: every page opens, its main task is done, its states are shown, and nothing from a log runs.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { openPortal } from "./portal_browser.mjs";

const patience = 300_000;
const hostile = `<img src=x onerror="window.hostileRan=1">`;
let portal;

before(async () => {
  portal = await openPortal();
}, { timeout: patience * 2 });
after(() => portal?.close());

const numberOf = (words) => Number(words.replace(/[^\d]/g, ""));
const queue = "incidents?sort=-number";

async function typeQuery(page, query) {
  await page.locator("[data-testid=kql-editor] .view-lines").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(query);
}

// Whether anything but one colour was drawn.
const isDrawn = (page) =>
  page.waitForFunction(() => {
    const canvas = document.querySelector("[data-testid=chart] canvas");
    if (!canvas || canvas.width === 0) return false;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Set();
    for (let i = 0; i < data.length && colours.size < 4; i += 4) colours.add(`${data[i]},${data[i + 1]},${data[i + 2]},${data[i + 3]}`);
    return colours.size >= 4;
  });

async function openSomeIncident(page) {
  await page.goto(portal.at(queue));
  await page.locator(".data-table tbody tr a").first().click();
  await page.waitForURL(/\/incidents\/\d+/);
  await page.locator(".incident-columns").waitFor();
}

describe("signing in", { timeout: patience }, () => {
  test("a wrong password is refused with words and nothing else", async () => {
    const page = await portal.page({ signedIn: false });
    await page.goto(portal.server.url);
    await portal.fillSignIn(page, "not the password");
    await page.locator("[role=alert]").waitFor();
    assert.equal(await page.locator("input[name=password]").inputValue(), "");
    assert.equal(await page.locator(".shell").count(), 0);
    await portal.finish(page);
  });

  test("a link leads to its page through the sign-in form, and survives a reload", async () => {
    const page = await portal.page({ signedIn: false });
    const link = portal.at("incidents?severity=High&status=New%2CActive&sort=number");
    await page.goto(link);
    await portal.fillSignIn(page, portal.server.password);
    await page.locator(".filters").waitFor();
    for (const _ of [1, 2]) {
      assert.equal(new URL(page.url()).search, new URL(link).search);
      await page.getByRole("button", { name: "Severity: High" }).waitFor();
      await page.locator('th[aria-sort="ascending"]', { hasText: "No." }).waitFor();
      await page.reload();
    }
    await portal.finish(page);
  });

  test("signing out ends the session", async () => {
    const page = await portal.page({ signedIn: false });
    await page.goto(portal.server.url);
    await portal.fillSignIn(page, portal.server.password);
    await page.locator(".user-button").click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.locator("input[name=user]").waitFor();
    await page.goto(portal.at("overview"));
    await page.locator("input[name=user]").waitFor();
    await portal.finish(page);
  });
});

describe("overview", { timeout: patience }, () => {
  test("shows the server's numbers, and each leads to what it counts", async () => {
    const page = await portal.page();
    await page.goto(portal.at("overview"));
    await page.locator(".tile").first().waitFor();
    const { body } = await portal.api(page, "GET", "overview?timespan=P1D");
    const shown = Object.fromEntries(await page.locator(".tile").evaluateAll((tiles) => tiles.map((tile) => [tile.querySelector(".tile-name").textContent, tile.querySelector(".tile-value").textContent])));
    assert.equal(numberOf(shown["Open incidents"]), body.incidents.open);
    assert.equal(numberOf(shown["High severity"]), body.incidents.openBySeverity.High);
    assert.equal(numberOf(shown["Alerts"]), body.alerts.total);
    await page.locator(".area-alerts canvas").waitFor();
    await page.locator(".tile", { hasText: "Open incidents" }).click();
    await page.waitForURL(/\/incidents\?status=New,Active/);
    await page.getByText(body.incidents.open === 1 ? "1 incident" : `${body.incidents.open} incidents`, { exact: true }).waitFor();
    await portal.finish(page);
  });

  test("without data it shows how to connect a source", async () => {
    const page = await portal.page();
    await page.route("**/overview?*", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), sources: [] } });
    });
    await page.goto(portal.at("overview"));
    await page.getByText("garrison ingest").waitFor();
    await portal.shot(page, "overview-empty");
    await portal.finish(page);
  });
});

describe("incidents", { timeout: patience }, () => {
  test("from the queue to an incident: change its status, comment with hostile text, see both in the activity", async () => {
    const page = await portal.page();
    await openSomeIncident(page);
    const select = page.getByTestId("status");
    const next = (await select.inputValue()) === "Active" ? "New" : "Active";
    await select.selectOption(next);
    await page.locator(`.page-lead .pill-${next}`).waitFor();
    await page.reload();
    await page.locator(`.page-lead .pill-${next}`).waitFor();
    const comment = `Seen by the browser test ${Date.now()} ${hostile}`;
    await page.getByRole("tab", { name: /Comments/ }).click();
    await page.locator("#new-comment").fill(comment);
    await page.getByRole("button", { name: "Add comment" }).click();
    await page.locator(".comment", { hasText: comment }).waitFor();
    assert.equal(await page.locator(".comment img").count(), 0);
    await portal.shot(page, "incident-comment");
    await page.getByRole("tab", { name: "Activity" }).click();
    await page.locator(".activity li", { hasText: "commented" }).first().waitFor();
    await page.locator(".activity li", { hasText: "changed status" }).first().waitFor();
    await portal.finish(page);
  });

  test("an alert opens to its events, and the address remembers it", async () => {
    const page = await portal.page();
    await openSomeIncident(page);
    await page.locator(".alert-name").first().click();
    await page.locator(".events li").first().waitFor();
    await page.locator(".event").first().click();
    await page.locator(".event-all dt").first().waitFor();
    await page.reload();
    await page.locator(".events li").first().waitFor();
    await portal.shot(page, "incident-events");
    await portal.finish(page);
  });

  test("closing needs a classification; a stale copy is told apart from success", async () => {
    const page = await portal.page();
    await openSomeIncident(page);
    const number = /incidents\/(\d+)/.exec(page.url())[1];
    await portal.api(page, "PATCH", `incidents/${number}`, { status: "Active" });
    await page.reload();
    await page.getByRole("button", { name: "Close", exact: true }).click();
    const dialog = page.getByRole("dialog");
    assert.ok(await dialog.getByRole("button", { name: "Close", exact: true }).isDisabled());
    await dialog.getByRole("radio", { name: "Undetermined" }).check();
    await dialog.getByRole("button", { name: "Close", exact: true }).click();
    await page.locator(".page-lead .pill-Closed").waitFor();
    await page.getByRole("button", { name: "Reopen" }).click();
    await page.locator(".page-lead .pill-Active").waitFor();
    await page.route("**/incidents/*", (route) => (route.request().method() === "PATCH" ? route.continue({ headers: { ...route.request().headers(), "if-match": '"stale"' } }) : route.continue()));
    await page.getByTestId("severity").selectOption("Low");
    await page.getByText("Somebody else changed this meanwhile").waitFor();
    await portal.finish(page);
  });

  test("news refresh the queue and keep the selection; keys move, open and search", async () => {
    const page = await portal.page();
    await page.goto(portal.at(queue));
    const rows = page.locator(".data-table tbody tr");
    await rows.first().waitFor();
    await page.locator(".live-on").waitFor();
    const key = await rows.first().getAttribute("data-key");
    await rows.first().focus();
    await page.keyboard.press("x");
    await page.locator(".bulk-bar").waitFor();
    const reloaded = page.waitForResponse((response) => response.url().includes("/incidents?"));
    await portal.api(page, "POST", `incidents/${key}/comments`, { message: "A comment from elsewhere" });
    await reloaded;
    assert.equal(await page.locator(`tr[data-key="${key}"]`).getAttribute("aria-selected"), "true");
    await page.keyboard.press("/");
    await page.keyboard.type("no incident is called this");
    await page.getByText("No incident matches these filters").waitFor();
    await portal.shot(page, "incidents-no-match");
    await page.getByRole("button", { name: "Clear filters" }).click();
    await rows.first().focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/incidents\/\d+/);
    await portal.finish(page);
  });
});

describe("logs", { timeout: patience }, () => {
  test("a typed query runs with Ctrl Enter and with Shift Enter, and stands in the address", async () => {
    const page = await portal.page();
    await page.goto(portal.at("logs"));
    for (const [key, rows] of [["Control+Enter", 7], ["Shift+Enter", 9]]) {
      await typeQuery(page, `range n from 1 to ${rows} step 1`);
      await page.keyboard.press(key);
      await page.getByTestId("result-numbers").getByText(`${rows} rows`).waitFor();
    }
    assert.match(new URL(page.url()).searchParams.get("q"), /range n from 1 to 9/);
    await page.reload();
    await page.getByTestId("result-numbers").getByText("9 rows").waitFor();
    await page.goBack();
    await page.getByTestId("result-numbers").getByText("7 rows").waitFor();
    await portal.finish(page);
  });

  test("a query too long for a request line is kept behind # and runs from a link", async () => {
    const page = await portal.page();
    const long = `range n from 1 to 6 step 1\n// ${"a remark ".repeat(400)}`;
    await page.goto(portal.at("logs"));
    await typeQuery(page, long);
    await page.keyboard.press("Control+Enter");
    await page.getByTestId("result-numbers").getByText("6 rows").waitFor();
    assert.ok(new URL(page.url()).search.length < 100);
    await page.reload();
    await page.getByTestId("result-numbers").getByText("6 rows").waitFor();
    await portal.finish(page);
  });

  test("an error is marked at its place in the editor", async () => {
    const page = await portal.page();
    await page.goto(portal.logs("SecurityIncident\n| where nosuchcolumn == 1"));
    await page.locator(".query-error", { hasText: "line 2, column 9" }).waitFor();
    await page.locator("[data-testid=kql-editor] .squiggly-error").first().waitFor();
    await portal.shot(page, "logs-error");
    await portal.finish(page);
  });

  test("the editor completes tables of the workspace and marks unknown ones while typing", async () => {
    const page = await portal.page();
    await page.goto(portal.at("logs"));
    await page.locator(".schema-list li").first().waitFor();
    await typeQuery(page, "");
    await page.keyboard.type("SecurityInc");
    await page.locator(".suggest-widget.visible .monaco-list-row", { hasText: "SecurityIncident" }).first().waitFor();
    await portal.shot(page, "logs-completion");
    await page.keyboard.press("Escape");
    await typeQuery(page, "NoTableOfThisName | take 1");
    await page.locator("[data-testid=kql-editor] .squiggly-error").first().waitFor();
    await portal.finish(page);
  });

  test("render draws a chart, and the table is one click away", async () => {
    const page = await portal.page();
    await page.goto(portal.logs("range n from 1 to 20 step 1\n| extend squared = n * n\n| render linechart"));
    await isDrawn(page);
    await portal.shot(page, "logs-chart");
    await page.getByRole("tab", { name: "Results" }).click();
    await page.getByRole("columnheader", { name: /squared/ }).waitFor();
    await portal.finish(page);
  });

  test("a hundred thousand rows scroll, sort and download", async () => {
    const page = await portal.page();
    await page.goto(portal.logs("range n from 1 to 100000 step 1\n| extend name = strcat(\"row \", n)", { rows: "100000" }));
    await page.getByTestId("result-numbers").getByText("100,000 rows").waitFor();
    await page.getByTestId("grid").focus();
    await page.keyboard.press("Control+End");
    await page.getByRole("gridcell", { name: "row 100000", exact: true }).waitFor();
    const header = page.getByRole("columnheader", { name: /^n/ }).first();
    await page.keyboard.press("Control+Home");
    await header.locator("button").click();
    await header.locator("button").click();
    await page.getByRole("gridcell", { name: "row 100000", exact: true }).waitFor();
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
    const lines = (await readFile(await file.path(), "utf8")).trimEnd().split("\r\n");
    assert.equal(lines.length, 100_001);
    assert.equal(lines[1], "100000,row 100000");
    await portal.finish(page);
  });

  test("hostile text is text in the grid, in the details and in the download", async () => {
    const page = await portal.page();
    await page.goto(portal.logs(`print attack = '=cmd|<img src=x onerror=window.hostileRan=1>'`));
    const cell = page.getByRole("gridcell", { name: "<img src=x" });
    await cell.click();
    await page.locator(".row-details dd", { hasText: "<img src=x" }).waitFor();
    assert.equal(await page.locator("main img").count(), 0);
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
    assert.match(await readFile(await file.path(), "utf8"), /\r\n'=cmd/);
    await portal.shot(page, "logs-hostile");
    await portal.finish(page);
  });

  test("a dynamic value opens as a tree", async () => {
    const page = await portal.page();
    await page.goto(portal.logs(`range n from 1 to 3 step 1\n| extend detail = dynamic({"list": [1, 2, {"deep": true}]})`));
    await page.getByRole("gridcell", { name: /deep/ }).first().click();
    await page.locator(".json-toggle", { hasText: "list" }).click();
    await page.locator(".json-toggle", { hasText: "2:" }).click();
    await page.locator(".json-line", { hasText: "deep: true" }).waitFor();
    await portal.finish(page);
  });

  test("a running query can be cancelled", async () => {
    const page = await portal.page();
    let deleted = false;
    await page.route("**/query", () => undefined);
    await page.route("**/query/*", (route) => {
      deleted = route.request().method() === "DELETE";
      return route.fulfill({ status: 204 });
    });
    await page.goto(portal.logs("range n from 1 to 2 step 1"));
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Cancelled").waitFor();
    assert.ok(deleted);
    await portal.finish(page);
  });
});

describe("rules and sources", { timeout: patience }, () => {
  test("the rule list leads to a rule with its query, runs and source", async () => {
    const page = await portal.page();
    await page.goto(portal.at("rules"));
    const { body } = await portal.api(page, "GET", "rules?limit=1");
    await page.getByText(`${body.total} rules`, { exact: true }).waitFor();
    await page.locator(".data-table tbody tr a").first().click();
    await page.locator(".kql").waitFor();
    await page.getByRole("tab", { name: "Source" }).click();
    await page.getByRole("button", { name: "Check" }).click();
    await page.getByText("The rule is valid.").waitFor();
    await page.getByRole("tab", { name: "Runs" }).click();
    await page.getByText(/Took|No runs yet/).first().waitFor();
    await portal.finish(page);
  });

  test("a broken rule is refused with its place", async () => {
    const page = await portal.page();
    await page.goto(portal.at("rules/new"));
    await page.locator(".rule-yaml textarea").fill("name: a rule without id");
    await page.getByRole("button", { name: "Check" }).click();
    await page.locator(".diagnostic-error").first().waitFor();
    await portal.finish(page);
  });

  test("sources show their state and the way to connect another", async () => {
    const page = await portal.page();
    await page.goto(portal.at("sources"));
    await page.locator(".data-table tbody tr").first().waitFor();
    await page.getByRole("button", { name: "Connect a source" }).click();
    await page.getByText("dataCollectionRules").waitFor();
    await portal.finish(page);
  });
});

describe("settings", { timeout: patience }, () => {
  test("a token is made, shown once, and withdrawn", async () => {
    const page = await portal.page();
    const name = `browser test ${Date.now()}`;
    await page.goto(`${portal.server.url}/settings/tokens`);
    await page.getByRole("button", { name: "New token" }).first().click();
    await page.getByRole("dialog").getByRole("textbox").first().fill(name);
    await page.getByRole("button", { name: "Create" }).click();
    await page.locator(".copy-block pre", { hasText: "grs_" }).waitFor();
    await page.reload();
    const row = page.locator(".data-table tr", { hasText: name });
    await row.waitFor();
    assert.equal(await page.getByText("grs_").count(), 0);
    await row.getByRole("button", { name: "Withdraw" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Withdraw" }).click();
    await row.waitFor({ state: "detached" });
    await portal.finish(page);
  });
});

describe("states, theme, keyboard", { timeout: patience }, () => {
  test("no permission, a failed server and a lost connection are told apart", async () => {
    const refusals = [
      ["denied", { status: 403, json: { error: { code: "API-0403", kind: "denied", message: "this needs the permission incidentsRead", requestId: "r1" } } }, "You may not see this"],
      ["failed", { status: 503, json: { error: { code: "ENG-0001", kind: "unavailable", message: "the query engine is starting", requestId: "r2" } } }, "the query engine is starting"],
      ["offline", undefined, "The server does not answer"],
    ];
    for (const [name, answer, words] of refusals) {
      const page = await portal.page();
      await page.route("**/incidents?*", (route) => (answer ? route.fulfill(answer) : route.abort()));
      await page.goto(portal.at("incidents"));
      await page.getByText(words).first().waitFor();
      await portal.shot(page, `state-${name}`);
      await portal.finish(page);
    }
  });

  test("the theme changes without a reload and is kept", async () => {
    const page = await portal.page({ theme: "dark" });
    await page.goto(portal.at("overview"));
    await page.locator(".tile").first().waitFor();
    const theme = () => page.evaluate(() => [document.documentElement.dataset.theme, getComputedStyle(document.querySelector(".app-root")).backgroundColor]);
    const [first, dark] = await theme();
    assert.equal(first, "dark");
    await page.evaluate(() => (window.sameDocument = true));
    await page.getByTestId("theme").click();
    await page.waitForFunction((before) => document.documentElement.dataset.theme === "light" && getComputedStyle(document.querySelector(".app-root")).backgroundColor !== before, dark);
    assert.equal(await page.evaluate(() => window.sameDocument), true);
    await page.reload();
    assert.equal((await theme())[0], "light");
    await portal.finish(page);
  });

  test("keys: ? shows the sheet, digits change the page, the focus is seen", async () => {
    const page = await portal.page();
    await page.goto(portal.at("overview"));
    await page.locator(".tile").first().waitFor();
    await page.keyboard.press("?");
    await page.getByRole("heading", { name: "Keyboard shortcuts" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("2");
    await page.waitForURL(/\/incidents/);
    await page.locator(".chip").first().focus();
    await page.keyboard.press("Tab");
    const seen = await page.evaluate(() => {
      const { outlineStyle, boxShadow } = getComputedStyle(document.activeElement);
      return outlineStyle !== "none" || boxShadow !== "none";
    });
    assert.ok(seen);
    await portal.finish(page);
  });
});

const pages = {
  overview: [() => portal.at("overview"), ".area-alerts canvas"],
  incidents: [() => portal.at("incidents"), ".data-table tbody tr"],
  logs: [() => portal.logs("SecurityIncident\n| take 200"), ".results [data-testid=grid], .results h2"],
  rules: [() => portal.at("rules"), ".data-table tbody tr"],
  sources: [() => portal.at("sources"), ".data-table tbody tr"],
  profile: [() => `${portal.server.url}/settings/profile`, ".settings-columns"],
  tokens: [() => `${portal.server.url}/settings/tokens`, ".settings-head"],
  users: [() => `${portal.server.url}/settings/users`, ".data-table tbody tr"],
  workspaces: [() => `${portal.server.url}/settings/workspaces`, ".data-table tbody tr"],
  audit: [() => `${portal.server.url}/settings/audit`, ".data-table tbody tr"],
  platform: [() => `${portal.server.url}/settings/platform`, ".settings-columns"],
};

describe("every page in both themes and widths", { timeout: patience * 2 }, () => {
  for (const theme of ["light", "dark"])
    for (const width of [1280, 390])
      test(`${theme}, ${width} pixels: no sideways scrolling`, async () => {
        const page = await portal.page({ theme, width, height: width === 390 ? 844 : 800 });
        const tooWide = [];
        const look = async (name) => {
          const wide = await page.evaluate(() => {
            const main = document.querySelector("main");
            return Math.max(document.documentElement.scrollWidth - innerWidth, main.scrollWidth - main.clientWidth);
          });
          await portal.shot(page, `${name}-${theme}-${width}`);
          if (wide > 0) tooWide.push(`${name} by ${wide} pixels`);
        };
        for (const [name, [address, shown]] of Object.entries(pages)) {
          await page.goto(address());
          await page.locator(shown).first().waitFor();
          if (name === "logs") await page.locator(".monaco-editor .QueryOperator").first().waitFor();
          await look(name);
        }
        await openSomeIncident(page);
        await page.locator(".alert").first().waitFor();
        await page.locator(".entity").first().waitFor();
        await look("incident");
        await page.goto(portal.at("rules"));
        await page.locator(".data-table tbody tr a").first().click();
        await page.locator(".kql").waitFor();
        await look("rule");
        assert.deepEqual(tooWide, []);
        await portal.finish(page);
      });

  test("sign-in form", async () => {
    for (const [theme, width] of [["light", 1280], ["dark", 390]]) {
      const page = await portal.page({ signedIn: false, theme, width, height: 844 });
      await page.goto(portal.server.url);
      await page.locator("input[name=user]").waitFor();
      await portal.shot(page, `sign-in-${theme}-${width}`);
      await portal.finish(page);
    }
  });
});
