// The browser's own dialogs: files, a folder, the camera of a phone.
import { DOCUMENT, Injectable, inject } from '@angular/core';
import { FORMATS } from '../backend/formats.generated';
import { chosenInFolder } from './intake';
import { Uploads } from './uploads';

export type UploadSource = 'files' | 'folder' | 'camera';

// By their endings, too: not every system knows the newer ones as images.
const ACCEPT = [
  'image/*',
  ...FORMATS.flatMap(({ extensions }) => extensions.map((one) => `.${one}`)),
];

@Injectable({ providedIn: 'root' })
export class UploadPicker {
  private readonly document = inject(DOCUMENT);
  private readonly uploads = inject(Uploads);
  private readonly inputs = new Map<UploadSource, HTMLInputElement>();

  /** Opens a dialog; what is chosen is uploaded. */
  open(source: UploadSource = 'files'): void {
    const input = this.inputs.get(source) ?? this.make(source);
    input.click();
  }

  private make(source: UploadSource): HTMLInputElement {
    const input = this.document.createElement('input');
    input.type = 'file';
    input.hidden = true;
    input.id = `tt-pick-${source}`;
    input.multiple = source !== 'camera';
    input.webkitdirectory = source === 'folder';
    if (source !== 'folder') input.accept = ACCEPT.join();
    if (source === 'camera') input.setAttribute('capture', 'environment');
    input.addEventListener('change', () => this.take(input));
    this.inputs.set(source, input);
    return this.document.body.appendChild(input);
  }

  private take(input: HTMLInputElement): void {
    const files = [...(input.files ?? [])];
    if (input.webkitdirectory) this.uploads.takeIn(chosenInFolder(files));
    else this.uploads.add(files);
    input.value = ''; // so that the same file can be chosen again
  }
}
