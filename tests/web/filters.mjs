// Filters: kind, price, variety, room for new products, what was bought; all in the address.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { listed, shownIds, until, visit } from './harness.mjs';
import { product, profile, shop, shopper } from './shared.mjs';

const parameters = async (page) => Object.fromEntries(new URLSearchParams((await page.evaluate(() => location.hash)).split('?')[1]));
const details = (ids) => Promise.all(ids.map(product));

async function changed(page, act) {
    const before = JSON.stringify(await shownIds(page));
    await act();
    await until(async () => JSON.stringify(await shownIds(page)) !== before, 'another list');
    await listed(page);
}

test('filters: by kind, down and back up, and after a reload', async () => {
    const user = await shopper(0);
    await visit(shop.server, `#/shop?user=${user}`, async (page) => {
        await listed(page);
        await changed(page, () => page.click('.chip[data-category$=" > Men"]'));
        for (const { category } of await details(await shownIds(page))) assert.match(category, / > Men > /);
        await changed(page, () => page.click('.kinds .chip:nth-child(3)'));
        const { kind } = await parameters(page);
        for (const { category } of await details(await shownIds(page))) assert.ok(category.startsWith(kind), `${category} in ${kind}`);
        const ids = await shownIds(page);
        await page.reload();
        await listed(page);
        assert.deepEqual(await shownIds(page), ids);
        await page.click('.chip:has-text("Back")');
        await page.click('.refine .quiet');
        await until(async () => !(await parameters(page)).kind, 'no kind in the address');
    });
});

test('filters: by price', async () => {
    const user = await shopper(0);
    await visit(shop.server, `#/shop?user=${user}`, async (page) => {
        await listed(page);
        await changed(page, async () => {
            await page.fill('[aria-label="Price from"]', '20');
            await page.fill('[aria-label="Price to"]', '40');
        });
        const found = await details(await shownIds(page));
        assert.ok(found.length > 3);
        for (const { price } of found) assert.ok(price >= 20 && price <= 40, String(price));
        await page.fill('[aria-label="Price from"]', '60');
        await until(async () => (await details(await shownIds(page))).every(({ price }) => price >= 40 && price <= 60), 'limits in the wrong order');
        await page.fill('[aria-label="Price from"]', '99999');
        await page.fill('[aria-label="Price to"]', '');
        await page.waitForSelector('.notice-title:has-text("Nothing like that here")');
        await page.click('.notice button');
        await listed(page);
    });
});

test('filters: variety with the arrow keys', async () => {
    const user = await shopper(0);
    await visit(shop.server, `#/shop?user=${user}`, async (page) => {
        await listed(page);
        await page.focus('#variety');
        await changed(page, async () => {
            for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowRight');
        });
        assert.equal((await parameters(page)).variety, '0.8');
        assert.equal(await page.getAttribute('#variety', 'aria-valuetext'), '80 % variety');
    });
});

test('filters: room for new products', async () => {
    const user = await shopper(0);
    await visit(shop.server, `#/shop?user=${user}`, async (page) => {
        await listed(page);
        await page.click('.switch:has-text("Room for new")');
        await until(async () => (await page.locator('.card .tag:has-text("new")').count()) >= 6, 'six new products');
        assert.equal((await parameters(page)).new, '1');
        for (const { new: fresh, buyers } of await details(await page.$$eval('.card:has(.tag)', (cards) => cards.map((c) => c.dataset.id)))) {
            assert.ok(fresh && buyers === 0);
        }
    });
});

test('filters: what was bought is hidden, or not', async () => {
    const user = await shopper(0);
    const bought = new Set((await profile(user)).bought);
    await visit(shop.server, `#/shop?user=${user}`, async (page) => {
        await listed(page);
        assert.ok((await shownIds(page)).every((id) => !bought.has(id)));
        await changed(page, () => page.click('.switch:has-text("Hide bought")'));
        assert.ok((await shownIds(page)).some((id) => bought.has(id)));
    });
});
