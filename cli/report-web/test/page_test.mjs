// The report's page in headless Chromium: what it shows, that it needs no network, and that no text of the program under
// test becomes anything but text. Run by ctest with SQUALL, FAKE_SIMULATION and REPORT_WEB (where node_modules is);
// with SCREENSHOTS=DIR it leaves pictures there.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const { SQUALL, FAKE_SIMULATION, REPORT_WEB, SCREENSHOTS } = process.env;
if (!SQUALL || !FAKE_SIMULATION || !REPORT_WEB) {
  console.error("page_test: SQUALL, FAKE_SIMULATION and REPORT_WEB say what to test (ctest sets them)");
  process.exit(2);
}
const browsers = [process.env.SQUALL_CHROMIUM, "chromium", "chromium-browser", "google-chrome"].filter(Boolean);
const browser_path = browsers
  .map((name) => spawnSync("sh", ["-c", `command -v "${name}"`], { encoding: "utf8" }).stdout.trim())
  .find((path) => path !== "");
if (browser_path === undefined) {
  console.log("page_test: skipped, for there is no Chromium (apt-get install chromium, or SQUALL_CHROMIUM=PATH)");
  process.exit(77);
}
const { chromium } = createRequire(join(REPORT_WEB, "package.json"))("playwright-core");

const nasty = `</script><script>document.title="owned"</script><img src=x onerror='document.title="owned"'>"'&\u2028\u202e\u0000\u001b[31m end`;
const shown = `</script><script>document.title="owned"</script><img src=x onerror='document.title="owned"'>"'&‹U+2028›‹U+202E›‹U+0000›‹U+001B›[31m end`;

const directory = mkdtempSync(join(tmpdir(), "squall-page-"));
const squall = (args) => {
  const result = spawnSync(SQUALL, args, { cwd: directory, encoding: "utf8" });
  assert.ok([0, 1, 3].includes(result.status), result.stderr);
  return result;
};
const sql = (file, text) => execFileSync("sqlite3", [file, text], { cwd: directory });
const quoted = (text) => `replace(cast(x'${Buffer.from(text).toString("hex")}' as text), '', '')`;

// A run of `count` events: three servers and a client talk, one of them crashes and comes back, a partition, and it fails.
function record(count, text = "an acknowledged write is found again") {
  const lines = [];
  const add = (time_ns, kind, process, more = {}) => lines.push(JSON.stringify({ time_ns, kind, ...(process ? { process } : {}), ...more }));
  const names = ["server/0", "server/1", "server/2", "client/0"];
  for (const name of names) add(0, "boot", name);
  add(0, "log", "squall", { text: "== chaos ==" });
  for (let i = 0; lines.length < count - 12; ++i) {
    const at = (i + 1) * 1e6;
    const message = i.toString(16).padStart(16, "0");
    add(at, "send", names[i % 4], { peer: names[(i + 1) % 4], bytes: 64, message });
    add(at + 4e5, "deliver", names[(i + 1) % 4], { peer: names[i % 4], bytes: 64, message });
    if (i % 5 === 0) add(at + 5e5, "fault", names[i % 4], { text: "late-timer [00000000000000aa]" });
    if (i === 20) add(at + 6e5, "fault", "server/1", { text: "crash down for 0.020 s [00000000000000f1]" });
    if (i === 20) add(at + 6e5, "crash", "server/1");
    if (i === 40) add(at + 6e5, "boot", "server/1");
    if (i === 50) add(at + 6e5, "fault", "server/2", { text: "partition for 0.010 s [00000000000000f2]" });
    if (i === 50) add(at + 6e5, "partition", "", { text: "server/2 cut off" });
    if (i === 60) add(at + 6e5, "heal", "", { text: "server/2 cut off" });
    if (i === 70) add(at + 6e5, "log", "server/0", { text });
  }
  add((count + 2) * 1e6, "violation", "client/0", { text });
  return lines.join("\n") + "\n";
}

const browser = await chromium.launch({ executablePath: browser_path, args: ["--no-sandbox", "--disable-dev-shm-usage"] });

// A page whose errors and requests are kept.
async function open(file, { hash = "", scheme = "light", width = 1500, height = 1000 } = {}) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
  const wrong = [];
  page.on("console", (m) => { if (m.type() === "error" || m.type() === "warning") wrong.push(m.text()); });
  page.on("pageerror", (e) => wrong.push(String(e)));
  page.on("request", (r) => { if (!/^(file|data):/.test(r.url())) wrong.push(r.url()); });
  await page.goto(`file://${join(directory, file)}${hash}`);
  await page.waitForSelector("main");
  return { page, wrong };
}
// What an action leads to may take the browser a frame or two.
async function soon(check) {
  for (const end = Date.now() + 10_000; ; ) {
    try {
      return await check();
    } catch (problem) {
      if (Date.now() > end) throw problem;
      await new Promise((done) => setTimeout(done, 30));
    }
  }
}
async function picture(page, name) {
  await page.waitForTimeout(150);
  const bytes = await page.screenshot(SCREENSHOTS ? { path: join(SCREENSHOTS, `${name}.png`) } : {});
  assert.ok(bytes.length > 10_000);
  return bytes;
}
const canvas_colours = (page) => page.evaluate(() => {
  const canvas = document.querySelector(".stage canvas");
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
  return seen.size;
});
const view = (page) => page.evaluate(() => document.querySelector(".details")?.textContent ?? "");

writeFileSync(join(directory, "record.jsonl"), record(600));
squall(["run", "--seeds", "200", "--keep-going", "--quiet", "--campaign", "c.db", "--", FAKE_SIMULATION, "--fail=%40+7", "--segv=33", "--rare=150", "--record-from=record.jsonl"]);
const source = Array.from({ length: 60 }, (_, i) => (i === 9 ? `// ${nasty.replaceAll("\n", "")}` : `line ${i + 1}`)).join("\n");
execFileSync("mkdir", ["-p", "kv"], { cwd: directory });
writeFileSync(join(directory, "kv/client.cpp"), source);
squall(["report", "c.db", "-o", "c.html"]);

test("the summary tells verdict, totals, and each cause with its command", async () => {
  const { page, wrong } = await open("c.html");
  await soon(async () => assert.match(await page.title(), /failed/));
  await soon(async () => assert.match(await page.textContent(".lead"), /6 of 200 seeds fail, for 2 causes/));
  const causes = page.locator(".cause");
  await soon(async () => assert.equal(await causes.count(), 2));
  await soon(async () => assert.match(await causes.first().textContent(), /an acknowledged write is found again.*5 seeds.*kv\/client\.cpp:31.*Seeds 7.*47/s));
  await soon(async () => assert.match(await causes.first().locator(".copy-line code").textContent(), /^squall replay --seed 7 -- /));
  await causes.first().getByRole("button", { name: /Copy/ }).click();
  await soon(async () => assert.match(await causes.first().getByRole("button", { name: /Copy/ }).textContent(), /Copied|Select it/));
  await soon(async () => assert.match(await causes.nth(1).textContent(), /crash.*Diagram of seed 33/s));
  await picture(page, "summary-light");
  assert.deepEqual(wrong, []);
  await page.close();
});

test("light and dark follow the system, and the switch goes over it", async () => {
  const { page, wrong } = await open("c.html", { scheme: "dark" });
  const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await back();
  await picture(page, "summary-dark");
  await page.locator(".theme").click();  // light
  await soon(async () => assert.notEqual(await back(), dark));
  await page.locator(".theme").click();  // dark
  await soon(async () => assert.equal(await back(), dark));
  assert.deepEqual(wrong, []);
  await page.close();
});

test("tables filter and sort", async () => {
  const { page, wrong } = await open("c.html", { hash: "#assertions" });
  const rows = page.locator('[role="rowgroup"] .row');
  await soon(async () => assert.equal(await rows.count(), 4));
  await soon(async () => assert.match(await rows.first().textContent(), /violated/));  // what is wrong comes first
  await page.getByRole("button", { name: /^Seeds/ }).click();
  await soon(async () => assert.equal(await page.locator('[aria-sort="descending"]').count(), 1));
  await page.getByRole("searchbox", { name: "Filter assertions" }).fill("client rare");
  await soon(async () => assert.equal(await rows.count(), 1));
  await soon(async () => assert.match(await rows.first().textContent(), /the rare thing/));
  await page.getByRole("searchbox", { name: "Filter assertions" }).fill("");
  await page.getByRole("button", { name: /Never true/ }).click();
  await soon(async () => assert.equal(await rows.count(), 1));
  await soon(async () => assert.match(await rows.first().textContent(), /a backup took over/));
  await picture(page, "assertions");
  await page.goto(page.url().replace("#assertions", "#sites"));
  await soon(async () => assert.match(await rows.first().textContent(), /error-return.*kv\/log\.cpp:12.*796/s));
  assert.deepEqual(wrong, []);
  await page.close();
});

test("source shows the line that a table names, with its marks", async () => {
  const { page, wrong } = await open("c.html", { hash: `#source/${encodeURIComponent("kv/client.cpp")}/31` });
  const line = page.locator(".code-line.chosen");
  await soon(async () => assert.match(await line.textContent(), /31.*line 31/));
  await soon(async () => assert.equal(await line.locator(".mark.bad").count(), 1));
  await soon(async () => assert.match(await page.locator(".line-facts").textContent(), /always: true .* false 5 times/));
  await soon(async () => assert.match(await page.locator(".gone").first().textContent(), /kv\/log\.cpp.*not found/));
  await picture(page, "source");
  assert.deepEqual(wrong, []);
  await page.close();
});

test("discovery draws curves and says what is left", async () => {
  const { page, wrong } = await open("c.html", { hash: "#discovery" });
  await soon(async () => assert.equal(await page.locator(".plot canvas").count(), 5));
  await soon(async () => assert.match(await page.locator(".plots").textContent(), /2 seen, 1 of them in one seed only/));
  await picture(page, "discovery");
  assert.deepEqual(wrong, []);
  await page.close();
});

test("the diagram is drawn, stepped through by keys, searched, and cut down to causes", async () => {
  const { page, wrong } = await open("c.html", { hash: "#diagram/0" });
  await page.waitForTimeout(200);
  await soon(async () => await soon(async () => assert.ok((await canvas_colours(page)) > 20)));
  await soon(async () => assert.match(await view(page), /client\/0 VIOLATION: an acknowledged write is found again/));
  await picture(page, "diagram");
  const canvas = page.locator(".stage canvas");
  await canvas.focus();
  await page.keyboard.press("ArrowUp");  // the notable event before: the log line
  await soon(async () => assert.match(await view(page), /server\/0 log: an acknowledged/));
  await page.keyboard.press("End");
  await page.keyboard.press("f");
  await picture(page, "diagram-failure");
  await page.keyboard.press("/");
  await page.keyboard.type("crash down");
  await soon(async () => assert.match(await page.locator(".diagram .tools").first().textContent(), /1 event/));
  await page.keyboard.press("Enter");
  await soon(async () => assert.match(await view(page), /server\/1 fault: crash down for 0\.020 s/));
  await soon(async () => assert.match(await page.locator(".details .copy-line code").textContent(), /--veto 00000000000000f1 -- /));
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "All", exact: true }).click();
  const before = await page.locator('.below [role="status"]').first().textContent();
  await canvas.focus();
  await page.keyboard.press("Home");
  for (let i = 0; i < 6; ++i) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("c");
  const after = await page.locator('.below [role="status"]').first().textContent();
  assert.match(after, /can have led/);
  assert.notEqual(before, after);
  // To the other end of a message and back.
  await page.keyboard.press("c");
  await page.keyboard.press("/");
  await page.keyboard.type("sent to");
  await page.keyboard.press("Enter");
  await soon(async () => assert.match(await view(page), /sent to/));
  await page.getByRole("button", { name: /To its arrival/ }).click();
  await soon(async () => assert.match(await view(page), /received from/));
  assert.deepEqual(wrong, []);
  await page.close();
});

test("each partition ends at its own healing, and what is left of them with all others", async () => {
  const { buildSync } = createRequire(join(REPORT_WEB, "package.json"))("esbuild");
  const built = buildSync({ entryPoints: [join(REPORT_WEB, "src/diagram/model.ts")], bundle: true, format: "esm", write: false });
  const { causal_past, make_model } = await import(`data:text/javascript;base64,${Buffer.from(built.outputFiles[0].text).toString("base64")}`);
  const texts = ["a cut off", "b, c cannot send", "all", "stalls for 5 s"];
  const events = [["partition", 0], ["partition", 1], ["partition", 0], ["heal", 1], ["heal", 0], ["disk", 3, "c"], ["heal", 2], ["partition", 1]];
  const kinds = ["partition", "heal", "disk"], processes = ["a", "b", "c"];
  const none = events.map(() => -1);
  const model = make_model({
    events: events.length, left_out: 0, damaged: 0, kinds, processes, texts, t: events.map((_, i) => (i > 0 ? 1e9 : 0)), k: events.map(([kind]) => kinds.indexOf(kind)),
    p: events.map(([, , who]) => processes.indexOf(who)), q: none, x: events.map(([, text]) => text), b: events.map(() => 0), m: none,
  });
  const told = model.spans.map((s) => `${s.what} ${model.lanes[s.lane]} ${s.from / 1e9} ${s.to / 1e9}`);
  // What befalls nobody in particular comes after all.
  assert.equal([...causal_past(model, 6)].join(""), "11111110");
  assert.deepEqual(told, ["partition a 0 4", "partition b 1 3", "partition c 1 3", "partition a 2 6", "disk c 5 6", "partition b 7 7", "partition c 7 7"]);
});

test("the wheel zooms, a drag pans, a click chooses", async () => {
  const { page, wrong } = await open("c.html", { hash: "#diagram/0" });
  await page.waitForTimeout(200);
  const box = await page.locator(".stage canvas").boundingBox();
  const whole = await page.locator(".stage canvas").screenshot();
  await page.mouse.move(box.x + 700, box.y + 100);
  await page.mouse.wheel(0, -800);
  await page.waitForTimeout(200);
  const zoomed = await page.locator(".stage canvas").screenshot();
  assert.ok(!whole.equals(zoomed));
  await page.mouse.down();
  await page.mouse.move(box.x + 900, box.y + 100, { steps: 4 });
  await page.mouse.up();
  await page.waitForTimeout(200);
  assert.ok(!zoomed.equals(await page.locator(".stage canvas").screenshot()));
  await page.locator(".events .event").first().click();
  await page.getByRole("button", { name: "Whole run" }).click();
  await page.waitForTimeout(200);
  // The violation stands at the right end of the last lane.
  const lanes = 6;
  const lane_height = (box.height - 40) / lanes;
  await page.mouse.click(box.x + 110 + (box.width - 110) / 1.02, box.y + 40 + lane_height * (lanes - 0.5));
  await soon(async () => assert.match(await view(page), /VIOLATION/));
  assert.deepEqual(wrong, []);
  await page.close();
});

test("a run of 100,000 events is drawn, searched and zoomed into", async () => {
  writeFileSync(join(directory, "long.jsonl"), record(100_000));
  squall(["run", "--seeds", "8", "--quiet", "--campaign", "long.db", "--", FAKE_SIMULATION, "--fail=7", "--record-from=long.jsonl"]);
  squall(["report", "long.db", "-o", "long.html"]);
  const { page, wrong } = await open("long.html", { hash: "#diagram/0" });
  await page.waitForTimeout(300);
  await soon(async () => await soon(async () => assert.ok((await canvas_colours(page)) > 20)));
  await picture(page, "diagram-long");
  await page.locator(".stage canvas").focus();
  for (let i = 0; i < 12; ++i) await page.keyboard.press("+");
  await page.waitForTimeout(200);
  await picture(page, "diagram-long-zoomed");
  await page.getByRole("button", { name: "All", exact: true }).click();
  await soon(async () => assert.match(await page.locator('.below [role="status"]').first().textContent(), /^(99|100),\d\d\d of (99|100),\d\d\d/));
  await soon(async () => assert.ok((await page.locator(".events .event").count()) < 100));
  if (process.env.MEASURE) {
    console.log("frames", await page.evaluate(async () => {
      const canvas = document.querySelector(".stage canvas");
      const times = [];
      for (let i = 0; i < 60; ++i) {
        const r = canvas.getBoundingClientRect();
        canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: i < 30 ? 200 : -200, clientX: r.x + 700, clientY: r.y + 90, bubbles: true, cancelable: true }));
        const start = performance.now();
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        times.push(performance.now() - start);
      }
      times.sort((a, b) => a - b);
      return { median: times[30], worst: times[59] };
    }));
  }
  assert.deepEqual(wrong, []);
  await page.close();
});

test("texts of the program under test stay texts, wherever they are shown", async () => {
  writeFileSync(join(directory, "nasty.jsonl"), record(300, nasty).replaceAll('"server/0"', JSON.stringify(`s${nasty}`)));
  squall(["run", "--seeds", "60", "--keep-going", "--quiet", "--campaign", "n.db", "--", FAKE_SIMULATION, "--fail=%40+7", "--segv=33", "--record-from=nasty.jsonl"]);
  const text = quoted(nasty);
  sql("n.db", `
    UPDATE run SET message = ${text}, process = ${text}, options = ${text} WHERE verdict <> 'passed';
    UPDATE run SET place = ${text} || ':3', tail = json_array(${text}), output = ${text} WHERE verdict = 'crash';
    UPDATE catalog SET detail = ${text}, function = ${text} WHERE kind <> 'coverage';
    UPDATE catalog SET kind = 'x' || ${text}, rule = ${text}, file = ${text} WHERE kind = 'error-return';
    UPDATE campaign SET stopped = ${text}, squall_version = ${text};
    INSERT INTO fault VALUES(${text}, 3);`);
  squall(["report", "n.db", "-o", "n.html"]);
  const pages = [];
  for (const hash of ["#summary", "#diagram/0", "#assertions", "#sites", "#source", `#source/${encodeURIComponent("kv/client.cpp")}/10`, "#discovery"]) {
    const { page, wrong } = await open("n.html", { hash });
    await page.waitForTimeout(200);
    if (hash.startsWith("#diagram")) await page.getByRole("button", { name: "All", exact: true }).click();
    await soon(async () => assert.match(await page.title(), /failed/));
    await soon(async () => assert.equal(await page.locator("main img, main script").count(), 0, hash));
    const said = await page.textContent("body #page");
    assert.ok(!/[\u0000-\u0008\u202a-\u202e\u2028]/.test(said), hash);
    pages.push([hash, said]);
    await picture(page, `nasty-${hash.slice(1, 8).replace("/", "-")}`);
    assert.deepEqual(wrong, [], hash);
    await page.close();
  }
  for (const [hash, said] of pages) {
    if (!hash.startsWith("#discovery")) assert.ok(said.includes(shown.slice(0, 60)), hash);
  }
  assert.ok(pages[0][1].includes(shown), "the whole text, with what cannot be seen made visible");
});

test("a campaign without a failure, and one without a run, have a page", async () => {
  squall(["run", "--seeds", "20", "--quiet", "--campaign", "p.db", "--", FAKE_SIMULATION]);
  squall(["report", "p.db", "-o", "p.html"]);
  const passed = await open("p.html");
  await soon(async () => assert.match(await passed.page.textContent(".lead"), /All 20 seeds passed/));
  await soon(async () => assert.equal(await passed.page.getByRole("tab", { name: "Diagram" }).count(), 0));
  await picture(passed.page, "passed");
  assert.deepEqual(passed.wrong, []);
  await passed.page.close();
  for (const table of ["run", "site", "assertion", "coverage", "catalog", "fault", "recheck", "simulation"]) sql("p.db", `PRAGMA foreign_keys = OFF; DELETE FROM ${table}`);
  squall(["report", "p.db", "-o", "e.html"]);
  for (const hash of ["", "#assertions", "#sites", "#source", "#discovery"]) {
    const { page, wrong } = await open("e.html", { hash });
    await soon(async () => assert.match(await page.textContent("main"), /No seed was run|no assertions|no fault sites|Nothing in the program/));
    assert.deepEqual(wrong, []);
    await page.close();
  }
});

test("the keyboard goes through the tabs; a narrow window has no sideways scroll", async () => {
  const { page, wrong } = await open("c.html", { width: 420, height: 800 });
  await page.getByRole("tab", { name: "Summary" }).focus();
  await page.keyboard.press("ArrowRight");
  assert.match(page.url(), /#diagram$/);
  await page.waitForTimeout(200);
  await soon(async () => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)));
  await picture(page, "narrow");
  assert.deepEqual(wrong, []);
  await page.close();
});

test.after(async () => {
  await browser.close();
  rmSync(directory, { recursive: true, force: true });
});
