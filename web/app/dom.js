// Elements without markup: text always goes in as text, so that a title like "<img onerror=..>" is
// shown and never run.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * An element. `tag` may carry classes ("button.quiet.small"). Properties that begin with "on" are
 * listeners; true and false set and leave out an attribute; null and undefined are left out.
 * Children: nodes, texts, arrays of them; null and false are left out.
 */
export function h(tag, properties, ...children) {
    const [name, ...classes] = tag.split('.');
    const element = document.createElement(name);
    if (classes.length) element.className = classes.join(' ');
    for (const [key, value] of Object.entries(properties ?? {})) setProperty(element, key, value);
    append(element, children);
    return element;
}

function setProperty(element, key, value) {
    if (value === null || value === undefined || value === false) return;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key === 'class') element.className += ` ${value}`;
    else element.setAttribute(key, value === true ? '' : String(value));
}

/** Adds children as `h` takes them. */
export function append(element, children) {
    for (const child of children.flat(Infinity)) {
        if (child === null || child === undefined || child === false) continue;
        element.append(child instanceof Node ? child : String(child));
    }
    return element;
}

/** An SVG element with attributes. */
export function svg(name, attributes, ...children) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes ?? {})) element.setAttribute(key, value);
    element.append(...children);
    return element;
}

const shapes = {
    heart: 'M12 20s-7.5-4.6-7.5-10.2A4.3 4.3 0 0 1 12 7.2a4.3 4.3 0 0 1 7.5 2.6C19.5 15.4 12 20 12 20z',
    cross: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
    search: 'M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13zM15.3 15.3L20.5 20.5',
    camera: 'M4 8h3.5l1.5-2.5h6L16.5 8H20v11H4zM12 16.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4z',
    plus: 'M12 5v14M5 12h14',
    minus: 'M5 12h14',
    fit: 'M5 10V5h5M19 10V5h-5M5 14v5h5M19 14v5h-5',
    person: 'M12 12a3.8 3.8 0 1 0 0-7.6 3.8 3.8 0 0 0 0 7.6zM4.8 20a7.2 7.2 0 0 1 14.4 0',
    back: 'M14.5 5.5L8 12l6.5 6.5',
    on: 'M9.5 5.5L16 12l-6.5 6.5',
};

/** A decorative icon: what a control is called stands in its text or label. */
export function icon(name) {
    return svg('svg', { class: `icon icon-${name}`, viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' },
        svg('path', { d: shapes[name] }));
}

/** Calls back `delay` milliseconds after the last call of many. */
export function debounce(callback, delay) {
    let timer = 0;
    const later = (...args) => {
        clearTimeout(timer);
        timer = setTimeout(callback, delay, ...args);
    };
    later.cancel = () => clearTimeout(timer);
    return later;
}

const waiting = new WeakMap(); // element -> what to do when it comes near the window
const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        waiting.get(target)?.();
        waiting.delete(target);
    }
}, { rootMargin: '400px' });

/** Calls back once, when an element is in the window or not far from it. */
export function whenNear(element, callback) {
    waiting.set(element, callback);
    near.observe(element);
}

/** Whether this person asked their system for less motion. */
export const stillness = matchMedia('(prefers-reduced-motion: reduce)');
