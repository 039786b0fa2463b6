// The whole page takes dropped and pasted files; an overlay says so while something hovers.
import { Component, inject, signal } from '@angular/core';
import { Caller } from '../backend/caller';
import { PrivateBadge } from '../shared/private-badge';
import { Audience } from './audience';
import { droppedFiles, pastedFiles } from './intake';
import { Uploads } from './uploads';

@Component({
  selector: 'tt-drop-zone',
  imports: [PrivateBadge],
  host: {
    '(window:dragstart)': 'begin($event)',
    '(window:dragenter)': 'dragEnter($event)',
    '(window:dragover)': 'over($event)',
    '(window:dragleave)': 'leave($event)',
    '(window:drop)': 'drop($event)',
    '(document:paste)': 'paste($event)',
  },
  template: `
    @if (hovering()) {
      <div class="drop" aria-hidden="true">
        <div class="drop-frame">
          <svg viewBox="0 0 48 48" fill="none" stroke="currentColor">
            <rect x="7" y="9" width="34" height="30" rx="3" />
            <path d="M7 32l9-9 7 6 7-9 11 12" />
            <circle cx="17" cy="18" r="3" />
          </svg>
          Drop to upload
          @if (audience.requested() === 'private') {
            <tt-private />
          }
        </div>
      </div>
    }
  `,
})
export class DropZone {
  private readonly uploads = inject(Uploads);
  private readonly caller = inject(Caller);
  protected readonly audience = inject(Audience);
  private depth = 0;
  /** A picture of this page is being dragged, which browsers call a file. */
  private ours = false;
  protected readonly hovering = signal(false);

  /**
   * The end is told to what was dragged, which may have left the page by then. Firefox tells it nobody in
   * that case (bugzilla.mozilla.org, 460801), but who presses anew drags nothing any more.
   */
  protected begin({ target }: DragEvent): void {
    this.ours = true;
    const over = (): void => {
      this.ours = false;
      target?.removeEventListener('dragend', over);
      removeEventListener('pointerdown', over);
    };
    target?.addEventListener('dragend', over);
    addEventListener('pointerdown', over);
  }

  protected dragEnter(event: DragEvent): void {
    if (!this.concerns(event)) return;
    event.preventDefault();
    this.depth += 1;
    this.hovering.set(true);
  }

  protected over(event: DragEvent): void {
    if (!this.concerns(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
  }

  protected leave(event: DragEvent): void {
    if (!this.concerns(event)) return;
    this.depth = Math.max(0, this.depth - 1);
    if (this.depth === 0) this.hovering.set(false);
  }

  protected async drop(event: DragEvent): Promise<void> {
    this.depth = 0;
    this.hovering.set(false);
    if (!this.concerns(event) || !event.dataTransfer) return;
    event.preventDefault();
    this.uploads.takeIn(await droppedFiles(event.dataTransfer));
  }

  protected paste(event: ClipboardEvent): void {
    const files = event.clipboardData?.files;
    if (!files || files.length === 0 || !this.caller.may('upload')) return;
    event.preventDefault();
    this.uploads.add(pastedFiles(files, new Date()));
  }

  private concerns(event: DragEvent): boolean {
    return (
      !this.ours &&
      this.caller.may('upload') &&
      (event.dataTransfer?.types.includes('Files') ?? false)
    );
  }
}
