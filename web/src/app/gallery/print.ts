// A tile's picture on a canvas, so that its memory goes when the tile goes. Start with `print`.
//
// Chromium keeps what an <img> was decoded to when the element is gone, up to 512 MB of it for a page
// (base/memory/discardable_memory): a thousand tiles that one had scrolled past held 630 MB. A canvas
// holds the pixels of its tile and nothing else. The <img> chooses the file and loads it.

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Returns at which size a file covers a tile of that size in CSS pixels; never larger than the file. */
export function printSize(file: Size, tile: Size, density: number): Size {
  const cover = Math.max(tile.width / file.width, tile.height / file.height);
  const scale = Math.min(1, cover * density);
  const scaled = (side: number): number => Math.max(1, Math.round(side * scale));
  return { width: scaled(file.width), height: scaled(file.height) };
}

/**
 * Puts the picture at an address, which the browser has just loaded, onto a canvas; at the file's
 * own size where none is given. Says whether it could: not if *signal* came first, nor if the picture
 * is of a host that lets pages show its files but not read them.
 */
export async function print(
  address: string,
  canvas: HTMLCanvasElement,
  size: Size | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  if (!isOwn(address)) return false; // asking would be refused, with an error in the console
  try {
    const bitmap = await bitmapOf(address, size, signal);
    const put = !signal.aborted && putOnto(canvas, bitmap);
    if (!put) bitmap.close();
    return put;
  } catch {
    return false;
  }
}

/** Gives a canvas's memory back now, and not when the next garbage is collected. */
export function wipe(canvas: HTMLCanvasElement): void {
  canvas.width = 0;
  canvas.height = 0;
}

function isOwn(address: string): boolean {
  return new URL(address, location.href).origin === location.origin;
}

/** From bytes and not from the element: those are decoded beside the page's thread, and not on it. */
async function bitmapOf(
  address: string,
  size: Size | undefined,
  signal: AbortSignal,
): Promise<ImageBitmap> {
  const answer = await fetch(address, { cache: 'force-cache', signal });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const data = await answer.blob();
  if (!size) return createImageBitmap(data);
  const { width: resizeWidth, height: resizeHeight } = size;
  return createImageBitmap(data, { resizeWidth, resizeHeight, resizeQuality: 'medium' });
}

/** Hands the pixels over; drawing them onto another canvas would hold them twice. */
function putOnto(canvas: HTMLCanvasElement, bitmap: ImageBitmap): boolean {
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext('bitmaprenderer');
  context?.transferFromImageBitmap(bitmap);
  return context !== null;
}
