// Pictures that may be private: without the cookie none is asked for, and no broken picture is seen.
import { Directive, type Signal, computed, inject, input, linkedSignal } from '@angular/core';
import { PictureCookie } from '../backend/picture-cookie';
import { isPrivate } from './addresses';

export interface Gate {
  /** Whether the picture may be asked for: not again, after it was refused, before there is another cookie. */
  readonly open: Signal<boolean>;
  readonly onError: () => void;
}

/** Returns what keeps a picture back while it cannot be had; in an injection context. */
export function gateOf(closable: Signal<boolean>): Gate {
  const cookie = inject(PictureCookie);
  const refused = linkedSignal<number, boolean>({
    source: cookie.times,
    computation: () => false,
  });
  return {
    open: computed(() => !closable() || (cookie.times() > 0 && !refused())),
    onError: () => {
      if (!closable()) return;
      refused.set(true);
      cookie.onFailed();
    },
  };
}

@Directive({
  selector: 'img[ttPicture]',
  host: {
    '[attr.src]': 'gate.open() ? ttPicture() : null',
    '[style.visibility]': "gate.open() ? null : 'hidden'",
    '(error)': 'gate.onError()',
  },
})
export class PrivatePicture {
  /** Its address. */
  readonly ttPicture = input.required<string>();
  protected readonly gate = gateOf(computed(() => isPrivate(this.ttPicture())));
}
