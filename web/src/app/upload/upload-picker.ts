// The browser's own dialogs: files, a folder, the camera of a phone.
import { DOCUMENT, Injectable, inject } from '@angular/core';
import { chosenInFolder } from './intake';
import { Uploads } from './uploads';

export type Choice = 'files' | 'folder' | 'camera';

const ACCEPT = 'image/*,.heic,.heif,.avif,.tif,.tiff';

@Injectable({ providedIn: 'root' })
export class UploadPicker {
  private readonly document = inject(DOCUMENT);
  private readonly uploads = inject(Uploads);
  private readonly inputs = new Map<Choice, HTMLInputElement>();

  /** Opens a dialog; what is chosen is uploaded. */
  open(choice: Choice = 'files'): void {
    const input = this.inputs.get(choice) ?? this.make(choice);
    input.click();
  }

  private make(choice: Choice): HTMLInputElement {
    const input = this.document.createElement('input');
    input.type = 'file';
    input.hidden = true;
    input.id = `tt-pick-${choice}`;
    input.multiple = choice !== 'camera';
    input.webkitdirectory = choice === 'folder';
    if (choice !== 'folder') input.accept = ACCEPT;
    if (choice === 'camera') input.setAttribute('capture', 'environment');
    input.addEventListener('change', () => this.take(input));
    this.inputs.set(choice, input);
    return this.document.body.appendChild(input);
  }

  private take(input: HTMLInputElement): void {
    const files = [...(input.files ?? [])];
    if (input.webkitdirectory) this.uploads.takeIn(chosenInFolder(files));
    else this.uploads.add(files);
    input.value = ''; // so that the same file can be chosen again
  }
}
