// Which images were still processing, kept for a reload of this tab.
import type { Upload } from './queue';

export interface Unfinished {
  readonly imageId: string;
  readonly name: string;
  readonly size: number;
}

const KEY = 'tintype.processing';

/** Keeps the uploads that are processing. */
export function remember(
  storage: Pick<Storage, 'setItem' | 'removeItem'>,
  list: readonly Upload[],
): void {
  const unfinished = list.flatMap(({ stage, name, size }): Unfinished[] =>
    stage.at === 'processing' ? [{ imageId: stage.imageId, name, size }] : [],
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
