// Asking in words: as one types, by an example, for nobody, and where the model takes no text.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { accessible, ask, fits, listed, shownIds, until, visit } from './harness.mjs';
import { shop, shopper } from './shared.mjs';

const ASK = '#ask';

/** What the API answers to these words. */
async function expected(user, text) {
    const { body } = await ask(shop.server, '/api/recommend', { json: { user, text, n: 24, exclude_seen: true } });
    return body.items.map((item) => item.id);
}

test('request: results as one types, with the words that matched', async () => {
    const user = await shopper(0);
    await visit(shop.server, `#/shop?user=${user}`, async (page) => {
        await listed(page);
        const before = await shownIds(page);
        await page.waitForSelector(ASK);
        await page.focus(ASK);
        await page.keyboard.type('red dress', { delay: 30 });
        const wanted = await expected(user, 'red dress');
        await until(async () => JSON.stringify(await shownIds(page)) === JSON.stringify(wanted), 'the list that was asked for');
        assert.notDeepEqual(wanted, before);
        assert.match(await page.evaluate(() => location.hash), /ask=red\+dress/);
        assert.match(await page.textContent('.subtitle'), /For “red dress”, from \d+ purchases/);
        const marks = await page.$$eval('.reason mark', (all) => all.map((mark) => mark.textContent));
        assert.ok(marks.length && marks.every((word) => ['red', 'dress'].includes(word)), marks.join());
        // The field keeps the focus, and screen readers are told what came.
        assert.equal(await page.evaluate(() => document.activeElement.id), 'ask');
        await accessible(page, 'asked in words');
        await page.emulateMedia({ colorScheme: 'dark' });
        await accessible(page, 'asked in words, dark', ['color-contrast']);
        await page.fill(ASK, '');
        await until(async () => JSON.stringify(await shownIds(page)) === JSON.stringify(before), 'the list of before');
    });
});

test('request: an answer that comes too late is dropped', async () => {
    const user = await shopper(1);
    await visit(shop.server, `#/shop?user=${user}`, async (page) => {
        await listed(page);
        await page.waitForSelector(ASK);
        let held = null;
        await page.route('**/api/recommend', async (route) => {
            if (route.request().postDataJSON().text === 'boots') await new Promise((go) => { held = go; });
            await route.continue().catch(() => {});
        });
        await page.fill(ASK, 'boots');
        await until(() => held, 'the first question');
        await page.fill(ASK, 'necklace');
        const wanted = await expected(user, 'necklace');
        await until(async () => JSON.stringify(await shownIds(page)) === JSON.stringify(wanted), 'the second answer');
        held();
        await page.waitForTimeout(200);
        assert.deepEqual(await shownIds(page), wanted);
    }, { expected: [/ERR_FAILED|ERR_ABORTED/] });
});

test('request: an example, for somebody who is just looking, on a phone', () => visit(shop.server, '#/shop', async (page) => {
    await page.waitForSelector('.examples .chip');
    const chip = page.locator('.examples .chip').first();
    const text = await chip.textContent();
    await chip.focus();
    await page.keyboard.press('Enter');
    const wanted = await expected(undefined, text);
    await until(async () => JSON.stringify(await shownIds(page)) === JSON.stringify(wanted), 'what the example finds');
    assert.equal(await chip.getAttribute('aria-pressed'), 'true');
    assert.equal(await page.inputValue(ASK), text);
    assert.equal(await page.textContent('.subtitle'), `What comes nearest to “${text}”.`);
    await fits(page, 'examples');
    await accessible(page, 'an example on a phone');
    await page.reload();
    await listed(page);
    assert.equal(await page.inputValue(ASK), text);
}, { width: 360, height: 740 }));

test('request: what a shopper asked for before is offered to them', async () => {
    const user = await shopper(2);
    const { body } = await ask(shop.server, `/api/requests?user=${user}&n=6`);
    assert.ok(body.requests.length);
    await visit(shop.server, `#/shop?user=${user}`, async (page) => {
        await page.waitForSelector('.examples .chip');
        assert.equal(await page.textContent('.examples-title'), 'Asked before');
        assert.equal(await page.textContent('.examples .chip'), body.requests[0].text);
    });
});

test('request: a model that takes no text says how to get one that does', () => visit(shop.server, '', async (page) => {
    await page.route('**/api/requests*', (route) => route.fulfill({ json: { takes_text: false, requests: [] } }));
    await page.goto(`${shop.server.address}/#/shop`);
    await listed(page);
    await page.waitForSelector('.request-box:not([hidden])');
    assert.equal(await page.locator(ASK).isVisible(), false);
    assert.match(await page.textContent('.request-box .hint'), /train --model whisper/);
}));
