// One server and one browser for all tests of the page.
import { after, before } from 'node:test';

import { finish, serve, start } from './harness.mjs';
import { shop } from './shared.mjs';

before(async () => {
    await start();
    shop.server = await serve();
}, { timeout: 60000 });
after(finish);

await import('./home.mjs');
await import('./window.mjs');
await import('./request.mjs');
await import('./study.mjs');
await import('./filters.mjs');
await import('./product.mjs');
await import('./photo.mjs');
await import('./catalogue.mjs');
await import('./map.mjs');
await import('./operations.mjs');
await import('./trouble.mjs');
await import('./keys.mjs');
await import('./access.mjs');
