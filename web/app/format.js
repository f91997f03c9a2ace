// Numbers, times and kinds in words. Prices carry no currency: the catalogue has none.

const whole = new Intl.NumberFormat('en');
const two = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

export const count = (n) => whole.format(n);
export const price = (value) => (Number.isFinite(value) ? two.format(value) : '');
export const date = (seconds) => day.format(seconds * 1000);
export const dateTime = (seconds) => (seconds ? moment.format(seconds * 1000) : 'never');
export const milliseconds = (value) => (Number.isFinite(value) ? `${value.toFixed(value < 10 ? 1 : 0)} ms` : '–');

/** "1 purchase", "3 purchases". */
export function plural(n, one, many = `${one}s`) {
    return `${count(n)} ${n === 1 ? one : many}`;
}

/** "2 h 5 min". */
export function duration(seconds) {
    const units = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];
    const first = units.findIndex(([, size]) => seconds >= size);
    if (first < 0) return 'less than a second';
    return units.slice(first, first + 2)
        .map(([name, size], i) => [Math.floor((i ? seconds % units[first][1] : seconds) / size), name])
        .filter(([n]) => n > 0).map(([n, name]) => `${n} ${name}`).join(' ');
}

export function bytes(n) {
    const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
    let unit = 0;
    let value = n;
    for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
    return `${unit ? value.toFixed(value < 10 ? 1 : 0) : value} ${units[unit]}`;
}

/** The steps of a category path: "Women > Shoes" -> ["Women", "Shoes"]. */
export const kindPath = (category) => (category ? category.split('>').map((step) => step.trim()).filter(Boolean) : []);

/** The last two steps of a category path, which say what a thing is. */
export const kindName = (category) => kindPath(category).slice(-2).join(' · ');

/** Text of at most `length` characters. */
export function short(text, length) {
    return text.length > length ? `${text.slice(0, length - 1).trimEnd()}…` : text;
}
