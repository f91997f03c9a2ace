// What the tests of the page share: the server, the browser, and pages that fail a test for
// anything a person would find in the browser's console.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.env.MODULES, 'package.json'));
const { chromium } = require('playwright-core');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const { CHROMIUM, LOOKBOOK, WORK } = process.env;
const ANSWERS_WITHIN = 30000;

const WAITS = 20000; // milliseconds, for a busy machine

let browser = null;
const profiles = new Map(); // touch -> a browser profile
const servers = new Set();

/** A server of the shop: {address, stop}. `keys` maps rights to keys. */
export async function serve({ keys } = {}) {
    const args = ['serve', '-d', join(WORK, 'shop'), '-m', join(WORK, 'model.safetensors'), '--port', '0', '--study'];
    if (keys) {
        const file = join(mkdtempSync(join(WORK, 'keys-')), 'keys');
        writeFileSync(file, Object.entries(keys).map(([right, key]) => `${right} ${key}\n`).join(''), { mode: 0o600 });
        args.push('--keys', file);
    }
    const child = spawn(LOOKBOOK, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    servers.add(child);
    const gone = new Promise((resolve) => { child.once('exit', resolve); });
    const address = await new Promise((resolve, reject) => {
        let said = '';
        const late = setTimeout(() => reject(new Error(`the server does not start: ${said}`)), ANSWERS_WITHIN);
        child.once('exit', (code) => reject(new Error(`the server ended with status ${code}: ${said}`)));
        child.stderr.on('data', (bytes) => {
            said += bytes;
            const found = said.match(/serving (http:\/\/\S+)\//);
            if (!found) return;
            clearTimeout(late);
            resolve(found[1]);
        });
    });
    const stop = async () => {
        child.kill('SIGTERM');
        await gone;
        servers.delete(child);
    };
    return { address, stop };
}

export async function start() {
    // Tests run as root in containers, where Chromium's own sandbox cannot.
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

export async function finish() {
    await browser?.close();
    for (const child of servers) child.kill('SIGKILL');
}

/** Pages share a profile, and with it the cache, as a person's do. */
async function profileOf(touch) {
    if (!profiles.has(touch)) profiles.set(touch, await browser.newContext({ hasTouch: touch }));
    return profiles.get(touch);
}

/** What the API says, for comparison with what the page shows; `json` is posted. */
export async function ask(server, path, { json, method = json ? 'POST' : 'GET' } = {}) {
    const headers = json ? { Origin: server.address, 'Content-Type': 'application/json' } : { Origin: server.address };
    const response = await fetch(server.address + path, { method, headers, body: json && JSON.stringify(json) });
    return { status: response.status, body: await response.json() };
}

// Failed requests that a test provokes show up in the console; each test names those it expects.
const isExpected = (text, expected) => expected.some((pattern) => pattern.test(text));

/**
 * Runs `body(page)` on a fresh page at `hash`; fails for errors in the console, violations of the
 * content security policy and requests to anybody but the server. options: width, height, dark,
 * still (reduced motion), touch, expected: patterns of console errors that belong to the test.
 */
export async function visit(server, hash, body, options = {}) {
    const { width = 1280, height = 900, dark = false, still = true, touch = false, expected = [] } = options;
    const page = await (await profileOf(touch)).newPage();
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light', reducedMotion: still ? 'reduce' : 'no-preference' });
    page.setDefaultTimeout(WAITS);
    const trouble = [];
    const complain = (text) => { if (!isExpected(text, expected)) trouble.push(text); };
    page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) complain(`console: ${message.text()}`); });
    page.on('pageerror', (error) => complain(`exception: ${error.stack}`));
    page.on('request', (request) => {
        if (!request.url().startsWith(server.address) && !request.url().startsWith(`blob:${server.address}`)) {
            trouble.push(`a request to ${request.url()}`);
        }
    });
    await page.exposeFunction('reportViolation', (text) => trouble.push(`policy: ${text}`));
    await page.addInitScript(() => addEventListener('securitypolicyviolation',
        (event) => globalThis.reportViolation(`${event.violatedDirective} ${event.blockedURI}`)));
    try {
        await page.goto(`${server.address}/${hash}`);
        await body(page);
        assert.deepEqual(trouble, []);
    } finally {
        await page.close();
    }
}

/** Waits until `check()` holds for the page; `check` may throw or be false until then. */
export async function until(check, what, within = WAITS) {
    const end = Date.now() + within;
    for (;;) {
        let failure = null;
        try {
            if (await check()) return;
        } catch (error) {
            failure = error;
        }
        if (Date.now() > end) throw failure ?? new Error(`never: ${what}`);
        await new Promise((resolve) => { setTimeout(resolve, 40); });
    }
}

/** The list of cards has been answered and drawn. */
export async function listed(page) {
    await page.waitForSelector('.grid:not([aria-busy]) .card:not(.skeleton)');
}

/** Ids of the products in the grid, in order. */
export const shownIds = (page) => page.$$eval('.grid > .card', (cards) => cards.map((card) => card.dataset.id));

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Nothing that axe-core finds against WCAG 2.2 A and AA, or its best practices; or by some rules alone. */
export async function accessible(page, what, rules = null) {
    await page.evaluate(`${axeSource};undefined`);
    const { violations } = await page.evaluate((runOnly) => globalThis.axe.run(document, { runOnly, resultTypes: ['violations'] }),
        rules ? { type: 'rule', values: rules } : { type: 'tag', values: RULES });
    const found = violations.map(({ id, help, nodes }) => `${what}: ${id}: ${help}: ${nodes.slice(0, 3)
        .map((node) => `${node.target} (${node.failureSummary?.replace(/\s+/g, ' ')})`).join(' | ')}`);
    assert.deepEqual(found, []);
}

/** Nothing sticks out sideways. */
export async function fits(page, what) {
    const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(inner <= outer, `${what}: ${inner} pixels wide in a window of ${outer}`);
}

/** Presses Tab until `selector` has the focus; so often at most. */
export async function tabTo(page, selector, most = 80) {
    for (let i = 0; i < most; i++) {
        await page.keyboard.press('Tab');
        if (await page.evaluate((s) => document.activeElement.matches(s), selector)) return;
    }
    assert.fail(`${selector} is not reached by Tab`);
}
