// Small pictures of the local files, made one after the other and shown until something better is there.
import { Injectable, signal } from '@angular/core';

const SIDE = 320; // pixels: enough for the tray, and for the gallery while the image processes
const QUALITY = 0.8;
const MOST_BYTES = 25_000_000; // beyond it, the decoded picture costs more memory than the preview is worth

interface Order {
  readonly key: number;
  readonly file: Blob;
}

@Injectable({ providedIn: 'root' })
export class Previews {
  private readonly urls = signal<ReadonlyMap<number, string>>(new Map());
  private readonly keys = signal<ReadonlyMap<string, number>>(new Map());
  private readonly orders: Order[] = [];
  private kept: ReadonlySet<number> = new Set();
  private busy = false;

  /** Returns the address of an upload's preview, as soon as there is one. */
  of(key: number): string | undefined {
    return this.urls().get(key);
  }

  /** Returns the address of an image's preview, if it was uploaded here just now. */
  ofImage(imageId: string): string | undefined {
    const key = this.keys().get(imageId);
    return key === undefined ? undefined : this.of(key);
  }

  make(key: number, file: Blob): void {
    if (file.size > MOST_BYTES) return;
    this.orders.push({ key, file });
    if (!this.busy) void this.work();
  }

  /** Says which image an upload became. */
  name(key: number, imageId: string): void {
    this.keys.update((keys) => new Map(keys).set(imageId, key));
  }

  /** Frees all but these. */
  keep(keys: ReadonlySet<number>): void {
    this.kept = keys;
    const gone = [...this.urls()].filter(([key]) => !keys.has(key));
    if (gone.length === 0) return;
    for (const [, url] of gone) URL.revokeObjectURL(url);
    this.urls.update((urls) => new Map([...urls].filter(([key]) => keys.has(key))));
    this.keys.update((all) => new Map([...all].filter(([, key]) => keys.has(key))));
  }

  private async work(): Promise<void> {
    this.busy = true;
    for (let order = this.orders.shift(); order; order = this.orders.shift()) {
      const { key, file } = order;
      const picture = this.kept.has(key) ? await shrunk(file) : undefined;
      if (!picture || !this.kept.has(key)) continue;
      const url = URL.createObjectURL(picture);
      this.urls.update((urls) => new Map(urls).set(key, url));
    }
    this.busy = false;
  }
}

/** Returns a small picture of a file; undefined if this browser cannot open it, such as HEIC. */
async function shrunk(file: Blob): Promise<Blob | undefined> {
  try {
    const bitmap = await createImageBitmap(file, { resizeWidth: SIDE, resizeQuality: 'medium' });
    try {
      return await encoded(bitmap);
    } finally {
      bitmap.close();
    }
  } catch {
    return undefined;
  }
}

async function encoded(bitmap: ImageBitmap): Promise<Blob | undefined> {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  return canvas.convertToBlob({ type: 'image/webp', quality: QUALITY });
}
