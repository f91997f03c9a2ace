// Photos of products: of fixed shape, so that nothing moves when they arrive, and asked for when
// they come near the window.

import { api, key, request } from './api.js';
import { h, whenNear } from './dom.js';

/** What stands for a photo that is not there. */
function blank(box) {
    box.classList.add('no-photo');
    box.replaceChildren(h('span', { 'aria-hidden': 'true' }, 'no photo'));
}

/** A photo's bytes as an address that an <img> takes; the caller revokes it. */
export async function photoBlob(id, side, signal) {
    const response = await request(api.photoAddress(id, side), { signal });
    return URL.createObjectURL(await response.blob());
}

// An <img> cannot carry a key: where there is one, photos are fetched and shown from memory.
async function fetchInto(image) {
    try {
        const address = await photoBlob(image.dataset.product, Number(image.dataset.side));
        image.addEventListener('load', () => URL.revokeObjectURL(address), { once: true });
        image.src = address;
    } catch {
        if (image.parentElement) blank(image.parentElement);
    }
}

/**
 * A photo in a box of fixed shape. `width` is the width in CSS pixels at which it is shown, `alt`
 * its text ("" where the title stands beside it).
 */
export function photo(id, { width, alt = '', eager = false, present = true }) {
    const box = h('span.photo');
    if (!present) {
        blank(box);
        return box;
    }
    const sides = [64, 128, 256, 512];
    const side = sides.find((s) => s >= width) ?? 512;
    const image = h('img', { alt, width: side, height: side, decoding: 'async', 'data-product': id });
    image.addEventListener('error', () => blank(box), { once: true });
    image.addEventListener('load', () => box.classList.add('loaded'), { once: true });
    box.append(image);
    if (key()) {
        image.dataset.side = sides.find((s) => s >= width * devicePixelRatio) ?? 512;
        whenNear(image, () => fetchInto(image));
        return box;
    }
    if (!eager) image.loading = 'lazy';
    image.sizes = `${width}px`;
    image.srcset = sides.filter((s) => s >= side).map((s) => `${api.photoAddress(id, s)} ${s}w`).join(', ');
    image.src = api.photoAddress(id, side);
    return box;
}
