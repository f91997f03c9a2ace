// Dialogs: the browser's own, which keep the focus inside and the rest out of reach.

import { h } from './dom.js';

/** Opens a dialog that is removed when it closes; the focus returns to where it was. */
export function openDialog(dialog) {
    const opener = document.activeElement;
    document.body.append(dialog);
    dialog.showModal();
    dialog.addEventListener('close', () => {
        // The line of news lives in the open dialog; it must not leave the page with it.
        const news = dialog.querySelector('.toasts');
        if (news) document.body.append(news);
        dialog.remove();
        if (opener?.isConnected && opener !== document.body) opener.focus();
    });
    return dialog;
}

/** Closes on a press beside the dialog, as people expect. */
export function closeOutside(dialog, close) {
    let pressed = false;
    const outside = (event) => event.target === dialog;
    dialog.addEventListener('pointerdown', (event) => { pressed = outside(event); });
    dialog.addEventListener('click', (event) => { if (pressed && outside(event)) close(); });
}

/** Asks before something is done; resolves to whether it shall be. */
export function confirmed(question, explanation, action) {
    return new Promise((resolve) => {
        const dialog = h('dialog.small', { 'aria-labelledby': 'confirm-title' },
            h('form', { method: 'dialog' }, h('h2', { id: 'confirm-title' }, question), h('p', null, explanation),
                h('div.buttons', null, h('button', { value: 'no' }, 'Cancel'), h('button.primary', { value: 'yes' }, action))));
        dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'));
        openDialog(dialog);
    });
}
