// The shop window: recommendations with reasons, likes and dislikes that move the list.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask, listed, shownIds, tabTo, until, visit } from './harness.mjs';
import { profile, shop, shopper } from './shared.mjs';

/** What the API recommends to a shopper as the window asks for it. */
async function recommended(user) {
    const { body } = await ask(shop.server, '/api/recommend', { json: { user, n: 24, exclude_seen: true, explain: true } });
    return body.items;
}

const heart = (page, nth) => page.locator('.grid .card').nth(nth).locator('.opinion-liked');

test('window: the list is what the server recommends, with reasons', async () => {
    const user = await shopper(0);
    await visit(shop.server, `#/shop?user=${user}`, async (page) => {
        await listed(page);
        const items = await recommended(user);
        assert.deepEqual(await shownIds(page), items.map((item) => item.id));
        const reasons = await page.$$eval('.reason', (lines) => lines.map((line) => line.textContent));
        assert.equal(reasons.length, items.length);
        for (const reason of reasons) assert.match(reason, /^(Because you (bought|like) |Looks like |Bought by many)/);
        for (const text of await page.locator('.card-line .price').allTextContents()) assert.match(text, /^[\d,]+\.\d\d$/);
        // The list says all that is shown of its products: none is asked for by itself.
        const asked = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname));
        assert.deepEqual(asked.filter((path) => /^\/api\/products\/[^/]+$/.test(path)), []);
        const bought = new Set((await profile(user)).bought).size;
        assert.equal(await page.textContent('.panel-section .count'), String(bought));
        if (bought > 12) {
            await page.click('.panel-section .quiet');
            assert.equal(await page.locator('.mosaic').first().locator('li').count(), bought);
        }
    });
});

test('window: more of the list, and the focus on it', async () => {
    const user = await shopper(0);
    await visit(shop.server, `#/shop?user=${user}`, async (page) => {
        await listed(page);
        await page.click('.more');
        await until(async () => (await shownIds(page)).length === 48, '48 products');
        await until(() => page.evaluate(() => document.activeElement.closest('.card') === document.querySelectorAll('.grid > .card')[24]), 'focus on the 25th');
    });
});

test('window: a like moves the list and can be undone', async () => {
    const user = await shopper(1);
    await visit(shop.server, `#/shop?user=${user}`, async (page) => {
        await listed(page);
        const [liked] = await shownIds(page);
        await page.locator('.grid .card').first().hover();
        await heart(page, 0).click();
        await until(async () => (await profile(user)).liked.includes(liked), 'the like in the shop');
        await page.waitForSelector('.panel h2:has-text("Likes")');
        await until(async () => JSON.stringify(await shownIds(page)) === JSON.stringify((await recommended(user)).map((i) => i.id)), 'the new list');
        assert.match(await page.textContent('.toast-text'), /^You like /);
        await page.click('.toast-action');
        await until(async () => !(await profile(user)).liked.includes(liked), 'the like taken back');
        await until(async () => (await page.locator('.panel h2:has-text("Likes")').count()) === 0, 'no likes in the panel');
        assert.match(await page.textContent('.toast-text'), /^Undone/);
    });
});

test('window: a dislike, with the keyboard; taken back in the panel', async () => {
    const user = await shopper(2);
    await visit(shop.server, `#/shop?user=${user}`, async (page) => {
        await listed(page);
        const [first] = await shownIds(page);
        await tabTo(page, '.opinion-disliked');
        await page.keyboard.press('Enter');
        await until(async () => (await profile(user)).disliked.includes(first), 'the dislike in the shop');
        await page.waitForSelector('.panel h2:has-text("Not for them")');
        // The focus has not fallen out of the page.
        assert.notEqual(await page.evaluate(() => document.activeElement.tagName), 'BODY');
        await page.locator('.take-back').click();
        await until(async () => !(await profile(user)).disliked.length, 'the dislike taken back');
    });
});

test('window: cards glide to their places, unless the person wants stillness', async () => {
    const user = await shopper(5);
    for (const still of [false, true]) {
        await visit(shop.server, `#/shop?user=${user}`, async (page) => {
            await page.evaluate(() => {
                globalThis.glides = 0;
                const { animate } = Element.prototype;
                Element.prototype.animate = function count(...args) {
                    globalThis.glides++;
                    return animate.apply(this, args);
                };
            });
            await page.waitForLoadState('networkidle');
            await listed(page);
            const before = await page.evaluate(() => globalThis.glides);
            await page.evaluate(() => { location.hash += '&kind=&variety=0.8'; });
            await page.waitForTimeout(100);
            await listed(page);
            await until(async () => still || (await page.evaluate(() => globalThis.glides)) > before, 'animations');
            if (still) assert.equal(await page.evaluate(() => globalThis.glides), 0);
        }, { still });
    }
});

test('window: who is just looking has likes in the address, and nowhere else', () => visit(shop.server, '#/shop', async (page) => {
    await listed(page);
    assert.match(await page.textContent('.subtitle'), /what sells most/);
    const { body } = await ask(shop.server, '/api/users?n=1');
    const [first] = await shownIds(page);
    await page.locator('.grid .card').first().hover();
    await heart(page, 0).click();
    await page.waitForSelector('.panel h2:has-text("Likes")');
    assert.ok(new URLSearchParams((await page.evaluate(() => location.hash)).split('?')[1]).get('liked') === first);
    await until(async () => /Because you like/.test(await page.textContent('.reason')), 'reasons from the like');
    await page.reload();
    await page.waitForSelector('.panel h2:has-text("Likes")');
    assert.equal((await ask(shop.server, '/api/users?n=1')).body.total, body.total);
    assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, '']);
}));

test('window: a shopper nobody has seen', () => visit(shop.server, '#/shop?user=nobody%20%3Cb%3E', async (page) => {
    await listed(page);
    assert.equal(await page.textContent('h1'), 'Chosen for nobody <b>');
    assert.match(await page.textContent('.subtitle'), /^Nobody called nobody <b> has been here/);
}, { expected: [/404/] }));
