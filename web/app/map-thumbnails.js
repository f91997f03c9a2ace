// Photos for the map: a few at a time, those that are wanted now first, and the last thousand kept.

import { photoBlob } from './photo.js';

const AT_ONCE = 6;
const KEPT = 1000;

/** `ready` is called when a photo has come. */
export class Thumbnails {
    constructor(ready) {
        this.ready = ready;
        this.images = new Map(); // id -> ImageBitmap, or null for a photo that is not there
        this.running = new Set();
        this.wanted = [];
        this.abort = new AbortController();
    }

    /** The photo, or undefined while it has not come; then it is on the list of wishes. */
    get(id) {
        const image = this.images.get(id);
        if (image !== undefined) {
            this.images.delete(id);
            this.images.set(id, image);
        } else if (!this.running.has(id)) {
            this.wanted.push(id);
        }
        return image;
    }

    /** Before drawing: what was wished for while other parts were seen is forgotten. */
    begin() {
        this.wanted.length = 0;
    }

    /** After drawing: fetches what was missing. */
    end() {
        while (this.running.size < AT_ONCE && this.wanted.length) this.fetch(this.wanted.shift());
    }

    async fetch(id) {
        this.running.add(id);
        let image = null;
        try {
            const address = await photoBlob(id, 128, this.abort.signal);
            const element = new Image();
            element.src = address;
            await element.decode().finally(() => URL.revokeObjectURL(address));
            image = element;
        } catch {
            // No photo, or one that cannot be shown: a point stands for it.
        }
        this.running.delete(id);
        if (this.abort.signal.aborted) return;
        this.images.set(id, image);
        if (this.images.size > KEPT) this.images.delete(this.images.keys().next().value);
        this.ready();
    }

    close() {
        this.abort.abort();
        this.images.clear();
    }
}
