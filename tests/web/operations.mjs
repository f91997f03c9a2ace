// Operations: what the server says of itself, and the three things that can be done.
import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { ask, until, visit } from './harness.mjs';
import { shop } from './shared.mjs';

test('operations: the state of the server', () => visit(shop.server, '#/operations', async (page) => {
    await page.waitForSelector('.block');
    const { body } = await ask(shop.server, '/api/state');
    const text = await page.textContent('.blocks');
    assert.match(text, new RegExp(body.model.name));
    assert.match(text, new RegExp(`Products${body.dataset.products.toLocaleString('en')}`));
    assert.match(text, new RegExp(`Shoppers${body.dataset.users.toLocaleString('en')}`));
    assert.ok(!/undefined|NaN|\[object/.test(await page.textContent('main')), await page.textContent('main'));
}));

test('operations: a backup, after a question', () => visit(shop.server, '#/operations', async (page) => {
    await page.waitForSelector('.block');
    await page.click('[data-action="backup"]');
    await page.waitForSelector('dialog[open]');
    await page.click('dialog button:has-text("Cancel")');
    await until(async () => (await page.locator('dialog').count()) === 0, 'the question gone');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.action), 'backup');
    await page.click('[data-action="backup"]');
    await page.click('dialog .primary');
    await until(async () => /^Backup \S+ is written/.test(await page.textContent('.toast-text')), 'news of the backup');
}));

test('operations: another model is taken in, and the one before comes back', () => visit(shop.server, '#/operations', async (page) => {
    await page.waitForSelector('.block');
    assert.ok(await page.locator('[data-action="rollback"]').isDisabled());
    renameSync(join(process.env.WORK, 'other.safetensors'), join(process.env.WORK, 'model.safetensors'));
    for (const [action, news, seed] of [['reload', /reloaded/, 2], ['rollback', /before is in use again/, 1]]) {
        await until(async () => !(await page.locator(`[data-action="${action}"]`).isDisabled()), `${action} can be pressed`);
        await page.focus(`[data-action="${action}"]`);
        await page.keyboard.press('Enter');
        await page.waitForSelector('dialog[open]');
        await page.keyboard.press('Tab');
        await page.keyboard.press('Enter');
        await until(async () => news.test(await page.textContent('.toast-text')), `news of ${action}`);
        assert.equal((await ask(shop.server, '/api/state')).body.model.seed, seed);
    }
    // Looked at more than once, the server has a past to draw.
    await page.waitForSelector('.sparkline polyline', { state: 'attached' });
}));
