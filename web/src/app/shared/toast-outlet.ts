// Where the toasts appear. It stands in the shell once, so that they outlive the page that made them.
import { Component, inject } from '@angular/core';
import { Toasts } from './toasts';

@Component({
  selector: 'tt-toasts',
  template: `
    <section class="toast-container" aria-label="Messages">
      <div role="status" aria-live="polite" aria-atomic="false">
        @for (toast of toasts.list(); track toast.id) {
          <div
            class="toast show"
            [class.toast-danger]="toast.tone === 'danger'"
            (pointerenter)="toasts.hold(toast.id, 'pointer')"
            (pointerleave)="toasts.release(toast.id, 'pointer')"
            (focusin)="toasts.hold(toast.id, 'focus')"
            (focusout)="toasts.release(toast.id, 'focus')"
          >
            <p class="toast-body">
              {{ toast.text }}
              @if (toast.name; as name) {
                <bdi class="text-truncate">{{ name }}</bdi>
              }
            </p>
            @if (toast.action; as action) {
              <button
                type="button"
                class="btn text-decoration-underline"
                [attr.aria-keyshortcuts]="action.shortcut ?? null"
                (click)="toasts.act(toast.id)"
              >
                {{ action.label }}
              </button>
            }
            <button type="button" class="btn btn-icon" (click)="toasts.close(toast.id)">
              <span aria-hidden="true">×</span>
              <span class="visually-hidden">Dismiss this message</span>
            </button>
          </div>
        }
      </div>
    </section>
  `,
})
export class ToastOutlet {
  protected readonly toasts = inject(Toasts);
}
