// The bar at the top: the name, whether news is live, light or dark, and the way in for pictures.
import { Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Caller } from '../backend/caller';
import { Session } from '../backend/session';
import { UploadPicker } from '../upload/upload-picker';
import { Account } from './account';
import { LiveBadge } from './live-badge';
import { Theme } from './theme';

@Component({
  selector: 'tt-header',
  imports: [RouterLink, Account, LiveBadge],
  host: { class: 'header', role: 'banner' },
  template: `
    <div class="header-inner">
      <a class="brand" routerLink="/" aria-label="Tintype: all images">
        <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
          <rect class="brand-plate" x="3" y="5" width="26" height="22" rx="3" />
          <rect class="brand-picture" x="6" y="8" width="20" height="16" rx="1" />
          <circle class="brand-plate" cx="13" cy="14" r="2.5" />
          <path class="brand-hill" d="M6 24l7-6 4 3 4-5 5 5v3z" />
        </svg>
        <span class="brand-name">Tintype</span>
      </a>
      @if (usable()) {
        <tt-live-badge />
      }
      <div class="header-actions">
        <button type="button" class="btn btn-icon" (click)="theme.toggle()" [title]="themeLabel()">
          <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" aria-hidden="true">
            @if (theme.mode() === 'dark') {
              <circle cx="12" cy="12" r="4" />
              <path
                d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M18.4 5.6 17 7M7 17l-1.4 1.4"
              />
            } @else {
              <path d="M20 14.5A8 8 0 0 1 9.5 4 8 8 0 1 0 20 14.5z" />
            }
          </svg>
          <span class="visually-hidden">{{ themeLabel() }}</span>
        </button>
        <tt-account />
        @if (mayUpload()) {
          <button
            type="button"
            class="btn btn-icon only-touch"
            title="Take a picture"
            (click)="picker.open('camera')"
          >
            <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" aria-hidden="true">
              <path d="M4 8h3l2-3h6l2 3h3v11H4z" />
              <circle cx="12" cy="13" r="3.5" />
            </svg>
            <span class="visually-hidden">Take a picture</span>
          </button>
          <button
            type="button"
            class="btn btn-icon only-mouse"
            title="Add a folder"
            (click)="picker.open('folder')"
          >
            <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" aria-hidden="true">
              <path d="M3 6h6l2 2h10v11H3zM12 11v5M9.5 13.5h5" />
            </svg>
            <span class="visually-hidden">Add a folder</span>
          </button>
          <button type="button" class="btn btn-primary add" (click)="picker.open('files')">
            <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" aria-hidden="true">
              <path d="M12 5v14M5 12h14" />
            </svg>
            <span>Add<span class="add-what"> pictures</span></span>
          </button>
        }
      </div>
    </div>
  `,
})
export class Header {
  protected readonly theme = inject(Theme);
  protected readonly picker = inject(UploadPicker);
  private readonly caller = inject(Caller);
  protected readonly usable = inject(Session).usable;
  /** Also while the session has ended: what is chosen waits. */
  protected readonly mayUpload = computed(() => this.caller.may('upload'));

  protected themeLabel(): string {
    return this.theme.mode() === 'dark' ? 'Switch to light' : 'Switch to dark';
  }
}
