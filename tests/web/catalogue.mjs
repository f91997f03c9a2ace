// The whole catalogue: by name, by kind, page after page.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask, listed, shownIds, until, visit } from './harness.mjs';
import { shop, someProduct, withProduct } from './shared.mjs';

test('catalogue: search, new only, more', () => visit(shop.server, '#/catalogue', async (page) => {
    await listed(page);
    const { body } = await ask(shop.server, '/api/products?n=36');
    assert.deepEqual(await shownIds(page), body.products.map((p) => p.id));
    await page.click('.more');
    await until(async () => (await shownIds(page)).length === 72, '72 products');
    await page.click('.switch:has-text("New only")');
    await until(async () => (await page.locator('.card').count()) === (await page.locator('.card .tag:has-text("new")').count()), 'new products only');
    await page.click('.switch:has-text("New only")');
    const wanted = await someProduct(7);
    await page.fill('#catalogue-search', wanted.id.toLowerCase());
    await until(async () => JSON.stringify(await shownIds(page)) === JSON.stringify([wanted.id]), 'the one product');
    assert.match(await page.textContent('.subtitle'), /^1 product$/);
    await page.fill('#catalogue-search', 'zzz nothing');
    await page.waitForSelector('.notice-title:has-text("Nothing by that name")');
}));

test('catalogue: a product without a photo has a place all the same', () => withProduct({ id: 'PLAIN', title: 'Plain thing', price: 12.5 },
    () => visit(shop.server, '#/catalogue?search=plain%20thing', async (page) => {
        await listed(page);
        assert.equal(await page.textContent('.card .photo'), 'no photo');
        assert.equal(await page.textContent('.card .price'), '12.50');
        const box = await page.locator('.card .photo').boundingBox();
        assert.ok(Math.abs(box.width - box.height) < 2);
    })));
