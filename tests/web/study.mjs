// The study: a pair of lists, a vote by keyboard and by mouse, and what comes of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask, tabTo, until, visit } from './harness.mjs';
import { shop } from './shared.mjs';

test('study: votes are stored, and each pair is another one', () => visit(shop.server, '#/study', async (page) => {
    await page.waitForSelector('.study-votes');
    assert.equal(await page.textContent('#study-results'), 'Nobody has voted yet.');
    assert.equal(await page.locator('.study-list').count(), 2);
    assert.equal(await page.locator('.study-list li').count(), 12);
    await page.fill('#reviewer', 'Ann');
    await tabTo(page, '[data-vote="left"]');
    await page.keyboard.press('Enter');
    await until(async () => (await ask(shop.server, '/api/study/results')).body.votes === 1, 'the vote on the server');
    await until(() => page.evaluate(() => document.activeElement.matches('.study-asked')), 'the next pair has the focus');
    await page.click('[data-vote="same"]');
    await until(async () => / 1 see no difference/.test(await page.textContent('#study-results')), 'the results');
    const { body } = await ask(shop.server, '/api/study/results');
    assert.deepEqual([body.votes, body.same, body.reviewers], [2, 1, 1]);
    assert.ok(body.interval[0] >= 0 && body.interval[1] <= 1 && body.method.startsWith('Wilson'));
}));
