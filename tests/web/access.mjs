// Every view in both colour schemes under axe-core, and on a phone.
import { test } from 'node:test';

import { accessible, fits, listed, until, visit } from './harness.mjs';
import { shop, shopper, someProduct } from './shared.mjs';

const views = {
    home: ['', (page) => page.waitForSelector('.shopper .photo.loaded')],
    window: ['#/shop?user=USER&new=1', listed],
    filtered: ['#/shop?user=USER&kind=Clothing%2C+Shoes+%26+Jewelry+%3E+Women&from=10', listed],
    looking: ['#/shop', listed],
    asked: ['#/shop?user=USER&ask=blue+dress', listed],
    product: ['#/shop?user=USER&product=PRODUCT', (page) => page.waitForSelector('dialog .tile')],
    catalogue: ['#/catalogue', listed],
    photo: ['#/photo', (page) => page.waitForSelector('.idle')],
    map: ['#/map?user=USER', (page) => page.waitForSelector('.map-row')],
    study: ['#/study', (page) => page.waitForSelector('.study-votes')],
    operations: ['#/operations', (page) => page.waitForSelector('.block')],
    nowhere: ['#/nowhere', (page) => page.waitForSelector('.notice')],
};

async function address(hash) {
    return hash.replace('USER', await shopper(0)).replace('PRODUCT', (await someProduct(0)).id);
}

/** Pictures that are still fading in have the contrast of nothing. */
async function settled(page) {
    await page.waitForLoadState('networkidle');
    await until(() => page.evaluate(() => !document.querySelector('.skeleton')), 'no places left to fill');
}

for (const [name, [hash, ready]] of Object.entries(views)) {
    test(`access: ${name}, light, dark, and on a phone`, async () => visit(shop.server, await address(hash), async (page) => {
        await ready(page);
        await settled(page);
        await accessible(page, `${name}, light`);
        await page.emulateMedia({ colorScheme: 'dark' });
        // The same elements in other colours.
        await accessible(page, `${name}, dark`, ['color-contrast']);
        await page.setViewportSize({ width: 360, height: 740 });
        await page.reload();
        await ready(page);
        await settled(page);
        await fits(page, name);
        await accessible(page, `${name}, on a phone`);
    }));
}

test('access: a like, a question and a refusal are accessible too', async () => visit(shop.server, await address('#/shop?user=USER'), async (page) => {
    await listed(page);
    await page.locator('.card').first().hover();
    await page.locator('.opinion-liked').first().click();
    await page.waitForSelector('.toast:not([hidden])');
    await listed(page);
    await accessible(page, 'after a like');
    await page.click('.toast-action');
    await page.click('.nav a:has-text("Operations")');
    await page.click('[data-action="backup"]');
    await page.waitForSelector('dialog[open]');
    await accessible(page, 'a question');
}));
