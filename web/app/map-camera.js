// Which part of the map is seen: its centre in the map's coordinates, y upwards, and a zoom: 1 shows
// everything.

const MARGIN = 1.14;
const LEAST = 1e-6; // half the width of a map of one product
export const CLOSEST = 40; // times the scale at which everything fits

/** A camera of a window of `width` x `height` pixels that sees everything. */
export class Camera {
    constructor() {
        Object.assign(this, { x: 0, y: 0, zoom: 1, width: 1, height: 1, extent: { x: 0, y: 0, halfX: MARGIN, halfY: MARGIN } });
    }

    /** Says where the map lies: `places` are all points {x, y} on it. */
    frame(places) {
        const range = (axis) => {
            const values = places.map((place) => place[axis]);
            const low = values.reduce((a, b) => Math.min(a, b), Infinity);
            const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
            return [(low + high) / 2, Math.max(((high - low) / 2) * MARGIN, LEAST)];
        };
        if (!places.length) return;
        const [[x, halfX], [y, halfY]] = [range('x'), range('y')];
        this.extent = { x, y, halfX, halfY };
        this.hold();
    }

    resize(width, height) {
        this.width = Math.max(width, 1);
        this.height = Math.max(height, 1);
    }

    /** Pixels a unit. Both directions have their own, so that the map fills its window at zoom 1. */
    get scaleX() {
        return (this.zoom * this.width) / (2 * this.extent.halfX);
    }

    get scaleY() {
        return (this.zoom * this.height) / (2 * this.extent.halfY);
    }

    toScreen({ x, y }) {
        return [(x - this.x) * this.scaleX + this.width / 2, this.height / 2 - (y - this.y) * this.scaleY];
    }

    toMap(screenX, screenY) {
        return { x: this.x + (screenX - this.width / 2) / this.scaleX, y: this.y - (screenY - this.height / 2) / this.scaleY };
    }

    /** Moves what is seen by pixels. */
    pan(dx, dy) {
        this.x -= dx / this.scaleX;
        this.y += dy / this.scaleY;
        this.hold();
    }

    /** Zooms by a factor; the point under (screenX, screenY) stays where it is. */
    zoomAt(factor, screenX = this.width / 2, screenY = this.height / 2) {
        const fixed = this.toMap(screenX, screenY);
        this.zoom = Math.min(Math.max(this.zoom * factor, 1), CLOSEST);
        const now = this.toMap(screenX, screenY);
        this.x += fixed.x - now.x;
        this.y += fixed.y - now.y;
        this.hold();
    }

    set({ x, y, zoom }) {
        this.zoom = Math.min(Math.max(zoom, 1), CLOSEST);
        this.x = x;
        this.y = y;
        this.hold();
    }

    /** The window stays over the map. */
    hold() {
        const { x, y, halfX, halfY } = this.extent;
        const slack = 1 - 1 / this.zoom;
        this.x = Math.min(Math.max(this.x, x - halfX * slack), x + halfX * slack);
        this.y = Math.min(Math.max(this.y, y - halfY * slack), y + halfY * slack);
    }

    /** The state that shows everything. */
    get whole() {
        return { x: this.extent.x, y: this.extent.y, zoom: 1 };
    }

    get state() {
        return { x: this.x, y: this.y, zoom: this.zoom };
    }
}

/** A camera as a text for the address and back; null for anything else. */
export const cameraText = ({ x, y, zoom }) => (zoom === 1 ? '' : [x, y, zoom].map((v) => v.toFixed(3)).join(' '));

export function parseCamera(text) {
    const [x, y, zoom] = (text ?? '').split(' ').map(Number);
    return text && [x, y, zoom].every(Number.isFinite) ? { x, y, zoom } : null;
}
