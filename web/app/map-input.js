// Moves the map by mouse, touch and keyboard.

import { stillness } from './dom.js';

const STILL = 6; // pixels that a press may move and be a click
const STEP = 0.18; // of the window, for an arrow key
const CLOSER = 1.6;

/** Glides to another place over a quarter of a second; `moved` after each step. */
export function glide(camera, target, moved) {
    const from = camera.state;
    const began = performance.now();
    const length = stillness.matches ? 0 : 260;
    const step = (now) => {
        const t = length ? Math.min((now - began) / length, 1) : 1;
        const e = 1 - (1 - t) ** 3;
        camera.set({ x: from.x + (target.x - from.x) * e, y: from.y + (target.y - from.y) * e,
            zoom: from.zoom * (target.zoom / from.zoom) ** e });
        moved();
        if (t < 1) requestAnimationFrame(step);
    };
    step(began);
}

/** Where a zoom by a factor leads, about the middle of the window. */
export function zoomed(camera, factor) {
    return { ...camera.state, zoom: camera.zoom * factor };
}

/**
 * Listens to a canvas. Callbacks: moved() after the camera changed, pressed(x, y) on a click,
 * over(x, y) and out() as the mouse passes, chosen() for Enter, home() for 0.
 */
export function listen(canvas, camera, { moved, pressed, over, out, chosen, home }) {
    const pointers = new Map();
    let travelled = 0;
    const place = (event) => {
        const box = canvas.getBoundingClientRect();
        return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    const middle = () => {
        const all = [...pointers.values()];
        const x = all.reduce((sum, p) => sum + p.x, 0) / all.length;
        const y = all.reduce((sum, p) => sum + p.y, 0) / all.length;
        const apart = all.length > 1 ? Math.hypot(all[0].x - all[1].x, all[0].y - all[1].y) : 0;
        return { x, y, apart };
    };

    canvas.addEventListener('pointerdown', (event) => {
        if (event.button !== 0) return;
        canvas.setPointerCapture(event.pointerId);
        if (!pointers.size) travelled = 0;
        pointers.set(event.pointerId, place(event));
    });

    canvas.addEventListener('pointermove', (event) => {
        const now = place(event);
        if (!pointers.has(event.pointerId)) {
            over(now.x, now.y);
            return;
        }
        const before = middle();
        pointers.set(event.pointerId, now);
        const after = middle();
        travelled += Math.hypot(after.x - before.x, after.y - before.y) + Math.abs(after.apart - before.apart);
        if (travelled < STILL) return;
        canvas.classList.add('moving');
        out();
        camera.pan(after.x - before.x, after.y - before.y);
        if (before.apart > 0 && after.apart > 0) camera.zoomAt(after.apart / before.apart, after.x, after.y);
        moved();
    });

    const release = (event) => {
        const held = pointers.delete(event.pointerId);
        if (pointers.size) return;
        canvas.classList.remove('moving');
        if (!held || event.type !== 'pointerup' || travelled >= STILL) return;
        const { x, y } = place(event);
        pressed(x, y);
    };
    canvas.addEventListener('pointerup', release);
    canvas.addEventListener('pointercancel', release);
    canvas.addEventListener('pointerleave', out);

    canvas.addEventListener('wheel', (event) => {
        event.preventDefault();
        const { x, y } = place(event);
        const lines = event.deltaMode === 1 ? 24 : 1;
        camera.zoomAt(Math.exp(-Math.max(-120, Math.min(120, event.deltaY * lines)) * 0.0035), x, y);
        moved();
    }, { passive: false });

    const keys = {
        ArrowLeft: () => camera.pan(STEP * camera.width, 0),
        ArrowRight: () => camera.pan(-STEP * camera.width, 0),
        ArrowUp: () => camera.pan(0, STEP * camera.height),
        ArrowDown: () => camera.pan(0, -STEP * camera.height),
        '+': () => camera.zoomAt(CLOSER),
        '=': () => camera.zoomAt(CLOSER),
        '-': () => camera.zoomAt(1 / CLOSER),
    };
    canvas.addEventListener('keydown', (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === 'Enter') chosen();
        else if (event.key === '0') home();
        else if (event.key in keys) {
            keys[event.key]();
            moved();
        } else return;
        event.preventDefault();
    });
}
