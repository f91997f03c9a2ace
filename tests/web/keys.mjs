// A shop with keys: the page asks for one, keeps it for the tab, and says what it may not do.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { listed, serve, until, visit } from './harness.mjs';
import { shop } from './shared.mjs';

const keys = { read: 'reading-key-0123456789abcdef', write: 'writing-key-0123456789abcdef', admin: 'admin-key-0123456789abcdefgh' };
const refused = { expected: [/40[13]/] };
let locked = null;

async function enter(page, key) {
    await page.waitForSelector('dialog[open] #key');
    await page.fill('#key', key);
    await page.keyboard.press('Enter');
}

describe('a shop with keys', () => {
    before(async () => {
        // A dataset is served by one server at a time.
        await shop.server.stop();
        locked = await serve({ keys });
    }, { timeout: 60000 });
    after(async () => {
        await locked.stop();
        shop.server = await serve();
    }, { timeout: 60000 });

    test('keys: asked for once, wrong and right; photos come with it', () => visit(locked, '', async (page) => {
        await enter(page, 'not-the-key-at-all-0123456789');
        await page.waitForSelector('dialog:has-text("not one of this shop")');
        await enter(page, keys.read);
        await page.waitForSelector('.shopper .photo.loaded img[src^="blob:"]');
        assert.equal(await page.locator('dialog').count(), 0);
        assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length]), [0, 1]);
        await page.reload();
        await page.waitForSelector('.shopper .photo.loaded');
        assert.equal(await page.locator('dialog').count(), 0);
        // A reader looks on.
        await page.click('.shopper');
        await listed(page);
        await page.locator('.card').first().hover();
        await page.locator('.opinion-liked').first().click();
        await until(async () => /Not with this key/.test(await page.textContent('.toast-text')), 'words about it');
        await page.click('.nav a:has-text("Operations")');
        await page.waitForSelector('.block');
        await page.click('[data-action="backup"]');
        await page.click('dialog .primary');
        await until(async () => /needs the admin key/.test(await page.textContent('.toast-text')), 'words about it');
    }, refused));

    test('keys: without one there is a way to try again', () => visit(locked, '#/catalogue', async (page) => {
        await page.waitForSelector('dialog[open] #key');
        await page.keyboard.press('Escape');
        await page.waitForSelector('.notice-title:has-text("This shop asks for a key")');
        // Other parts of the page may have asked meanwhile.
        await until(async () => {
            if (await page.locator('dialog[open]').count()) await page.keyboard.press('Escape');
            else await page.locator('.notice button').click();
            return (await page.locator('dialog[open] #key').count()) > 0;
        }, 'the question again');
        await enter(page, keys.write);
        await listed(page);
    }, refused));
});
