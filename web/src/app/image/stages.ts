// The stages of an image's processing, one after the other, as bars.
import type { Timings } from '../backend/models';

export interface Stage {
  readonly word: string;
  readonly milliseconds: number;
  /** Percent of the whole time: where its bar begins, and how long it is. */
  readonly from: number;
  readonly length: number;
}

const WORDS: readonly (readonly [keyof Timings, string])[] = [
  ['wait', 'Waited'],
  ['read', 'Read'],
  ['render', 'Rendered'],
  ['write', 'Wrote'],
];

/** Returns the stages that are known. */
export function stagesOf(timings: Timings | null | undefined): readonly Stage[] {
  const known = WORDS.flatMap(([name, word]) => {
    const milliseconds = timings?.[name];
    return typeof milliseconds === 'number' ? [{ word, milliseconds }] : [];
  });
  const total = totalOf(known) || 1;
  let before = 0;
  return known.map((one) => {
    const from = (before / total) * 100;
    before += one.milliseconds;
    return { ...one, from, length: (one.milliseconds / total) * 100 };
  });
}

/** Returns the milliseconds of all stages. */
export function totalOf(stages: readonly Pick<Stage, 'milliseconds'>[]): number {
  return stages.reduce((all, one) => all + one.milliseconds, 0);
}
