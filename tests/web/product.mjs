// A product over the view: particulars, what is like it, and the way back.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask, listed, shownIds, until, visit } from './harness.mjs';
import { product, profile, shop, shopper, withProduct } from './shared.mjs';

test('product: opened by a click, walked through, closed', async () => {
    const user = await shopper(0);
    await visit(shop.server, `#/shop?user=${user}`, async (page) => {
        await listed(page);
        const [first] = await shownIds(page);
        await page.locator('.card-title').first().click();
        await page.waitForSelector('dialog[open] #product-title');
        const known = await product(first);
        assert.equal(await page.textContent('#product-title'), known.title);
        assert.equal(await page.textContent('dialog .price >> nth=0'), known.price.toFixed(2));
        await page.waitForSelector('dialog .strip-section:nth-of-type(2) .tile');
        for (const [by, row] of [['taste', 0], ['look', 1]]) {
            const { body } = await ask(shop.server, `/api/similar/${first}?by=${by}&n=12`);
            const strip = page.locator('dialog .strip').nth(row);
            await until(async () => JSON.stringify(await strip.locator('.tile').evaluateAll((tiles) => tiles.map((t) => t.dataset.product))) ===
                JSON.stringify(body.items.map((i) => i.id)), `alike by ${by}`);
        }
        const next = page.locator('dialog .tile').first();
        const second = await next.getAttribute('data-product');
        await next.click();
        await until(async () => (await page.textContent('#product-title')) !== known.title, 'the other product');
        assert.equal(await page.evaluate(() => document.activeElement.id), 'product-title');
        assert.ok((await page.evaluate(() => location.hash)).includes(`product=${second}`));
        await page.goBack();
        await until(async () => (await page.textContent('#product-title')) === known.title, 'the first product again');
        await page.keyboard.press('Escape');
        await until(async () => (await page.locator('dialog').count()) === 0, 'the dialog closed');
        assert.ok(!(await page.evaluate(() => location.hash)).includes('product='));
        assert.equal(await page.evaluate(() => document.activeElement.dataset.product), first);
    });
});

test('product: opened with the keyboard, liked, the focus stays inside', async () => {
    const user = await shopper(6);
    await visit(shop.server, `#/shop?user=${user}`, async (page) => {
        await listed(page);
        const [first] = await shownIds(page);
        await page.locator('.card-title').first().focus();
        await page.keyboard.press('Enter');
        await page.waitForSelector('dialog .tile');
        for (let i = 0; i < 60; i++) {
            await page.keyboard.press('Tab');
            assert.ok(await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest('dialog') !== null));
        }
        await page.locator('dialog .opinion-liked').focus();
        await page.keyboard.press('Space');
        await until(async () => (await profile(user)).liked.includes(first), 'the like in the shop');
        await until(async () => (await page.getAttribute('dialog .opinion-liked', 'aria-pressed')) === 'true', 'a pressed heart');
        // The way to undo is within reach, inside the dialog.
        await page.locator('dialog .toast-action').click();
        await until(async () => !(await profile(user)).liked.length, 'the like taken back');
        await page.click('dialog .close');
        await until(async () => (await page.locator('dialog').count()) === 0, 'the dialog closed');
        await page.waitForSelector('body > .toasts', { state: 'attached' });
    });
});

test('product: a link opens it; pressing beside it closes it', async () => {
    const user = await shopper(0);
    const { body } = await ask(shop.server, '/api/products?new=1&n=1');
    const [fresh] = body.products;
    await visit(shop.server, `#/shop?user=${user}&product=${fresh.id}`, async (page) => {
        await page.waitForSelector('#product-title');
        assert.match(await page.textContent('dialog .facts'), /Bought by\s*nobody yet/);
        await page.mouse.click(8, 450);
        await until(async () => (await page.locator('dialog').count()) === 0, 'the dialog closed');
    });
});

test('product: markup in a title is text', async () => {
    const title = '<img src=x onerror="document.title=1"> & <b>bold</b>';
    await withProduct({ id: 'ev"il<&>/ü?#%', title, price: 5 }, () => visit(shop.server, '#/catalogue?search=onerror', async (page) => {
        await listed(page);
        assert.equal(await page.textContent('.card-title'), title);
        await page.click('.card-title');
        await page.waitForSelector('#product-title');
        assert.equal(await page.textContent('#product-title'), title);
        assert.equal(await page.locator('dialog b').count(), 0);
    }, { expected: [/404/] })); // nothing to compare it by
});

test('product: one that is not there', () => visit(shop.server, '#/catalogue?product=not-there', async (page) => {
    await page.waitForSelector('dialog .notice');
    assert.match(await page.textContent('dialog .notice'), /no product "not-there"/);
    await page.keyboard.press('Escape');
    await until(async () => (await page.locator('dialog').count()) === 0, 'the dialog closed');
}, { expected: [/404/] }));
