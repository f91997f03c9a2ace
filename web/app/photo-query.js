// The photo that is searched with: dropped anywhere, pasted anywhere, or chosen. It is sent to this
// shop only, and forgotten with the page.

import { h } from './dom.js';
import { personOf, personParams } from './person.js';
import { currentRoute, go } from './router.js';
import { say } from './toast.js';

let held = null;

/** Views listen here: "photo" when there is another one. */
export const photos = new EventTarget();

/** The photo (a File or Blob), or null. */
export const currentPhoto = () => held;

/** Takes a photo and goes to what it finds. */
export function takePhoto(file) {
    held = file;
    // From the view of photos itself, what was chosen there stays.
    if (file && currentRoute().view !== 'photo') go('photo', personParams(personOf()));
    photos.dispatchEvent(new Event('photo'));
}

const imageOf = (files) => [...files].find((file) => file.type.startsWith('image/'));

/** Files that are dragged or pasted: a photo is taken, anything else is refused in words. */
function accept(files) {
    if (!files.length) return false;
    const image = imageOf(files);
    if (image) takePhoto(image);
    else say('That is not a photo. JPEG, PNG and WebP pictures work.');
    return true;
}

/** Listens for photos on the whole page. */
export function listenForPhotos() {
    const curtain = h('div.curtain', { hidden: true, 'aria-hidden': 'true' }, h('p', null, 'Drop the photo: what looks like it?'));
    document.body.append(curtain);
    const carriesFiles = (event) => event.dataTransfer?.types.includes('Files');
    let depth = 0;
    const lift = () => {
        depth = 0;
        curtain.hidden = true;
    };
    addEventListener('dragenter', (event) => {
        if (!carriesFiles(event)) return;
        depth++;
        curtain.hidden = false;
    });
    addEventListener('dragleave', () => { if (--depth <= 0) lift(); });
    addEventListener('dragover', (event) => { if (carriesFiles(event)) event.preventDefault(); });
    addEventListener('drop', (event) => {
        lift();
        if (!carriesFiles(event)) return;
        event.preventDefault();
        accept(event.dataTransfer.files);
    });
    addEventListener('paste', (event) => {
        if (accept(event.clipboardData?.files ?? [])) event.preventDefault();
    });
}
