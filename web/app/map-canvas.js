// Draws the map: a point for each product, thumbnails where there is room for them, and the shopper.

import { Thumbnails } from './map-thumbnails.js';

const POINT = 3;
const REACH = 14; // pixels within which a point is hit

/** Which products get a thumbnail at a zoom: the first ones that do not cover another. */
export function spread(products, camera, size, room) {
    const stepX = (size * room) / camera.scaleX;
    const stepY = (size * room) / camera.scaleY;
    const cells = new Map();
    const chosen = new Set();
    for (const item of products) {
        const column = Math.floor(item.x / stepX);
        const row = Math.floor(item.y / stepY);
        let free = true;
        for (let c = column - 1; c <= column + 1 && free; c++) {
            for (let r = row - 1; r <= row + 1 && free; r++) {
                const other = cells.get(`${c} ${r}`);
                free = !other || Math.abs(other.x - item.x) >= stepX || Math.abs(other.y - item.y) >= stepY;
            }
        }
        if (!free) continue;
        cells.set(`${column} ${row}`, item);
        chosen.add(item);
    }
    return chosen;
}

function colours(element) {
    const style = getComputedStyle(element);
    const of = (name) => style.getPropertyValue(name).trim();
    return { ink: of('--ink'), muted: of('--muted'), accent: of('--accent'), card: of('--card'), paper: of('--paper'), accentInk: of('--accent-ink'), sans: of('--sans') };
}

export class MapCanvas {
    constructor(canvas, camera) {
        Object.assign(this, { canvas, camera, products: [], user: null, bought: new Set(), lit: null });
        this.context = canvas.getContext('2d');
        this.thumbnails = new Thumbnails(() => this.redraw());
        this.frame = 0;
        this.layout = { key: null, chosen: new Set() };
        this.recolour = () => {
            this.colours = colours(canvas);
            this.redraw();
        };
        this.scheme = matchMedia('(prefers-color-scheme: dark)');
        this.scheme.addEventListener('change', this.recolour);
        this.recolour();
    }

    show(products, user, bought) {
        Object.assign(this, { products, user, bought });
        this.camera.frame(user ? [...products, user] : products);
        this.layout.key = null;
        this.redraw();
    }

    resize() {
        const { width, height } = this.canvas.getBoundingClientRect();
        this.camera.resize(width, height);
        this.canvas.width = Math.round(width * devicePixelRatio);
        this.canvas.height = Math.round(height * devicePixelRatio);
        this.layout.key = null;
        this.redraw();
    }

    /** Draws with the next frame, once. */
    redraw() {
        if (!this.frame) this.frame = requestAnimationFrame(() => { this.frame = 0; this.draw(); });
    }

    /** Thumbnails grow a little on the way in. */
    get size() {
        return Math.min(40 + 12 * Math.log2(this.camera.zoom), 96);
    }

    /** The zoom is taken in steps, so that thumbnails do not come and go at every move. */
    chosen() {
        const step = Math.round(Math.log2(this.camera.zoom) * 3);
        if (this.layout.key !== step) {
            const room = Math.max(1.35 - step * 0.04, 1.08);
            this.layout = { key: step, chosen: spread(this.products, this.camera, this.size, room) };
        }
        return this.layout.chosen;
    }

    /** Products in the window, as {item, x, y} in pixels. */
    visible(margin = 0) {
        const { camera } = this;
        return this.products.map((item) => {
            const [x, y] = camera.toScreen(item);
            return { item, x, y };
        }).filter(({ x, y }) => x >= -margin && y >= -margin && x <= camera.width + margin && y <= camera.height + margin);
    }

    draw() {
        const { context: c, camera, colours: ink } = this;
        c.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
        c.clearRect(0, 0, camera.width, camera.height);
        const chosen = this.chosen();
        const seen = this.visible(this.size);
        this.thumbnails.begin();
        for (const { item, x, y } of seen) {
            if (!chosen.has(item)) this.point(item, x, y, ink);
        }
        for (const { item, x, y } of seen) {
            if (chosen.has(item) && item !== this.lit) this.picture(item, x, y, this.size, ink);
        }
        const lit = this.lit && seen.find(({ item }) => item === this.lit);
        if (lit) this.picture(lit.item, lit.x, lit.y, this.size * 1.25, ink, ink.accent);
        if (this.user) this.shopper(ink);
        this.thumbnails.end();
    }

    point(item, x, y, ink) {
        const { context: c } = this;
        const mine = this.bought.has(item.id);
        c.globalAlpha = mine || item.new ? 0.95 : 0.38;
        c.fillStyle = mine ? ink.accent : ink.ink;
        c.beginPath();
        c.arc(x, y, mine ? POINT + 1 : POINT, 0, 2 * Math.PI);
        if (item.new) {
            c.lineWidth = 1.5;
            c.strokeStyle = ink.accent;
            c.stroke();
        } else {
            c.fill();
        }
        c.globalAlpha = 1;
    }

    picture(item, x, y, size, ink, edge = null) {
        const image = this.thumbnails.get(item.id);
        if (!image && !edge) {
            this.point(item, x, y, ink);
            return;
        }
        const { context: c } = this;
        const half = size / 2;
        c.save();
        c.beginPath();
        c.roundRect(x - half, y - half, size, size, 5);
        c.fillStyle = ink.card;
        c.fill();
        c.save();
        c.clip();
        if (image) {
            const ratio = Math.max(size / image.naturalWidth, size / image.naturalHeight);
            const [w, h] = [image.naturalWidth * ratio, image.naturalHeight * ratio];
            c.drawImage(image, x - w / 2, y - h / 2, w, h);
        }
        c.restore();
        const mine = this.bought.has(item.id);
        c.lineWidth = edge || mine ? 2.5 : 1;
        c.strokeStyle = edge ?? (mine ? ink.accent : ink.paper);
        c.stroke();
        c.restore();
        if (item.new) this.badge(x + half - 6, y - half + 6, ink);
    }

    badge(x, y, ink) {
        const { context: c } = this;
        c.beginPath();
        c.arc(x, y, 4.5, 0, 2 * Math.PI);
        c.fillStyle = ink.accent;
        c.fill();
        c.lineWidth = 1.5;
        c.strokeStyle = ink.paper;
        c.stroke();
    }

    shopper(ink) {
        const { context: c } = this;
        const [x, y] = this.camera.toScreen(this.user);
        const halo = (radius, alpha) => {
            c.globalAlpha = alpha;
            c.fillStyle = ink.accent;
            c.beginPath();
            c.arc(x, y, radius, 0, 2 * Math.PI);
            c.fill();
            c.globalAlpha = 1;
        };
        halo(30, 0.16);
        halo(18, 0.26);
        halo(8, 1);
        c.lineWidth = 2.5;
        c.strokeStyle = ink.paper;
        c.stroke();
        this.label(this.user.id, x, y + 36, ink);
    }

    label(text, x, y, ink) {
        const { context: c } = this;
        c.font = `500 13px ${this.colours.sans}`;
        const width = c.measureText(text).width + 20;
        c.fillStyle = ink.accent;
        c.beginPath();
        c.roundRect(x - width / 2, y - 12, width, 24, 12);
        c.fill();
        c.fillStyle = ink.accentInk;
        c.textAlign = 'center';
        c.textBaseline = 'middle';
        c.fillText(text, x, y + 0.5);
    }

    /** The product under a place of the window, or null: thumbnails first, then the nearest point. */
    at(x, y) {
        const chosen = this.chosen();
        const half = this.size / 2;
        const seen = this.visible(this.size);
        const covered = seen.findLast((s) => chosen.has(s.item) && this.thumbnails.images.get(s.item.id) &&
            Math.abs(s.x - x) <= half && Math.abs(s.y - y) <= half);
        return covered?.item ?? this.nearest(x, y, REACH);
    }

    /** The product nearest to a place, within `reach` pixels. */
    nearest(x, y, reach = Infinity) {
        let best = null;
        let closest = reach;
        for (const s of this.visible()) {
            const distance = Math.hypot(s.x - x, s.y - y);
            if (distance < closest) [best, closest] = [s.item, distance];
        }
        return best;
    }

    light(item) {
        if (this.lit === item) return;
        this.lit = item;
        this.redraw();
    }

    close() {
        cancelAnimationFrame(this.frame);
        this.frame = -1;
        this.scheme.removeEventListener('change', this.recolour);
        this.thumbnails.close();
    }
}
