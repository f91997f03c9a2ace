// The map: drawn, moved by mouse, wheel, touch and keyboard; the list says the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask, tabTo, until, visit } from './harness.mjs';
import { shop, shopper, someProduct } from './shared.mjs';

const inView = async (page) => Number((await page.textContent('.map-side h2')).replaceAll(',', '').split(' ')[0]);
const address = (page) => page.evaluate(() => location.hash);

/** How many pixels of the canvas are not empty. */
const drawn = (page) => page.evaluate(() => {
    const canvas = document.querySelector('.map-canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let n = 0;
    for (let i = 3; i < data.length; i += 4) n += data[i] > 0;
    return n;
});

async function ready(page) {
    await page.waitForSelector('.map-list .map-row');
    await until(async () => (await drawn(page)) > 5000, 'something on the map');
}

test('map: with the mouse', async () => {
    const user = await shopper(0);
    const { body } = await ask(shop.server, `/api/map?n=1000&user=${user}`);
    await visit(shop.server, `#/map?user=${user}`, async (page) => {
        await ready(page);
        const all = await inView(page);
        assert.equal(all, body.products.length);
        assert.match(await page.textContent('.subtitle'), new RegExp(`${user} stands at the mark`));
        const box = await page.locator('.map-canvas').boundingBox();
        const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
        await page.mouse.move(x, y);
        for (let i = 0; i < 5; i++) await page.mouse.wheel(0, -120);
        await until(async () => (await inView(page)) < all, 'fewer products in view');
        await until(async () => /at=/.test(await address(page)), 'the place in the address');
        const here = await address(page);
        await page.mouse.down();
        await page.mouse.move(x + 120, y + 60, { steps: 4 });
        await page.mouse.up();
        await until(async () => (await address(page)) !== here, 'another place');
        await page.click('[aria-label="Show everything"]');
        await until(async () => (await inView(page)) === all, 'everything');
        await page.click('[aria-label="Go to the shopper"]');
        await until(async () => (await inView(page)) < all, 'near the shopper');
        const row = page.locator('.map-row').first();
        const id = await row.getAttribute('data-product');
        await row.click();
        await page.waitForSelector('#product-title');
        assert.ok((await address(page)).includes(`product=${id}`));
    });
});

test('map: a click opens a product', async () => {
    const wanted = await someProduct(3);
    await visit(shop.server, `#/map?focus=${wanted.id}`, async (page) => {
        await ready(page);
        // The product that was asked for is in the middle, unless the edge of the map keeps it off.
        await until(async () => (await page.$$eval('.map-row', (rows) => rows.map((row) => row.dataset.product))).includes(wanted.id), 'it is in view');
        const box = await page.locator('.map-canvas').boundingBox();
        await page.focus('.map-canvas');
        await page.keyboard.press('+');
        await page.waitForTimeout(200);
        await page.keyboard.press('Enter');
        await page.waitForSelector('#product-title');
        await page.keyboard.press('Escape');
        await page.waitForTimeout(100);
        // Under the crosshair lies a product, or the nearest one does: a press there opens it.
        await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
        await page.mouse.down();
        await page.mouse.up();
        await until(async () => (await page.locator('dialog').count()) === 1 || !(await page.$('.map-canvas.pointing')), 'a product, where the pointer shows one');
    });
});

test('map: with the keyboard', () => visit(shop.server, '#/map', async (page) => {
    await ready(page);
    const all = await inView(page);
    await tabTo(page, '.map-canvas');
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    await until(async () => (await inView(page)) < all, 'fewer products in view');
    await until(async () => /products? in view$/.test(await page.textContent('.toasts .unseen')), 'the middle is read out');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#product-title');
    await page.keyboard.press('Escape');
    await until(async () => (await page.locator('dialog').count()) === 0, 'the dialog closed');
    assert.ok(await page.evaluate(() => document.activeElement.matches('.map-canvas')));
    await page.keyboard.press('0');
    await until(async () => (await inView(page)) === all, 'everything');
}));

test('map: two fingers', () => visit(shop.server, '#/map', async (page) => {
    await ready(page);
    const all = await inView(page);
    await page.evaluate(() => {
        const canvas = document.querySelector('.map-canvas');
        canvas.setPointerCapture = () => {};
        const box = canvas.getBoundingClientRect();
        const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
        const touch = (type, pointerId, dx) => canvas.dispatchEvent(new PointerEvent(type, { pointerId, pointerType: 'touch', button: 0, clientX: x + dx, clientY: y, bubbles: true }));
        touch('pointerdown', 11, -20);
        touch('pointerdown', 12, 20);
        for (let d = 20; d <= 100; d += 10) {
            touch('pointermove', 11, -d);
            touch('pointermove', 12, d);
        }
        touch('pointerup', 11, -100);
        touch('pointerup', 12, 100);
    });
    await until(async () => (await inView(page)) < all, 'fewer products in view');
}, { width: 360, height: 740, touch: true }));
