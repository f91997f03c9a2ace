// The shop that the tests look at, and what they ask about it.
import assert from 'node:assert/strict';

import { ask } from './harness.mjs';

/** {server}, set before the first test. */
export const shop = { server: null };

/** A shopper with enough purchases to say something about them. `nth` keeps tests out of each other's way. */
export async function shopper(nth = 0) {
    const { body } = await ask(shop.server, '/api/users?n=100');
    return body.users.sort((a, b) => b.products - a.products)[nth].id;
}

/** {bought, liked, disliked}: ids. */
export async function profile(user) {
    const { body } = await ask(shop.server, `/api/users/${encodeURIComponent(user)}`);
    const ids = (entries) => entries.map((entry) => entry.product);
    return { bought: ids(body.history.filter((entry) => entry.kind === 'bought')), liked: ids(body.liked), disliked: ids(body.disliked) };
}

export const product = async (id) => (await ask(shop.server, `/api/products/${encodeURIComponent(id)}`)).body;

/** Some product of the catalogue, with a photo. */
export async function someProduct(nth = 0) {
    const { body } = await ask(shop.server, '/api/products?n=40');
    return body.products.filter((p) => p.photo)[nth];
}

/** Runs `body` while the catalogue has one more product. */
export async function withProduct(fields, body) {
    const made = await ask(shop.server, '/api/products', { json: fields });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    try {
        await body();
    } finally {
        await ask(shop.server, `/api/products/${encodeURIComponent(fields.id)}`, { method: 'DELETE' });
    }
}
