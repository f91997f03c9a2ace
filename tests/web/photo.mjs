// Search with a photo: chosen, dropped, pasted; and what is no photo.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { listed, shownIds, until, visit } from './harness.mjs';
import { shop, shopper } from './shared.mjs';

const folder = join(process.env.WORK, 'files', 'images');
const [name, other] = readdirSync(folder);
const bytes = [...readFileSync(join(folder, name))];

/** Dispatches an event that carries a file, as the browser does for a drop or a paste. */
function carry(page, kind, file) {
    return page.evaluate(({ kind: type, bytes: content, name: called, type: mime }) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(content)], called, { type: mime }));
        const event = type === 'paste' ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
            : new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
        document.body.dispatchEvent(event);
    }, { kind, ...file });
}

test('photo: chosen from the disk, for a shopper and without', async () => {
    const user = await shopper(0);
    await visit(shop.server, `#/photo?user=${user}`, async (page) => {
        await page.waitForSelector('.idle');
        await page.setInputFiles('#photo-file', join(folder, name));
        await listed(page);
        assert.ok((await shownIds(page)).length >= 12);
        assert.match(await page.textContent('.switch'), new RegExp(`Mix in the taste of ${user}`));
        await page.waitForSelector('.preview img');
        await page.click('.switch');
        await until(async () => /alone=1/.test(await page.evaluate(() => location.hash)), 'the switch in the address');
        await listed(page);
        // The photo of a product finds that product.
        assert.ok((await shownIds(page)).includes(name.replace('.jpg', '')));
        await page.setInputFiles('#photo-file', join(folder, other));
        await until(async () => (await shownIds(page)).includes(other.replace('.jpg', '')), 'the other photo');
    });
});

test('photo: dropped on another view', () => visit(shop.server, '#/catalogue', async (page) => {
    await listed(page);
    await carry(page, 'dragenter', { bytes, name, type: 'image/jpeg' });
    await page.waitForSelector('.curtain');
    await carry(page, 'drop', { bytes, name, type: 'image/jpeg' });
    await page.waitForSelector('.view-photo .preview img');
    await listed(page);
    assert.equal(await page.locator('.curtain').isVisible(), false);
}));

test('photo: pasted', () => visit(shop.server, '', async (page) => {
    await page.waitForSelector('.shopper');
    await carry(page, 'paste', { bytes, name, type: 'image/jpeg' });
    await page.waitForSelector('.view-photo .preview img');
    await listed(page);
}));

test('photo: a file that is none, and one that is broken', () => visit(shop.server, '#/photo', async (page) => {
    await page.waitForSelector('.idle');
    await carry(page, 'drop', { bytes: [1, 2, 3], name: 'a.pdf', type: 'application/pdf' });
    await until(async () => /not a photo/.test(await page.textContent('.toast-text')), 'words about it');
    await carry(page, 'drop', { bytes: [1, 2, 3], name: 'a.heic', type: 'image/heic' });
    await page.waitForSelector('.notice-title:has-text("This photo cannot be read")');
    await carry(page, 'drop', { bytes, name, type: 'image/jpeg' });
    await listed(page);
}, { expected: [/400|415/] }));
