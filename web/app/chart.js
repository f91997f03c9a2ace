// A line of the last values, without axes: whether something rises or falls.

import { svg } from './dom.js';

const WIDTH = 240;
const HEIGHT = 44;
const EDGE = 3;

/** The line through values from 0 up; the last one has a mark. */
export function sparkline(values) {
    const picture = svg('svg', { class: 'sparkline', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    if (values.length < 2) return picture;
    const top = Math.max(...values) || 1;
    const x = (i) => EDGE + ((WIDTH - 2 * EDGE) * i) / (values.length - 1);
    const y = (value) => HEIGHT - EDGE - ((HEIGHT - 2 * EDGE) * value) / top;
    const points = values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`);
    picture.append(
        svg('polygon', { points: `${EDGE},${HEIGHT} ${points.join(' ')} ${WIDTH - EDGE},${HEIGHT}` }),
        svg('polyline', { points: points.join(' ') }));
    return picture;
}
