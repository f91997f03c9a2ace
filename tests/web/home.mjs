// The door: shoppers to pick from, by hand and by name.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { listed, tabTo, until, visit } from './harness.mjs';
import { shop, shopper } from './shared.mjs';

test('home: offered shoppers, new products and what sells', () => visit(shop.server, '', async (page) => {
    await page.waitForSelector('.shopper .photo.loaded');
    assert.equal(await page.locator('.shoppers > li').count(), 6);
    await until(async () => (await page.locator('.strip .tile').count()) >= 12, 'tiles in both rows');
    const firstRow = page.locator('.strip-section').first();
    assert.equal(await firstRow.locator('.tile').count(), await firstRow.locator('.tag').count());
    await page.locator('.shopper').first().click();
    await listed(page);
    assert.equal(await page.textContent('h1'), `Chosen for ${await shopper(0)}`);
    assert.match(await page.title(), /^Chosen for /);
}));

test('home: a shopper is found by name, with the keyboard', () => visit(shop.server, '', async (page) => {
    const wanted = await shopper(3);
    await tabTo(page, '[role="combobox"]');
    await page.keyboard.type(wanted.toLowerCase().slice(-5));
    await page.waitForSelector('[role="option"]');
    assert.equal(await page.getAttribute('[role="combobox"]', 'aria-expanded'), 'true');
    await page.keyboard.press('Escape');
    assert.equal(await page.getAttribute('[role="combobox"]', 'aria-expanded'), 'false');
    await page.keyboard.press('ArrowDown');
    await page.waitForSelector('[role="option"]');
    await page.keyboard.press('ArrowDown');
    const lit = await page.getAttribute('[role="combobox"]', 'aria-activedescendant');
    assert.equal(await page.getAttribute(`#${lit}`, 'aria-selected'), 'true');
    assert.ok((await page.textContent(`#${lit}`)).startsWith(wanted));
    await page.keyboard.press('Enter');
    await listed(page);
    assert.equal(await page.textContent('h1'), `Chosen for ${wanted}`);
    // Whoever cannot see that the view has changed is told where they are.
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1');
}));

test('home: a suggestion is picked with the mouse', () => visit(shop.server, '', async (page) => {
    const wanted = await shopper(4);
    await page.fill('[role="combobox"]', wanted);
    await page.locator('[role="option"]').first().click();
    await listed(page);
    assert.ok((await page.textContent('h1')).includes(wanted));
}));

test('home: the link past the navigation', () => visit(shop.server, '', async (page) => {
    await page.waitForSelector('.shopper');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
    assert.equal(await page.textContent('h1'), 'Who is shopping today?');
}));
