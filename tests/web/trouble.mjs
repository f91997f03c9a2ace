// What a person sees when something is wrong, and the way on.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { listed, until, visit } from './harness.mjs';
import { shop, shopper } from './shared.mjs';

const lost = { expected: [/Failed to load resource|ERR_FAILED|ERR_CONNECTION/] };

for (const [view, wanted] of [['', '.shopper'], ['#/shop?user=USER', '.card:not(.skeleton)'], ['#/catalogue', '.card:not(.skeleton)'], ['#/map?user=USER', '.map-row'], ['#/operations', '.block']]) {
    test(`trouble: the server is gone, and comes back: ${view || 'home'}`, async () => {
        const user = await shopper(0);
        await visit(shop.server, '#/photo', async (page) => {
            // Modules and styles are there; the answers are not.
            await page.waitForSelector('.idle');
            await page.route('**/api/**', (route) => route.abort());
            await page.goto(`${shop.server.address}/${view.replace('USER', user)}`);
            await page.waitForSelector('.notice-title:has-text("The shop does not answer")');
            await page.unroute('**/api/**');
            await page.click('.notice button');
            await page.waitForSelector(wanted);
            assert.equal(await page.locator('.notice').count(), 0);
        }, lost);
    });
}

test('trouble: a like that does not arrive is no like', async () => {
    const user = await shopper(7);
    await visit(shop.server, `#/shop?user=${user}`, async (page) => {
        await listed(page);
        await page.route('**/api/feedback', (route) => route.abort());
        await page.locator('.card').first().hover();
        await page.locator('.opinion-liked').first().click();
        await until(async () => /does not answer/.test(await page.textContent('.toast-text')), 'words about it');
        assert.equal(await page.getAttribute('.opinion-liked >> nth=0', 'aria-pressed'), 'false');
    }, lost);
});

test('trouble: a busy server, and one that answers nonsense', async () => {
    const user = await shopper(0);
    await visit(shop.server, '#/photo', async (page) => {
        await page.route('**/api/recommend', (route) => route.fulfill({ status: 503, json: { error: { code: 'busy', message: 'busy' } } }));
        await page.goto(`${shop.server.address}/#/shop?user=${user}`);
        await page.waitForSelector('.notice-title:has-text("The shop is busy")');
        await page.unroute('**/api/recommend');
        await page.route('**/api/recommend', (route) => route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad gateway' }));
        await page.click('.notice button');
        await page.waitForSelector('.notice:has-text("The shop answered with status 502.")');
        await page.unroute('**/api/recommend');
        await page.route('**/api/recommend', (route) => route.fulfill({ status: 200, contentType: 'application/json', body: '{"items":' }));
        await page.click('.notice button');
        await page.waitForSelector('.notice-title:has-text("The shop does not answer")');
    }, lost);
});

test('trouble: an address that leads nowhere', () => visit(shop.server, '#/nowhere', async (page) => {
    await page.waitForSelector('h1:has-text("No such page")');
    await page.click('.notice a');
    await page.waitForSelector('.shopper');
}));

test('trouble: an address that somebody wrote by hand', () => visit(shop.server, '#/shop?liked=%25zz&variety=abc&from=x&at=1', async (page) => {
    await listed(page);
}));

test('trouble: without JavaScript; and every file that the page names is there', async () => {
    const text = await (await fetch(`${shop.server.address}/`)).text();
    assert.match(text, /<noscript>/);
    for (const [, file] of text.matchAll(/(?:href|src)="(\/app\/[^"]+)"/g)) {
        assert.equal((await fetch(shop.server.address + file)).status, 200, file);
    }
});
