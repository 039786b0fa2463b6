// Which images were still developing, kept for a reload of this tab.
import type { Upload } from './queue';

export interface Unfinished {
  readonly imageId: string;
  readonly name: string;
  readonly size: number;
}

const KEY = 'tintype.developing';

/** Keeps the uploads that are developing. */
export function remember(
  storage: Pick<Storage, 'setItem' | 'removeItem'>,
  list: readonly Upload[],
): void {
  const unfinished = list.flatMap(({ stage, name, size }): Unfinished[] =>
    stage.at === 'developing' ? [{ imageId: stage.imageId, name, size }] : [],
  );
  try {
    if (unfinished.length === 0) storage.removeItem(KEY);
    else storage.setItem(KEY, JSON.stringify(unfinished));
  } catch {
    // A full or forbidden storage costs the tray's memory, not the images.
  }
}

/** Returns what `remember` kept. */
export function recall(storage: Pick<Storage, 'getItem'>): readonly Unfinished[] {
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter(isUnfinished) : [];
  } catch {
    return [];
  }
}

function isUnfinished(value: unknown): value is Unfinished {
  if (typeof value !== 'object' || value === null) return false;
  const one = value as Partial<Record<keyof Unfinished, unknown>>;
  return (
    typeof one.imageId === 'string' && typeof one.name === 'string' && typeof one.size === 'number'
  );
}
