// How much of what one may have one has: a line and a bar for each limit.
import { Component, computed, inject } from '@angular/core';
import { Caller } from '../backend/caller';
import { ProgressBar } from '../shared/progress-bar';
import { formatCount, formatShare } from '../state/formats';

@Component({
  selector: 'tt-quota',
  imports: [ProgressBar],
  template: `
    @for (line of lines(); track line.text) {
      <div class="quota note numbers">
        {{ line.text }}
        <tt-progress [label]="line.text" [percent]="line.percent" />
      </div>
    }
  `,
})
export class Quota {
  private readonly caller = inject(Caller);

  protected readonly lines = computed(() => {
    const { used, limits } = this.caller.me() ?? {};
    if (!used || !limits) return [];
    return [
      {
        text: `${formatCount(used.images)} of ${formatCount(limits.images)} images`,
        percent: percentOf(used.images, limits.images),
      },
      {
        text: formatShare(used.bytes, limits.bytes),
        percent: percentOf(used.bytes, limits.bytes),
      },
    ].flatMap(({ text, percent }) => (percent === null ? [] : [{ text, percent }]));
  });
}

/** Returns how much of a limit is used; null where there is no limit. */
function percentOf(used: number, limit: number): number | null {
  return limit > 0 ? Math.min(100, Math.round((100 * used) / limit)) : null;
}
