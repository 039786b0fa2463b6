// What the gallery is before its first image: an invitation. Dropping works anywhere on the page.
import { Component, computed, inject } from '@angular/core';
import { Caller } from '../backend/caller';
import { UploadPicker } from '../upload/upload-picker';

@Component({
  selector: 'tt-empty-gallery',
  template: `
    @if (mayUpload()) {
      <button type="button" class="invitation btn btn-outline-primary" (click)="picker.open()">
        <svg viewBox="0 0 120 96" aria-hidden="true">
          <rect x="6" y="6" width="108" height="84" rx="6" />
          <circle cx="84" cy="32" r="8" />
          <path d="M6 74l30-30 24 24 16-14 38 32" />
        </svg>
        <strong>Drop your first pictures here</strong>
        <span class="muted"> or choose them. Every size and format is ready seconds later. </span>
      </button>
    } @else {
      <p class="centred muted">There are no images yet.</p>
    }
  `,
})
export class EmptyGallery {
  private readonly caller = inject(Caller);
  protected readonly picker = inject(UploadPicker);
  protected readonly mayUpload = computed(() => this.caller.may('upload'));
}
